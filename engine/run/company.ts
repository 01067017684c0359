import { Problem } from '../base/problem.ts'
import { findUnknown, TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { impureCalls } from '../lang/functions/call.ts'
import type { Node } from '../lang/node.ts'
import type { Layer } from '../lang/scope.ts'
import { layer, type Variables } from '../lang/variables.ts'
import { type HostDefinition, isLocal, type Plan } from '../module/definition.ts'
import type { ProbeParts } from '../module/early-probe.ts'
import { type Companion, fitting, isContained, isShareable, MadeAhead } from '../module/shared-trip.ts'
import { ForeseenMemory } from '../state/foreseen-memory.ts'
import type { HostMemory } from '../state/host-memory.ts'
import { effectsOf, type Step } from '../state/step.ts'
import type { HostState } from './host-state.ts'
import { conditionOf, loaded, partsAhead } from './look-ahead.ts'
import { itemLayer, loopControl } from './loop-items.ts'
import { MAGIC } from './magic.ts'
import type { PlayContext } from './play-context.ts'

/** So many tasks, or items of a loop, in one round trip. */
const MOST = 50

/** A task to come, or an item of the loop at work. */
interface Coming {
  readonly task: Task
  readonly scope: Variables
  /** Nothing may go along behind it: how it ends is not known before its turn. */
  readonly last: boolean
}

export interface Loop {
  readonly items: readonly unknown[]
  /** The first that is not begun. */
  readonly from: number
  /** Variables of dynamic includes around. */
  readonly more: readonly Layer[]
}

/**
 * Those of the tasks to come on a host, or of the items of a loop, whose steps may go in one round trip with the steps of the one
 * at work: what they will be is known already, whatever comes of it. They are decided as in a dry run, on what the host has
 * said and the steps before them predict; the first for which that does not suffice ends it. Nothing is asked of the host.
 */
export async function companyOf(
  { context, task, state, loop }: { context: PlayContext; task: Task; state: HostState; loop: Loop | undefined },
  steps: readonly Step[],
  way: string,
): Promise<Companion[]> {
  const { session } = context
  const { options } = session
  // Who is asked before each step, or looks behind each, does them one by one.
  if (!options.lookAhead || options.check || options.verify || options.step || options.approve) return []
  if (session.interrupted || state.memory.jobs.size > 0) return []
  const unsettled = new Unsettled()
  const coming = loop ? itemsToCome(context, task, state, loop) : tasksToCome(context, task, state, unsettled)
  // Made when there is somebody to ask it: most tasks that stand alone need none.
  let memory: ForeseenMemory | undefined
  const found: Foreseen[] = []
  for (const one of coming) {
    const before = impureCalls.count
    const runs = conditionOf(one.task, one.scope)
    // What is another each time it is asked for is not what its turn will find.
    if (impureCalls.count !== before) break
    if (runs === false) {
      // Other hosts may do it, and learn from it.
      unsettled.others = true
      continue
    }
    if (!runs) break
    memory ??= foreseenAfter(state.memory, steps)
    const next = await foreseen(context, one, state, memory, way)
    if (!next) break
    memory.predict(effectsOf(next.steps))
    found.push(next)
    if (one.last || found.length >= MOST) break
  }
  const taken = fitting(found)
  // What needs nothing done has its turn anyway.
  while (taken.at(-1)?.steps.length === 0) taken.pop()
  return taken.map(({ task: of, parts, plan, steps: own }) => {
    // Its early look is not needed any more.
    state.takeEarly(of, parts)
    return {
      module: parts.module,
      params: parts.params,
      steps: own,
      made: (arrival) => state.addMadeAhead(of, new MadeAhead(parts, plan, arrival)),
    }
  })
}

function foreseenAfter(today: HostMemory, steps: readonly Step[]): ForeseenMemory {
  const memory = new ForeseenMemory(today)
  memory.predict(effectsOf(steps))
  return memory
}

interface Foreseen {
  readonly task: Task
  readonly parts: ProbeParts
  readonly plan: Plan
  readonly steps: readonly Step[]
}

/** What a task will do, where that is sure. */
async function foreseen(
  context: PlayContext,
  { task, scope }: Coming,
  state: HostState,
  memory: ForeseenMemory,
  way: string,
): Promise<Foreseen | undefined> {
  try {
    const found = await loaded(context, task)
    if (!found || isLocal(found)) return undefined
    const module = found as unknown as HostDefinition<unknown, unknown, unknown>
    if (module.volatile) return undefined
    const before = impureCalls.count
    const parts = partsAhead({ context, task, state, module }, scope, { memory })
    if (!parts || impureCalls.count !== before || parts.view.way !== way) return undefined
    const { params, view, controller } = parts
    memory.touched = false
    memory.guessed.clear()
    const plan = module.plan(await module.probe(view, params, controller), params)
    const steps = plan.steps ?? []
    if (memory.unsure || plan.failed !== undefined || plan.mayChange !== undefined) return undefined
    if (findUnknown([plan.result, plan.changes]) || plan.result?.['ansible_facts'] !== undefined) return undefined
    if (altersGuessed(params as Readonly<Record<string, unknown>>, memory)) return undefined
    if (steps.length === 0 ? memory.touched : plan.skipped !== undefined || !isContained(module, params))
      return undefined
    return isShareable(steps) ? { task, parts, plan, steps } : undefined
  } catch (thrown) {
    // Its turn will tell.
    if (thrown instanceof Problem || thrown instanceof TouchedUnknown || memory.unsure) return undefined
    throw thrown
  }
}

/** The items behind, each by itself: how one ends is nothing to the next. */
function* itemsToCome(
  context: PlayContext,
  task: Task,
  state: HostState,
  { items, from, more }: Loop,
): Generator<Coming> {
  if (isOnItsOwn(task)) return
  const control = loopControl(task, context.taskScope(state, task, more, true))
  if (control.pause > 0) return
  for (let index = from; index < items.length; index++) {
    const scope = context.taskScope(state, task, [...more, itemLayer(control, items, index)], true)
    yield { task, scope, last: false }
  }
}

/** The tasks that follow where all goes well, up to the first that something else may come before. */
function* tasksToCome(context: PlayContext, task: Task, state: HostState, unsettled: Unsettled): Generator<Coming> {
  if (task.loop || isOnItsOwn(task) || mayEndOtherwise(task)) return
  const roles = [task.role]
  let before = task
  for (;;) {
    if (before.register !== undefined) unsettled.names.add(before.register)
    const next = context.successors.get(before)
    if (!next) return
    before = next
    if (context.passedOver.has(next) || !context.isTagged(next)) continue
    if (next.loop || next.action === 'meta' || isOnItsOwn(next)) return
    const { role } = next
    // Once is enough for a role: whether it runs again rests on what comes first.
    if (role && (context.hasRun(state, role) || roles.some((one) => one !== role && one?.identity === role.identity)))
      return
    roles.push(role)
    const scope = context.taskScope(state, next, [unsettled.layer()], true)
    yield { task: next, scope, last: mayEndOtherwise(next) }
  }
}

/** Variables that nobody knows before the tasks in front have ended. */
class Unsettled {
  /** What they register. */
  readonly names = new Set<string>()
  /** Whether other hosts may know something new then. */
  others = false

  layer(): Layer {
    const unknown = new Unknown('what comes of the tasks before')
    const names = [...this.names, 'ansible_play_hosts', 'ansible_play_batch', 'play_hosts']
    if (this.names.size > 0 || this.others) names.push('hostvars', 'vars', 'groups', 'group_names')
    return layer(MAGIC + 1, 'what is not settled', Object.fromEntries(names.map((name) => [name, unknown])))
  }
}

/** Whether it says whose a file is, or how open, of which that is only guessed. */
function altersGuessed(params: Readonly<Record<string, unknown>>, { guessed }: ForeseenMemory): boolean {
  const says = ['owner', 'group', 'mode'].some((name) => params[name] !== undefined)
  return says && Object.values(params).some((value) => guessed.has(String(value)))
}

/** Whether it waits for something, is done elsewhere, or for others, or may end the play for all hosts. */
function isOnItsOwn(task: Task): boolean {
  if (task.local || task.handler) return true
  const { keywords } = task.own
  if (['until', 'async', 'timeout'].some((word) => keywords.has(word))) return true
  if (
    ['delegate_to', 'run_once', 'throttle', 'timeout', 'check_mode'].some(
      (word) => keywordOf(task.levels, word) !== undefined,
    )
  )
    return true
  if (task.loop) return false
  return ['any_errors_fatal', 'max_fail_percentage'].some((word) => {
    const node = keywordOf(task.levels, word)
    return node !== undefined && !(node.kind === 'scalar' && node.value === false)
  })
}

/** Whether it may fail though all its steps are made. */
function mayEndOtherwise(task: Task): boolean {
  const { keywords } = task.own
  if (keywords.has('failed_when') || keywords.has('changed_when')) return true
  const notify = keywordOf(task.levels, 'notify')
  return notify !== undefined && isFilledIn(notify)
}

function isFilledIn(node: Node): boolean {
  if (node.kind === 'seq') return node.items.some(isFilledIn)
  return node.kind !== 'scalar' || String(node.value).includes('{{')
}
