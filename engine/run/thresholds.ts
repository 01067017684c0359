import { type Entry, entryName } from '../book/entry.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { booleanKeyword, numberKeyword } from './task-keywords.ts'

/** What has just gone wrong, and for whom. */
export interface Losses {
  readonly failed: readonly HostState[]
  readonly unreachable: readonly HostState[]
}

/**
 * any_errors_fatal and max_fail_percentage: when these losses are too many, the play ends at once for all hosts of the
 * batch, without handlers, and no further play begins.
 */
export function weigh(context: PlayContext, entry: Pick<Entry, 'levels' | 'role'>, name: string, losses: Losses): void {
  const lost = [...losses.failed, ...losses.unreachable]
  const [first] = lost
  // Where each host goes its own way, what happens to one is nothing to the others.
  if (!first || context.broken || context.play.strategy !== 'linear') return
  const scope = context.taskScope(first, entry)
  if (booleanKeyword(entry.levels, 'any_errors_fatal', scope)) {
    const names = lost.map((state) => state.name).join(', ')
    const what = losses.failed.length > 0 ? 'failed' : 'cannot be reached'
    breakOff(context, `${names} ${what} in "${name}" and any_errors_fatal is set.`)
    return
  }
  const most = numberKeyword(entry.levels, 'max_fail_percentage', scope)
  if (most === undefined) return
  const { batch } = context
  const failed = batch.filter((state) => state.failed || (context.lost.has(state) && !state.unreachable)).length
  if ((failed / batch.length) * 100 > most)
    breakOff(context, `${failed} of ${batch.length} hosts failed, more than max_fail_percentage ${most}.`)
}

export function weighEntry(context: PlayContext, entry: Entry, losses: Losses): void {
  weigh(context, entry, entryName(entry), losses)
}

/** The play ends here for every host of the batch. */
export function breakOff(context: PlayContext, reason: string): void {
  const others = context.batch.filter((state) => state.active)
  context.broken = true
  context.session.broken = true
  for (const state of others) state.failed = true
  if (others.length > 0) context.session.emit({ event: 'hosts_lost', play: context.play.span.source.file, reason })
}
