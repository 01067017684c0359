import { Problem } from '../base/problem.ts'
import type { Result } from '../base/result.ts'
import { findUnknown, TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { JobState } from '../state/background-job.ts'
import type { Effect } from '../state/effect.ts'
import type { Foresight } from '../state/foresight.ts'
import type { HostMemory } from '../state/host-memory.ts'
import { effectsOf, type Step } from '../state/step.ts'
import { View } from '../state/view.ts'
import type { Become, Connection, Reply } from '../wire/connection.ts'
import { auditPlan } from './audit.ts'
import { awaitJob, type Background, jobResult, launch } from './background.ts'
import type { Controller } from './controller.ts'
import type { ActionOutcome, HostDefinition, Module, Plan, RunRequest } from './definition.ts'
import { isLocal, onlyLooks } from './definition.ts'
import type { EarlyProbe, ProbeParts } from './early-probe.ts'
import { namesHome, withHomes } from './home-paths.ts'
import { type Means, perform, seenAfter } from './perform.ts'
import type { MadeAhead } from './shared-trip.ts'

export interface Circumstances extends Pick<Means, 'askedAfter' | 'company'> {
  /** The inventory's name of the host that is looked at and changed. */
  readonly host: string
  readonly connection: () => Promise<Connection>
  readonly as?: Become | undefined
  /** Gives the probe that was started ahead, when it stands for the one to be made. */
  readonly early?: ((parts: ProbeParts) => EarlyProbe | undefined) | undefined
  /** Gives what was made before the task's turn, in a round trip with what came before. */
  readonly madeAhead?: ((parts: ProbeParts) => MadeAhead | undefined) | undefined
  /** Tells ways to reach the host apart. */
  readonly way?: string | undefined
  readonly memory: HostMemory
  /** Whether any host of the run has changes that this dry run did not make; default: whether this one has. */
  readonly unmade?: () => boolean
  readonly controller: Controller
  readonly checking: boolean
  /** Only this task is checked, in a run that is none: those after it must not take what it would do for done. */
  readonly alone?: boolean | undefined
  /** After doing, look again: the plan must be empty and the predictions true. */
  readonly verify?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the steps. */
  readonly timeout?: number | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** The steps are done by a job of their own, which a lost connection does not end. */
  readonly background?: Background | undefined
  readonly onProgress?: ((what: string, done: number, total: number | undefined) => void) | undefined
  /** Asked before the steps are done; throws a Problem to keep them from it. */
  readonly approve?: ((plan: Plan) => void) | undefined
}

export interface Ended {
  readonly result: Result
  /** What was (or would be) done, for -vvv and for plans. */
  readonly steps: readonly Step[]
  readonly sets?: ActionOutcome['sets']
  readonly request?: RunRequest
  readonly warnings: readonly string[]
  readonly hint?: string
}

type HostModule = HostDefinition<unknown, unknown, unknown>

/**
 * Looks, decides, and, unless checking, does. A `failed` result is a result; what throws is a Problem (a step that
 * failed, a lost host, a look that was refused).
 */
export async function runModule(module: Module, given: unknown, circumstances: Circumstances): Promise<Ended> {
  if (isLocal(module)) return runLocal(module as never, given, circumstances)
  const definition = module as unknown as HostModule
  const view = new View({ ...circumstances, name: circumstances.host })
  let plan: Plan
  let state: unknown
  const named = namesHome(module, given) ? await withHomes(module, given, view) : given
  const parts: ProbeParts = { ...circumstances, module: definition, params: named, view }
  const ahead = circumstances.madeAhead?.(parts)
  const params = ahead?.params ?? named
  const untold = (unknown: Unknown) =>
    onlyLooks(module, params) ? unverified(unknown.reason) : mayChange(unknown, circumstances)
  const unknown = definition.foreseeNew && findUnknown(params)
  if (unknown) {
    const news = unknown.fresh ? await definition.foreseeNew?.(view, params) : undefined
    return news ? foreseen(unknown, news, circumstances) : untold(unknown)
  }
  // Services of other hosts are what it looks at too.
  const early = definition.volatile && (circumstances.unmade?.() ?? circumstances.memory.unmade > 0)
  try {
    if (ahead) plan = ahead.plan
    else {
      state = await probed(parts, circumstances.early)
      plan = definition.plan(state, params)
    }
  } catch (thrown) {
    if (thrown instanceof TouchedUnknown) return untold(thrown.unknown)
    if (circumstances.checking && early && thrown instanceof Problem) {
      return untold(new Unknown(`changes that a dry run does not make (now: ${thrown.message})`))
    }
    throw thrown
  }
  if (plan.failed !== undefined && circumstances.checking && early) {
    return untold(new Unknown(`changes that a dry run does not make (now: ${plan.failed})`))
  }
  // A folder that is missing now may come with a package, or be made by a command.
  if (plan.failed !== undefined && circumstances.checking && circumstances.memory.vague !== undefined) {
    return untold(new Unknown(`${circumstances.memory.vague} (now: ${plan.failed})`))
  }
  const steps = plan.steps ?? []
  const base: Result = { changed: steps.length > 0, ...plan.result }
  if (plan.changes && plan.changes.length > 0) base.diff = [...plan.changes]
  const ended = (result: Result): Ended => ({
    result,
    steps,
    warnings: plan.warnings ?? [],
    ...(plan.hint === undefined ? {} : { hint: plan.hint }),
  })
  const decided = decidedResult(plan, base)
  // A plan was made with foresight, so what is held against it is too.
  const foresight =
    !decided && steps.length > 0 && (circumstances.checking || circumstances.approve)
      ? await definition.foresee?.(view, state, plan, params)
      : undefined
  if (!decided && !circumstances.checking && steps.length > 0)
    circumstances.approve?.(foresight?.changes ? { ...plan, changes: foresight.changes } : plan)
  const { background } = circumstances
  // Nobody waits for it, so even what needs no job must be there for who asks later.
  if (background?.poll === 0)
    return ended(
      circumstances.checking
        ? unborn(decided ?? (steps.length === 0 ? base : predicted(base, steps, circumstances)))
        : await launch(decided ? [] : steps, decided ?? base, params, { ...circumstances, background }),
    )
  if (decided) return ended(decided)
  if (plan.mayChange !== undefined && circumstances.checking) {
    foretell(steps, circumstances)
    return ended({ ...base, changed: false, may_change: plan.mayChange })
  }
  if (steps.length === 0) return ended(base)
  if (circumstances.checking) {
    if (foresight?.failed === undefined) return ended(predicted(base, steps, circumstances, foresight))
    const { failed, hint } = foresight
    return { ...ended(failedResult(base, failed)), ...(hint === undefined ? {} : { hint }) }
  }
  let replies: readonly Reply[]
  let job: Partial<Result> = {}
  if (background) {
    const { ansible_job_id, results_file } = await launch(steps, base, params, { ...circumstances, background })
    job = { ansible_job_id, results_file, started: 1, finished: 1 }
    const end = await awaitJob(steps, { ...circumstances, background })
    if ('expired' in end) return ended(late(background, end.expired, job))
    replies = end.replies
  } else replies = ahead ? ahead.arrival() : await perform(steps, parts, circumstances)
  const later = await seenAfter(plan, replies, { ...parts, params }, circumstances.askedAfter)
  const result: Result = { ...base, ...later, ...job }
  if (circumstances.verify && !result.failed && !steps.some((step) => step.opaque)) {
    await auditPlan(definition, params, view, circumstances.controller, steps, circumstances.memory)
  }
  return ended(result)
}

async function probed(parts: ProbeParts, early: Circumstances['early']): Promise<unknown> {
  const again = () => parts.module.probe(parts.view, parts.params, parts.controller)
  const before = early?.(parts)
  return before ? before.state.catch(again) : again()
}

/** The result of a plan that says itself what came of it. */
function decidedResult(plan: Plan, base: Result): Result | undefined {
  if (plan.failed !== undefined) return failedResult(base, plan.failed)
  if (plan.skipped !== undefined)
    return { ...base, changed: false, skipped: true, skip_reason: plan.skipped, msg: plan.skipped }
  return undefined
}

const failedResult = (base: Result, msg: string): Result => ({ ...base, changed: false, failed: true, msg })

/** A dry run's result of a job that would be started. */
function unborn(result: Result): Result {
  if (result.failed || result.skipped) return result
  const id = new Unknown('the id of a job that a dry run does not start')
  return { ...result, started: 1, finished: 0, ansible_job_id: id, results_file: id }
}

/** Ansible's words for a job that took too long; other ends have words of their own. */
function late(background: Background, job: JobState, known: Partial<Result>): Result {
  const about = { ...jobResult(background.id, job), ...known }
  if (job.state === 'missing' || job.state === 'lost') return about
  const msg = `async task did not complete within the requested time - ${background.seconds}s`
  return { changed: false, failed: true, msg, async_result: { ...about, finished: 0 } }
}

async function runLocal(
  module: { local(params: unknown, controller: Controller): unknown },
  params: unknown,
  circumstances: Circumstances,
): Promise<Ended> {
  const outcome = (await module.local(params, circumstances.controller)) as ActionOutcome
  const result: Result = { changed: outcome.changed ?? false, ...outcome.result }
  if (outcome.failed !== undefined) Object.assign(result, { failed: true, changed: false, msg: outcome.failed })
  if (outcome.skipped !== undefined)
    Object.assign(result, { skipped: true, changed: false, skip_reason: outcome.skipped })
  return {
    result,
    steps: [],
    warnings: [],
    ...(outcome.sets === undefined ? {} : { sets: outcome.sets }),
    ...(outcome.request === undefined ? {} : { request: outcome.request }),
    ...(outcome.hint === undefined ? {} : { hint: outcome.hint }),
  }
}

/** For the tasks after it in a dry run, what these steps would do is done. */
function foretell(
  steps: readonly Step[],
  { alone, memory }: Circumstances,
  effects: readonly Effect[] = effectsOf(steps),
): void {
  if (alone) return
  memory.unmade++
  memory.predict(effects)
}

/** A dry run's result of a task that would do something. */
function predicted(
  base: Result,
  steps: readonly Step[],
  circumstances: Circumstances,
  foresight: Foresight = {},
): Result {
  foretell(steps, circumstances, foresight.effects)
  const opaque = steps.find((step) => step.opaque)
  if (!opaque) return foresight.changes ? { ...base, diff: [...foresight.changes] } : base
  const output = new Unknown(`the output of "${opaque.show}", which does not run in a dry run`)
  return {
    ...base,
    changed: false,
    may_change: `would run: ${opaque.show}`,
    rc: output as never,
    stdout: output as never,
    stderr: output as never,
    stdout_lines: output as never,
    stderr_lines: output as never,
  }
}

/** A dry run came to something that is surely new, and the module knows where. */
function foreseen({ reason }: Unknown, { changes = [], effects = [] }: Foresight, circumstances: Circumstances): Ended {
  foretell([], circumstances, effects)
  return { result: { changed: true, msg: reason, diff: [...changes] }, steps: [], warnings: [] }
}

/** A look that a dry run cannot make yet: it changes nothing, whatever it will see. */
function unverified(reason: string): Ended {
  return { result: { changed: false, unverified: `rests on ${reason}` }, steps: [], warnings: [] }
}

/** A dry run came to something nobody can know yet. */
function mayChange(unknown: Unknown, { alone, memory }: Circumstances): Ended {
  if (!alone) memory.unmade++
  const result: Result = unknown.fresh
    ? { changed: true, msg: unknown.reason }
    : { changed: false, may_change: `rests on ${unknown.reason}` }
  return { result, steps: [], warnings: [] }
}
