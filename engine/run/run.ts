import pLimit from 'p-limit'
import type { HostRecap } from '../base/event.ts'
import { asProblem, type Problem } from '../base/problem.ts'
import { chooseAgain } from './choose-hosts.ts'
import type { HostState } from './host-state.ts'
import { runPlay } from './play-runner.ts'
import type { Session } from './session.ts'

/** Runs all plays and says the recap. Gives the exit status of language.md. */
export async function run(session: Session): Promise<number> {
  const started = performance.now()
  session.running = true
  const limit = pLimit(session.options.forks)
  // While the first hosts are connected to.
  const opening = session.sealed.openAlike(() =>
    session.contexts.flatMap(({ hosts, play }) =>
      hosts.flatMap((state) => session.inventory.layersFor(state.host, play.folder)),
    ),
  )
  session.emit({
    event: 'run_start',
    playbooks: [...session.options.playbooks],
    check: session.options.check,
    diff: session.options.diff,
    hosts: new Set(session.contexts.flatMap((context) => context.hosts)).size,
  })
  let broken: Problem | undefined
  const played = new Set<HostState>()
  try {
    for (const context of session.contexts) {
      if (session.interrupted) break
      chooseAgain(context)
      for (const state of context.hosts) played.add(state)
      if (!(await runPlay(context, limit))) break
    }
  } catch (thrown) {
    broken = asProblem(thrown)
  }
  if (session.interrupted) {
    const where = session.contexts.length === 0 ? [] : [...session.stopped]
    session.emit({
      event: 'interrupted',
      message:
        'Interrupted: what was running has been ended or abandoned, nothing new was begun. Run it again to go on.',
      where,
    })
  }
  if (session.startAt !== undefined && !session.interrupted) {
    session.emit({
      event: 'warning',
      message: `No task is called "${session.startAt}" (--start-at-task); tasks of dynamic includes cannot be begun at.`,
    })
  }
  const hosts: Record<string, HostRecap> = {}
  const states = new Set([...played, ...session.contexts.flatMap((context) => context.hosts)])
  for (const state of states) {
    state.recap.round_trips = session.connections.roundTrips(state.name)
    if (Object.values(state.recap).some((count) => count > 0)) hosts[state.name] = state.recap
  }
  const exit = session.interrupted
    ? 99
    : broken
      ? 250
      : session.broken
        ? 2
        : exitOf([...states].filter((state) => !state.forgiven).map((state) => state.recap))
  const custom = session.masker.data(session.stats.told)
  session.emit({
    event: 'recap',
    hosts,
    duration_ms: Math.round(performance.now() - started),
    // Those to hosts that tasks were delegated to as well.
    round_trips: [...session.states].reduce((sum, state) => sum + session.connections.roundTrips(state.name), 0),
    check: session.options.check,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    exit,
    ...(custom ? { custom } : {}),
  })
  await opening
  await session.connections.close()
  if (broken) throw broken
  return exit
}

/** Ansible's: unreachable wins over failed. */
function exitOf(recaps: readonly HostRecap[]): number {
  if (recaps.some((recap) => recap.unreachable > 0)) return 4
  return recaps.some((recap) => recap.failed > 0) ? 2 : 0
}
