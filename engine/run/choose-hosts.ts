import { asProblem, Problem } from '../base/problem.ts'
import { Source, type Span } from '../base/span.ts'
import type { Play } from '../book/play.ts'
import type { Host } from '../hosts/group.ts'
import { limitHosts, limitPatterns, selectHosts } from '../hosts/pattern.ts'
import { renderValue } from '../lang/render.ts'
import { Variables } from '../lang/variables.ts'
import { PlayContext } from './play-context.ts'
import type { Session } from './session.ts'

/**
 * Chooses each play's hosts. Gives what is wrong with the patterns; `mayMake` says whether plays may make hosts and
 * groups that are not there yet.
 */
export function choosePlays(session: Session, mayMake: (contexts: readonly PlayContext[]) => boolean): Problem[] {
  const { allowed, problems } = limited(session)
  const wrong: (readonly Problem[])[] = []
  session.contexts = session.plays.map((play) => {
    const chosen = hostsOf(session, play)
    wrong.push(chosen.wrong)
    const hosts = allowed ? limitHosts(chosen.hosts, allowed) : chosen.hosts
    return new PlayContext(
      session,
      play,
      hosts.map((host) => session.state(host)),
    )
  })
  for (const [index, found] of wrong.entries()) {
    // Hosts and groups that an earlier play makes are not there yet.
    const later =
      found.some((problem) => problem.code === 'unknown-group') && mayMake(session.contexts.slice(0, index + 1))
    problems.push(...(later ? found.filter((problem) => problem.code !== 'unknown-group') : found))
  }
  return problems
}

/** Chooses a play's hosts again, for the inventory is not what it was. A pattern that matches nothing is only warned of. */
export function chooseAgain(context: PlayContext): void {
  const { session } = context
  if (context.inventoryVersion === session.inventoryVersion) return
  context.inventoryVersion = session.inventoryVersion
  const { allowed } = limited(session)
  const { hosts, wrong } = hostsOf(session, context.play)
  for (const problem of wrong) session.emit({ event: 'warning', message: problem.message })
  const chosen = allowed ? limitHosts(hosts, allowed) : hosts
  context.hosts = chosen.map((host) => session.state(host))
}

function limited(session: Session): { allowed?: readonly Host[]; problems: Problem[] } {
  if (session.options.limit === undefined) return { problems: [] }
  const text = session.options.limit
  const at: Span = { source: new Source('--limit', text), start: 0, end: text.length }
  const selected = selectHosts(session.inventory, limitPatterns(text, session.options.cwd), at)
  const problems = [...selected.problems]
  if (selected.hosts.length === 0 && problems.length === 0) {
    problems.push(
      new Problem('unknown-group', `--limit ${session.options.limit} leaves no host.`, {
        hint: 'See the hosts with: tsplay inventory --list.',
      }),
    )
  }
  return { allowed: selected.hosts, problems }
}

function hostsOf(session: Session, play: Play): { hosts: readonly Host[]; wrong: readonly Problem[] } {
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
