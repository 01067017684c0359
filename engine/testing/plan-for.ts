import { AssertionError } from 'node:assert'
import { Problem, Problems } from '../base/problem.ts'
import type { Change } from '../base/result.ts'
import { TouchedUnknown } from '../base/unknown.ts'
import { checkedParameters } from '../module/checked-parameters.ts'
import type { ActionOutcome, HostDefinition, LocalDefinition, Module, Plan } from '../module/definition.ts'
import { isLocal } from '../module/definition.ts'
import { namesHome, withHomes } from '../module/home-paths.ts'
import { effectsOf, type Step } from '../state/step.ts'
import type { Host } from '../state/view.ts'
import { withHint } from './example-runs.ts'
import { type FakeController, type FakeControllerData, fakeController } from './fake-controller.ts'
import type { FakeHost } from './fake-host.ts'

export type Parameters = Readonly<Record<string, unknown>>

export interface PlanOptions {
  /** As in a dry run. */
  readonly checking?: boolean
  readonly controller?: FakeController | FakeControllerData
}

/** What a module wants to do, with nothing left out: no steps when all is right. */
export interface Planned extends Plan {
  readonly changes: readonly Change[]
  readonly steps: readonly Step[]
  readonly result: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
  /** Nobody can know in a dry run, and why. */
  readonly mayChange?: string
}

/**
 * Checks and completes the parameters as the engine does, looks at the host, and decides. Throws Problems for parameters
 * that a playbook would be refused for.
 */
export async function planFor(
  module: Module,
  params: Parameters,
  host: Host,
  options: PlanOptions = {},
): Promise<Planned> {
  if (isLocal(module))
    throw new Problem('usage', 'This module acts on the controller only, so it has no plan: see outcomeOf.')
  const definition = module as unknown as HostDefinition<unknown, unknown, unknown>
  const checked = completed(module, params)
  const given = namesHome(module, checked) ? await withHomes(module, checked, host) : checked
  const nothing = { changes: [], steps: [], result: {}, warnings: [] }
  try {
    const state = await definition.probe(host, given, controllerOf(options))
    return { ...nothing, ...definition.plan(state, given) }
  } catch (thrown) {
    if (!(thrown instanceof TouchedUnknown)) throw thrown
    return { ...nothing, mayChange: `rests on ${thrown.unknown.reason}` }
  }
}

/** What a module that acts on the controller only comes to. */
export async function outcomeOf(module: Module, params: Parameters, options: PlanOptions = {}): Promise<ActionOutcome> {
  if (!isLocal(module)) throw new Problem('usage', 'This module looks at a host: see planFor.')
  const definition = module as unknown as LocalDefinition<unknown, unknown>
  return definition.local(completed(module, params), controllerOf(options))
}

/**
 * Plans, lays what the steps predict over the fake host, and holds that then there is nothing to do. The host stays so:
 * look at it to see what the steps would leave. Gives the first plan; throws an AssertionError that says what is left.
 */
export async function settles(
  module: Module,
  params: Parameters,
  host: FakeHost,
  options: PlanOptions = {},
): Promise<Planned> {
  const first = await planFor(module, params, host, options)
  const stopped = first.failed ?? first.mayChange
  if (stopped !== undefined) throw new AssertionError({ message: `It comes to no end: ${stopped}` })
  const opaque = first.steps.find((step) => step.opaque)
  if (opaque)
    throw new AssertionError({ message: `Nobody can foresee what "${opaque.show}" does: it is an opaque command.` })
  host.memory.predict(effectsOf(first.steps))
  const second = await planFor(module, params, host, options)
  if (second.failed !== undefined) throw new AssertionError({ message: `Once it is done, it fails: ${second.failed}` })
  if (second.mayChange !== undefined)
    throw new AssertionError({
      message: `The effects of its steps do not tell whether there is still something to do: it ${second.mayChange}.`,
    })
  if (second.steps.length > 0 && !second.repeats)
    throw new AssertionError({
      message: `Once it is done, there is still something to do: ${second.steps.map((step) => step.show).join('; ')}.`,
      actual: second.changes,
      expected: [],
    })
  return first
}

function controllerOf({ checking, controller }: PlanOptions): FakeController {
  const made = controller && 'render' in controller ? controller : fakeController(controller)
  return checking === undefined ? made : { ...made, checking }
}

function completed(module: Module, given: Parameters): unknown {
  const nowhere = { value: () => undefined, key: () => undefined, whole: undefined }
  const { params, problems } = checkedParameters('The module', module, given, nowhere)
  if (problems.length === 0) return params
  throw new Problems(problems.map((problem) => new Problem(problem.code, withHint(problem))))
}
