import pLimit, { type LimitFunction } from 'p-limit'
import { place } from '../base/span.ts'
import { keywordOf } from '../book/level.ts'
import { sections } from '../book/play.ts'
import { toPlain } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import { batches } from './batches.ts'
import { type Circle, EntriesRunner } from './entries-runner.ts'
import { gatherFor, gathers } from './gathering.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { playTitle } from './play-title.ts'
import { askPrompts } from './prompts.ts'
import { tasksBefore } from './start-at.ts'
import { booleanKeyword } from './task-keywords.ts'

const outermost: Circle = { more: [], rescuable: false }

/** Runs a play, batch by batch. false: nothing is left to go on with. */
export async function runPlay(context: PlayContext, limit: LimitFunction): Promise<boolean> {
  const { session, play } = context
  const title = playTitle(play)
  if (context.hosts.length === 0) {
    session.emit({ event: 'play_skipped', play: title, reason: 'no hosts matched' })
    return true
  }
  for (const state of context.hosts) {
    state.ended = false
    if (state.forgiven) state.failed = false
  }
  const hosts = ordered(context)
  if (hosts.length === 0) {
    session.emit({ event: 'play_skipped', play: title, reason: 'none of its hosts is left' })
    return true
  }
  session.emit({ event: 'play_start', play: title, hosts: hosts.map((state) => state.name), place: place(play.span) })
  await askPrompts(context)
  const serial = keywordOf([play.level], 'serial')
  const groups = batches(hosts, serial ? renderValue(serial, context.hostScope(hosts[0]!)) : undefined, serial?.span)
  for (const [index, batch] of groups.entries()) {
    const working = batch.filter((state) => state.active)
    if (working.length === 0) continue
    context.batch = working
    if (groups.length > 1)
      session.emit({
        event: 'batch_start',
        play: title,
        hosts: working.map((state) => state.name),
        batch: index + 1,
        batches: groups.length,
      })
    await runBatch(context, working, limit)
    if (session.interrupted || session.broken) return false
    // A batch of which nobody is left ends the play, as in Ansible: the next would fail the same way.
    if (working.every((state) => state.failed || state.unreachable)) {
      if (index + 1 < groups.length)
        session.emit({
          event: 'hosts_lost',
          play: title,
          reason: 'Every host of this batch failed; the next ones are not begun.',
        })
      return context.hosts.some((state) => state.active) && groups.length === 1
    }
  }
  return true
}

async function runBatch(context: PlayContext, batch: readonly HostState[], limit: LimitFunction): Promise<void> {
  if (!begins(context)) return
  const runner = new EntriesRunner(context, limit)
  if (gathers(context)) await gatherFor(context, batch, limit)
  if (context.broken) return
  const force =
    booleanKeyword([context.play.level], 'force_handlers', context.hostScope(batch[0]!)) ??
    context.session.options.forceHandlers
  if (context.play.strategy === 'linear') return runSections(runner, batch, force)
  warnOfFree(context)
  // host_pinned: at most so many hosts are begun at once. Each goes to the end of the play whatever the others do.
  const pinned = context.play.strategy === 'host_pinned' ? pLimit(context.session.options.forks) : undefined
  const alone = (state: HostState) => runSections(new EntriesRunner(context, limit), [state], force)
  await Promise.all(batch.map((state) => (pinned ? pinned(() => alone(state)) : alone(state))))
}

/** pre_tasks, roles and tasks, post_tasks: each with the handlers it has notified. */
async function runSections(runner: EntriesRunner, batch: readonly HostState[], force: boolean): Promise<void> {
  const { context } = runner
  for (const section of sections(context.play)) {
    const alive = batch.filter((state) => state.active)
    if (alive.length === 0) return
    const failed = await runner.run(section, alive, outermost)
    for (const state of failed) state.failed = true
    if (context.session.interrupted || context.broken) return
    // force_handlers: hosts that failed in this section still run what was notified before.
    const back = force ? failed : []
    const flushing = batch.filter((state) => state.active || back.includes(state))
    for (const state of back) state.failed = false
    for (const state of [...(await runner.flush(flushing, outermost)), ...back]) state.failed = true
  }
}

/** --start-at-task: false for a play that comes before the task. */
function begins(context: PlayContext): boolean {
  const { session } = context
  context.passedOver = new Set()
  if (session.startAt === undefined) return true
  const before = tasksBefore(context, session.startAt)
  if (!before) return false
  context.passedOver = before
  // What comes behind, further batches too, runs whole.
  session.startAt = undefined
  return true
}

function warnOfFree(context: PlayContext): void {
  const { play } = context
  for (const word of ['any_errors_fatal', 'max_fail_percentage'])
    if (play.level.keywords.has(word))
      context.warnOnce(
        play.level.keywords.get(word)!,
        `${word} has no effect with the strategy ${play.strategy}: each host goes its own way.`,
      )
}

function ordered(context: PlayContext): HostState[] {
  const hosts = context.hosts.filter((state) => !state.failed && !state.unreachable)
  const order = context.play.level.keywords.get('order')
  const name = order ? String(toPlain(order)) : 'inventory'
  switch (name) {
    case 'sorted':
      return [...hosts].sort((a, b) => a.name.localeCompare(b.name))
    case 'reverse_sorted':
      return [...hosts].sort((a, b) => b.name.localeCompare(a.name))
    case 'reverse_inventory':
      return [...hosts].reverse()
    case 'shuffle':
      return hosts
        .map((host) => ({ host, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ host }) => host)
    default:
      return hosts
  }
}
