import pLimit from 'p-limit'
import type { HostRecap } from '../base/event.ts'
import { asProblem, Problem } from '../base/problem.ts'
import { Source, type Span } from '../base/span.ts'
import type { Play } from '../book/play.ts'
import { limitHosts, limitPatterns, selectHosts } from '../hosts/pattern.ts'
import { renderValue } from '../lang/render.ts'
import { Variables } from '../lang/variables.ts'
import { PlayContext } from './play-context.ts'
import { runPlay } from './play-runner.ts'
import type { Session } from './session.ts'

/** Chooses each play's hosts. Gives what is wrong with the patterns. */
export function choosePlays(session: Session): Problem[] {
  const problems: Problem[] = []
  const limit = limited(session, problems)
  const started = { reached: false }
  session.contexts = session.plays.map((play) => {
    const { hosts, wrong } = hostsOf(session, play)
    problems.push(...wrong)
    const chosen = limit ? limitHosts(hosts, limit) : hosts
    return new PlayContext(
      session,
      play,
      chosen.map((host) => session.state(host)),
      started,
    )
  })
  return problems
}

function limited(session: Session, problems: Problem[]) {
  if (session.options.limit === undefined) return undefined
  const text = session.options.limit
  const at: Span = { source: new Source('--limit', text), start: 0, end: text.length }
  const selected = selectHosts(session.inventory, limitPatterns(text, session.options.cwd), at)
  problems.push(...selected.problems)
  if (selected.hosts.length === 0 && selected.problems.length === 0) {
    problems.push(
      new Problem('unknown-group', `--limit ${session.options.limit} leaves no host.`, {
        hint: 'See the hosts with: tsplay inventory --list.',
      }),
    )
  }
  return selected.hosts
}

function hostsOf(session: Session, play: Play) {
  const node = play.level.keywords.get('hosts')
  if (!node) return { hosts: [], wrong: [] }
  try {
    const scope = new Variables([session.options.extra, { rank: 0, name: 'play', variables: play.level.vars }], {
      openVault: session.sealed.openVault,
    })
    const value = renderValue(node, scope)
    const pattern = Array.isArray(value) ? value.map(String) : String(value)
    const selected = selectHosts(session.inventory, pattern, node.kind === 'scalar' ? node : node.span)
    for (const message of selected.warnings) session.emit({ event: 'warning', message })
    return { hosts: selected.hosts, wrong: selected.problems }
  } catch (thrown) {
    return { hosts: [], wrong: [asProblem(thrown).at(node.span)] }
  }
}

/** Runs all plays and says the recap. Gives the exit status of language.md. */
export async function run(session: Session): Promise<number> {
  const started = performance.now()
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
  try {
    for (const context of session.contexts) {
      if (session.interrupted) break
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
  if (session.options.startAtTask !== undefined && session.contexts[0]?.started.reached === false) {
    session.emit({ event: 'warning', message: `No task is called "${session.options.startAtTask}" (--start-at-task).` })
  }
  const hosts: Record<string, HostRecap> = {}
  for (const context of session.contexts) {
    for (const state of context.hosts) {
      state.recap.round_trips = session.connections.roundTrips(state.name)
      if (Object.values(state.recap).some((count) => count > 0)) hosts[state.name] = state.recap
    }
  }
  const states = new Set(session.contexts.flatMap((context) => context.hosts))
  const exit = session.interrupted
    ? 99
    : broken
      ? 250
      : exitOf([...states].filter((state) => !state.forgiven).map((state) => state.recap))
  session.emit({
    event: 'recap',
    hosts,
    duration_ms: Math.round(performance.now() - started),
    // Those to hosts that tasks were delegated to as well.
    round_trips: [...session.states].reduce((sum, state) => sum + session.connections.roundTrips(state.name), 0),
    check: session.options.check,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    exit,
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
