import { Problem } from '../base/problem.ts'
import { findUnknown, TouchedUnknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { keywordsThrough } from '../book/level.ts'
import { moduleFolders } from '../book/read-action.ts'
import { evaluateCondition } from '../lang/condition.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import type { HostDefinition, Module } from '../module/definition.ts'
import { isLocal } from '../module/definition.ts'
import { EarlyProbe, type ProbeParts } from '../module/early-probe.ts'
import { namesHome } from '../module/home-paths.ts'
import { View, type ViewParts } from '../state/view.ts'
import type { HostState } from './host-state.ts'
import { itemLayer, loopControl, loopItems } from './loop-items.ts'
import type { PlayContext } from './play-context.ts'
import { resolveArguments } from './task-arguments.ts'
import { controllerFor } from './task-controller.ts'
import { booleanKeyword, environmentOf, reachKeywords, textKeyword } from './task-keywords.ts'

/** Tasks looked at together; more would only make a look's script longer than it needs to be. */
const FURTHEST = 400
const MOST_ITEMS = 50
/** A task whose parameters were not known the first time is tried once more. */
const TRIES = 2

type HostModule = HostDefinition<unknown, unknown, unknown>

/**
 * Starts the probes of the tasks that follow, for one host, so that their looks share round trips. Only warms the host's
 * memory: what it finds, and what goes wrong here, is met again by the task itself.
 */
export async function lookAhead(context: PlayContext, task: Task, state: HostState): Promise<void> {
  const { session } = context
  if (!session.options.lookAhead || session.options.verify || task.handler) return
  // A job in the background may change anything before the tasks that follow.
  if (state.memory.jobs.size > 0) return
  if (state.memory.generation !== state.lookedAtGeneration) {
    state.lookedAtGeneration = state.memory.generation
    state.lookedAhead.clear()
    state.forgetEarly()
  }
  if ((state.lookedAhead.get(task) ?? 0) >= TRIES) return
  const begun: Promise<unknown>[] = []
  for (const { context: at, task: next } of upcoming(context, task, state)) {
    if (begun.length >= FURTHEST) break
    const tries = state.lookedAhead.get(next) ?? 0
    if (tries >= TRIES) continue
    state.lookedAhead.set(next, TRIES)
    state.forgetEarly(next)
    const module = await loaded(at, next)
    if (!module) continue
    const scope = at.taskScope(state, next, [], true)
    if (conditionOf(next, scope) === false) continue
    if (isOpaque(next)) break
    if (isLocal(module) || (module as { volatile?: boolean }).volatile) continue
    const probes = probesOf(at, next, state, module as unknown as HostModule, scope) ?? []
    // What it needs may be known when its turn comes, or that of one before.
    const again = () => state.lookedAhead.set(next, tries + 1)
    if (probes.length === 0) again()
    else begun.push(Promise.all(probes).catch(again))
  }
  await Promise.all(begun)
}

/**
 * The same for the items of a loop that come next, a bunch at a time: those at the beginning were looked at with the tasks
 * ahead, unless nobody could see that the task would come (a dynamic include).
 */
export async function lookAheadInLoop(
  context: PlayContext,
  task: Task,
  state: HostState,
  loop: { readonly items: readonly unknown[]; readonly from: number; readonly more: readonly Layer[] },
): Promise<void> {
  const { session } = context
  if (loop.from % MOST_ITEMS !== 0 || !session.options.lookAhead || session.options.verify) return
  if (loop.from === 0 && state.lookedAhead.has(task)) return
  if (state.memory.jobs.size > 0 || isOpaque(task)) return
  const module = await loaded(context, task)
  if (!module || isLocal(module) || (module as { volatile?: boolean }).volatile) return
  const scope = context.taskScope(state, task, loop.more, true)
  const probes = quietlySync(() => {
    if (isElsewhere(context, task, state, scope)) return []
    return itemProbes(context, task, state, module as unknown as HostModule, scope, loop)
  })
  await Promise.allSettled(probes ?? [])
}

/** The tasks from here to the end of the run that this host will meet. */
function* upcoming(
  context: PlayContext,
  task: Task,
  state: HostState,
): Generator<{ context: PlayContext; task: Task }> {
  const { contexts } = context.session
  for (let index = contexts.indexOf(context); index >= 0 && index < contexts.length; index++) {
    const at = contexts[index]!
    if (!at.hosts.includes(state)) continue
    const from = at === context ? at.flat.indexOf(task) : 0
    for (const next of at.flat.slice(Math.max(from, 0))) {
      if (at.passedOver.has(next)) continue
      if (at.isTagged(next)) yield { context: at, task: next }
    }
  }
}

/** The module of a task, if it is one of a host's; undefined where the task itself will say what is wrong. */
export async function loaded(context: PlayContext, task: Task): Promise<Module | undefined> {
  if (['meta', 'include_tasks', 'include_role'].includes(task.action)) return undefined
  return quietly(() => context.session.registry.load(task.action, moduleFolders(task, context.play.folder)))
}

/** A command's run empties the memory: looking further before it would be for nothing. */
function isOpaque(task: Task): boolean {
  if (!['command', 'shell', 'script', 'raw'].includes(task.action)) return false
  const words = JSON.stringify(
    [task.args, task.moreArgs].map((node) =>
      node?.kind === 'map' ? node.pairs.map((pair) => pair.key.text) : node?.kind === 'scalar' ? node.text : '',
    ),
  )
  return !/creates|removes/.test(words)
}

/** Whether a task runs, as far as it is known. */
export function conditionOf(task: Task, scope: Scope): boolean | undefined {
  return quietlySync(() => keywordsThrough(task.levels, 'when').every((node) => evaluateCondition(node, scope)))
}

function probesOf(
  context: PlayContext,
  task: Task,
  state: HostState,
  module: HostModule,
  scope: Scope,
): Promise<unknown>[] | undefined {
  return quietlySync(() => {
    if (isElsewhere(context, task, state, scope)) return undefined
    if (!task.loop) return [probe(context, task, state, module, scope)].filter((one) => one !== undefined)
    const items = loopItems(task, scope, context.play.folder)!
    return itemProbes(context, task, state, module, scope, { items, from: 0, more: [] })
  })
}

/** Whether another host does the task, or none for this one. */
function isElsewhere(context: PlayContext, task: Task, state: HostState, scope: Scope): boolean {
  if (task.local || textKeyword(task.levels, 'delegate_to', scope) !== undefined) return true
  return booleanKeyword(task.levels, 'run_once', scope) === true && context.hosts[0] !== state
}

function itemProbes(
  context: PlayContext,
  task: Task,
  state: HostState,
  module: HostModule,
  scope: Scope,
  { items, from, more }: { items: readonly unknown[]; from: number; more: readonly Layer[] },
): Promise<unknown>[] {
  const control = loopControl(task, scope)
  return items
    .slice(from, from + MOST_ITEMS)
    .map((_, index) => {
      const layers = [...more, itemLayer(control, items, from + index)]
      return probe(context, task, state, module, context.taskScope(state, task, layers, true))
    })
    .filter((one) => one !== undefined)
}

function probe(
  context: PlayContext,
  task: Task,
  state: HostState,
  module: HostModule,
  scope: Scope,
): Promise<unknown> | undefined {
  if (task.loop && conditionOf(task, scope) === false) return undefined
  const parts = partsAhead({ context, task, state, module }, scope, { memory: state.memory, ahead: true })
  if (!parts) return undefined
  const early = new EarlyProbe(parts)
  state.addEarly(task, early)
  return early.state
}

/** What a task's probe is made with before its turn; undefined where that is not known yet. */
export function partsAhead(
  { context, task, state, module }: { context: PlayContext; task: Task; state: HostState; module: HostModule },
  scope: Scope,
  { memory, ahead }: Pick<ViewParts, 'memory' | 'ahead'>,
): ProbeParts | undefined {
  const { session } = context
  const { params, problems } = resolveArguments(task, module as unknown as Module, scope, { keepUnknown: true })
  if (problems.length > 0 || findUnknown(params)) return undefined
  // A look of its own would have to come first.
  if (namesHome(module as unknown as Module, params)) return undefined
  const reach = session.connections.reach(state.name, scope, reachKeywords(task.levels, scope))
  const view = new View({
    name: state.name,
    connection: reach.connection,
    as: reach.as,
    way: reach.way,
    memory,
    ahead,
    signal: session.abandon.signal,
    environment: environmentOf(task, scope),
  })
  const checking = booleanKeyword(task.levels, 'check_mode', scope) ?? session.options.check
  const controller = controllerFor({
    session,
    task,
    playbookDir: context.play.folder,
    scope,
    host: state.name,
    checking,
    connection: reach.facts,
    quiet: true,
  })
  return { module, params, view, controller, memory }
}

/** Looking ahead has no voice: the task itself says what is wrong when its turn comes. */
async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined
    throw thrown
  }
}

function quietlySync<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof Problem || thrown instanceof TouchedUnknown) return undefined
    throw thrown
  }
}
