import { asProblem, Problem } from '../base/problem.ts'
import { place } from '../base/span.ts'
import { entryName, type Task } from '../book/entry.ts'
import { keywordsThrough } from '../book/level.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { child } from '../lang/node.ts'
import type { Circle, EntriesRunner } from './entries-runner.ts'
import type { HostState } from './host-state.ts'

export const metaActions = [
  'noop',
  'flush_handlers',
  'end_play',
  'end_host',
  'end_batch',
  'clear_facts',
  'clear_host_errors',
  'reset_connection',
] as const

export function metaWord(task: Task): string {
  const node = task.args?.kind === 'map' ? child(task.args, 'free_form') : task.args
  return node?.kind === 'scalar' ? node.text : ''
}

/** `meta:` tasks act on the run itself. Gives the hosts that failed. */
export async function runMeta(
  runner: EntriesRunner,
  task: Task,
  hosts: readonly HostState[],
  circle: Circle,
): Promise<HostState[]> {
  const { context } = runner
  const word = metaWord(task)
  const chosen: HostState[] = []
  for (const state of hosts) {
    try {
      const scope = context.taskScope(state, task, circle.more)
      if (keywordsThrough(task.levels, 'when').every((node) => evaluateCondition(node, scope))) chosen.push(state)
    } catch (thrown) {
      const problem = asProblem(thrown)
      context.session.emit({
        event: 'warning',
        message: `meta: ${word} on ${state.name}: ${problem.message}`,
        place: place(task.span),
      })
    }
  }
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
      for (const state of chosen) {
        state.facts.clear()
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
    case 'reset_connection':
      for (const state of chosen) {
        await context.session.connections.reset(state.name)
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
