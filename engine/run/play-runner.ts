import pLimit, { type LimitFunction } from 'p-limit'
import { place } from '../base/span.ts'
import type { Entry } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { sections } from '../book/play.ts'
import { toPlain } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import { batches } from './batches.ts'
import { type Circle, EntriesRunner } from './entries-runner.ts'
import { gatherFor, wantsFacts } from './gathering.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { playTitle } from './play-title.ts'
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
    if (session.interrupted) return false
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
  const runner = new EntriesRunner(context, limit)
  if (wantsFacts(context)) await gatherFor(context, batch, limit)
  const force = booleanKeyword([context.play.level], 'force_handlers', context.hostScope(batch[0]!)) ?? false
  for (const section of sections(context.play)) {
    const alive = batch.filter((state) => state.active)
    if (alive.length === 0 && !force) return
    const failed = await runSection(context, runner, section, alive, limit)
    for (const state of failed) state.failed = true
    if (context.session.interrupted) return
    const flushing = batch.filter((state) => state.active || (force && state.failed))
    // force_handlers: hosts that failed still run what was notified before.
    const back = flushing.filter((state) => state.failed)
    for (const state of back) state.failed = false
    for (const state of [...(await runner.flush(flushing, outermost)), ...back]) state.failed = true
  }
}

async function runSection(
  context: PlayContext,
  runner: EntriesRunner,
  section: readonly Entry[],
  hosts: readonly HostState[],
  limit: LimitFunction,
): Promise<HostState[]> {
  if (context.play.strategy === 'linear') return runner.run(section, hosts, outermost)
  // host_pinned: at most so many hosts are begun at once, each goes to its end.
  const own = context.play.strategy === 'host_pinned' ? pLimit(context.session.options.forks) : undefined
  const alone = async (state: HostState) => {
    const one = new EntriesRunner(context, limit)
    return one
      .run(section, [state], outermost)
      .then(async (failed) => (failed.length > 0 ? failed : one.flush([state], outermost)))
  }
  return (await Promise.all(hosts.map((state) => (own ? own(() => alone(state)) : alone(state))))).flat()
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

/** vars_prompt: what -e has answered is not asked. */
async function askPrompts(context: PlayContext): Promise<void> {
  const node = context.play.level.keywords.get('vars_prompt')
  if (node?.kind !== 'seq') return
  const { options, masker } = context.session
  for (const item of node.items) {
    const prompt = toPlain(item) as { name: string; prompt?: string; default?: unknown; private?: boolean }
    if (options.extra.variables.has(prompt.name)) continue
    const hidden = prompt.private ?? true
    let answer: unknown = prompt.default
    if (options.ask) {
      const given = await options.ask(prompt.prompt ?? prompt.name, { hidden })
      if (given !== '') answer = given
    }
    if (hidden && typeof answer === 'string') masker.add(answer)
    context.prompted.set(prompt.name, { value: answer ?? '' })
  }
}
