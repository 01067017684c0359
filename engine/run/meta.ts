import { asProblem, Problem } from '../base/problem.ts'
import { place } from '../base/span.ts'
import { entryName, type Task } from '../book/entry.ts'
import { keywordsThrough } from '../book/level.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { child } from '../lang/node.ts'
import type { Circle, EntriesRunner } from './entries-runner.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'

export const metaActions = [
  'noop',
  'flush_handlers',
  'end_play',
  'end_host',
  'end_batch',
  'clear_facts',
  'clear_host_errors',
  'reset_connection',
  'refresh_inventory',
] as const

export function metaWord(task: Task): string {
  const node = task.args?.kind === 'map' ? child(task.args, 'free_form') : task.args
  return node?.kind === 'scalar' ? node.text : ''
}

/** Done by the first host for all, as in Ansible: its condition decides. */
const forAll = ['end_play', 'end_batch', 'clear_facts', 'clear_host_errors', 'refresh_inventory']
/** These ask for no condition. */
const unconditional = ['noop', 'refresh_inventory', 'reset_connection']

/** `meta:` tasks act on the run itself. Gives the hosts that failed. */
export async function runMeta(
  runner: EntriesRunner,
  task: Task,
  hosts: readonly HostState[],
  circle: Circle,
): Promise<HostState[]> {
  const { context } = runner
  const { session } = context
  const word = metaWord(task)
  const asked = forAll.includes(word) ? hosts.slice(0, 1) : hosts
  const chosen = unconditional.includes(word) ? asked : asked.filter((state) => holds(context, task, state, circle))
  if (unconditional.includes(word) && keywordsThrough(task.levels, 'when').length > 0)
    context.warnOnce(task, `meta: ${word} does not ask for "when": it is always done.`)
  if (chosen.length === 0) return []
  switch (word) {
    case 'noop':
      return []
    case 'flush_handlers':
      return runner.flush(chosen, circle)
    case 'end_host':
      for (const state of chosen) state.ended = true
      return []
    case 'end_batch':
      for (const state of context.batch) state.ended = true
      return []
    case 'end_play':
      for (const state of context.hosts) state.ended = true
      return []
    case 'clear_facts':
      for (const state of context.hosts) {
        state.facts.clear()
        state.factsGathered = false
        state.version++
      }
      return []
    case 'clear_host_errors':
      for (const state of context.hosts) {
        state.failed = false
        state.unreachable = false
        state.forgiven = true
      }
      return []
    case 'refresh_inventory': {
      for (const problem of session.refreshInventory())
        session.emit({ event: 'warning', message: `The inventory stays as it was: ${problem.message}` })
      // Who is gone takes no further part.
      for (const state of context.hosts) if (!session.inventory.host(state.name)) state.ended = true
      return []
    }
    case 'reset_connection':
      for (const state of chosen) {
        await session.connections.reset(state.name)
        state.memory.forgetEverything()
      }
      return []
    default:
      throw new Problem('bad-parameter', `There is no "meta: ${word}".`, {
        at: task.args?.span ?? task.actionSpan,
        hint: `There are: ${metaActions.join(', ')}. The task is "${entryName(task)}".`,
      })
  }
}

/** Its conditions; what is wrong with them is warned of, and leaves the host out. */
function holds(context: PlayContext, task: Task, state: HostState, circle: Circle): boolean {
  try {
    const scope = context.taskScope(state, task, circle.more)
    return keywordsThrough(task.levels, 'when').every((node) => evaluateCondition(node, scope))
  } catch (thrown) {
    const { message } = asProblem(thrown)
    context.session.emit({
      event: 'warning',
      message: context.session.masker.text(`meta: ${metaWord(task)} on ${state.name}: ${message}`),
      place: place(task.span),
    })
    return false
  }
}
