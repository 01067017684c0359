import pLimit, { type LimitFunction } from 'p-limit'
import { Problem } from '../base/problem.ts'
import { place } from '../base/span.ts'
import { turn } from '../base/turn.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { type Entry, entryName, type Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { moduleFolders } from '../book/read-action.ts'
import { argument } from '../book/read-entries.ts'
import { renderValue } from '../lang/render.ts'
import { isLocal } from '../module/definition.ts'
import type { Circle, EntriesRunner } from './entries-runner.ts'
import type { HostState } from './host-state.ts'
import { includeEntries } from './include.ts'
import { lookAhead } from './look-ahead.ts'
import { runMeta } from './meta.ts'
import type { PlayContext } from './play-context.ts'
import { count } from './tally.ts'
import { booleanKeyword, numberKeyword } from './task-keywords.ts'
import { type Outcome, TaskRunner } from './task-runner.ts'
import { tellRescue } from './tell-rescue.ts'
import { breakOff } from './thresholds.ts'

/** One task, on all the hosts that come to it together. Gives those that failed. */
export async function runTask(
  runner: EntriesRunner,
  task: Task,
  all: readonly HostState[],
  circle: Circle,
): Promise<HostState[]> {
  const { context } = runner
  const { session } = context
  if (!isChosen(context, task)) return []
  const { role } = task
  const hosts = role && !task.handler ? all.filter((state) => !context.hasRun(state, role)) : all
  if (hosts.length === 0) return []
  if (task.action === 'meta') return runMeta(runner, task, hosts, circle)
  const title = titleOf(context, task, hosts[0]!, circle)
  const free = context.play.strategy !== 'linear'
  if (
    !(await session.stepping.wants(`${task.handler ? 'HANDLER' : 'TASK'}: ${title}`, free ? hosts[0]!.name : undefined))
  )
    return []
  const once = await runsOnce(context, task, hosts[0]!, circle)
  const workers = once ? hosts.slice(0, 1) : hosts
  const id = session.nextId()
  session.emit({
    event: 'task_start',
    task: title,
    action: task.action,
    handler: task.handler,
    place: place(task.span),
    id,
  })
  if (task.action === 'include_tasks' || task.action === 'include_role')
    return includeEntries(runner, task, workers, circle, id)
  const throttled = throttle(context, task, hosts[0]!, circle)
  const work = (state: HostState) =>
    runner.limit(async () => {
      // Where all is known ahead, no host waits for anything, from task to task.
      await turn()
      await lookAhead(context, task, state)
      return new TaskRunner(context, task, state, id, circle.more).run()
    })
  const outcomes = await Promise.all(workers.map((state) => (throttled ? throttled(() => work(state)) : work(state))))
  if (once && outcomes[0]) return shareOnce(runner, task, outcomes[0], hosts, circle)
  return outcomes.filter((outcome) => count(runner, task, outcome, circle)).map((outcome) => outcome.state)
}

/** Whether --tags, --skip-tags and --start-at-task let a task run. */
function isChosen(context: PlayContext, task: Task): boolean {
  return !context.passedOver.has(task) && context.isTagged(task)
}

/** What `run_once` says; false where that cannot be told. */
export function asksForOnce(context: PlayContext, entry: Entry, first: HostState, circle: Circle): boolean {
  return safeBoolean(() => booleanKeyword(entry.levels, 'run_once', context.taskScope(first, entry, circle.more)))
}

/** `run_once`, or a module that does its work for all hosts at once; where each host goes its own way there is no "once". */
async function runsOnce(context: PlayContext, task: Task, first: HostState, circle: Circle): Promise<boolean> {
  const asked = asksForOnce(context, task, first, circle)
  if (context.play.strategy !== 'linear') {
    if (asked) context.warnOnce(task, 'run_once has no effect with the strategy free: every host runs the task.')
    return false
  }
  if (asked || task.action === 'include_tasks' || task.action === 'include_role') return asked
  try {
    const folders = moduleFolders(task, context.play.folder)
    const module = await context.session.registry.load(task.action, folders, task.actionSpan)
    return isLocal(module) && module.once === true
  } catch (thrown) {
    // The task itself says so.
    if (thrown instanceof Problem) return false
    throw thrown
  }
}

/** So many hosts at once; hosts that go their own way share the limit too. */
function throttle(context: PlayContext, task: Task, first: HostState, circle: Circle): LimitFunction | undefined {
  const levels = task.levels.filter((level) => level.bearer !== 'block')
  const width = numberKeyword(levels, 'throttle', context.taskScope(first, task, circle.more)) ?? 0
  if (width <= 0) return undefined
  let limit = context.throttles.get(task)
  if (!limit) {
    limit = pLimit(width)
    context.throttles.set(task, limit)
  }
  return limit
}

/** run_once: the one host's result is everyone's; its failure too. */
function shareOnce(
  runner: EntriesRunner,
  task: Task,
  outcome: Outcome,
  hosts: readonly HostState[],
  circle: Circle,
): HostState[] {
  const failed = count(runner, task, outcome, circle)
  // As in Ansible: who should have done it for all is not there.
  if (outcome.status === 'unreachable' && !ignoresErrors(runner.context, task, outcome.state, circle))
    breakOff(runner.context, `${outcome.state.name} cannot be reached, and was to do "${entryName(task)}" for all.`)
  for (const state of hosts) {
    if (state === outcome.state) continue
    if (task.register !== undefined) state.set('set_fact', { [task.register]: outcome.registered })
    outcome.sets?.(state)
    if (failed && circle.rescuable) tellRescue(runner.context, task, state, outcome.registered, circle.more)
  }
  return failed ? [...hosts] : []
}

function ignoresErrors(context: PlayContext, task: Task, state: HostState, circle: Circle): boolean {
  return safeBoolean(() => booleanKeyword(task.levels, 'ignore_errors', context.taskScope(state, task, circle.more)))
}

function titleOf(context: PlayContext, task: Task, state: HostState, circle: Circle): string {
  const node = keywordOf([task.own], 'name')
  const role = task.role ? `${task.role.role.name} : ` : ''
  if (!node) {
    const included = task.action === 'include_role' ? (argument(task, 'name') ?? argument(task, 'role')) : undefined
    return included?.kind === 'scalar' ? `include_role : ${included.text}` : role + task.action
  }
  try {
    const value = renderValue(node, context.taskScope(state, task, circle.more))
    return role + context.session.masker.text(isUnknown(value) ? entryName(task) : String(value))
  } catch (thrown) {
    // A name with an item or a register in it is shown as written.
    if (thrown instanceof Problem || thrown instanceof TouchedUnknown) return role + entryName(task)
    throw thrown
  }
}

function safeBoolean(work: () => boolean | undefined): boolean {
  try {
    return work() ?? false
  } catch (thrown) {
    if (thrown instanceof Problem || thrown instanceof TouchedUnknown) return false
    throw thrown
  }
}
