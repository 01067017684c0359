import { type Entry, entryName } from '../book/entry.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { booleanKeyword, numberKeyword } from './task-keywords.ts'

/** Whether these failures end it for the hosts that are still alive, and why. */
export function fatal(
  context: PlayContext,
  entry: Entry,
  lost: readonly HostState[],
  alive: readonly HostState[],
): string | undefined {
  if (alive.length === 0 || lost.length === 0) return undefined
  // Each host goes its own way: what happens to one is nothing to the others.
  if (context.play.strategy !== 'linear') return undefined
  const scope = context.taskScope(alive[0]!, entry)
  if (booleanKeyword(entry.levels, 'any_errors_fatal', scope)) {
    const names = lost.map((state) => state.name).join(', ')
    return `${names} failed in "${entryName(entry)}" and any_errors_fatal is set.`
  }
  const most = numberKeyword(entry.levels, 'max_fail_percentage', scope)
  if (most === undefined) return undefined
  const { batch, session } = context
  // As Ansible counts: all that have failed in the run so far, of the hosts of this batch.
  const failed = [...session.states].filter((state) => state.failed || context.lost.has(state)).length
  return (failed / batch.length) * 100 > most
    ? `${failed} of ${batch.length} hosts failed, more than max_fail_percentage ${most}.`
    : undefined
}
