import type { Change, Result } from '../../base/result.ts'
import type { Reply } from '../../wire/connection.ts'
import { adviceOn } from '../advice.ts'
import type { Decision } from '../decision.ts'
import type { Effect } from '../effect.ts'
import {
  installedPackage,
  type PackageManager,
  packageIndexAge,
  parseDnfSimulation,
  type Simulation,
} from '../reads/package.ts'
import type { Step } from '../step.ts'
import { aptFetchScript, aptScript, aptWords, dnfWords, type PackageVerb } from './commands.ts'
import { type PackageState, STALE, workOf } from './look.ts'
import { nameAndVersion, type PackageRequest } from './request.ts'

/** What to do so that the packages are as asked. Pure. */
export function planPackages(state: PackageState, request: PackageRequest): Decision {
  const manager = state.installed.dpkg?.manager ?? null
  if (manager === null) return { failed: 'This host has no package manager that is known here (apt, dnf, yum).' }
  if (request.manager !== 'any' && (request.manager === 'apt') !== (manager === 'apt')) {
    return {
      failed: `This host's packages are managed by ${manager}, not ${request.manager}.`,
      hint: 'The module "package" takes the manager that a host has.',
    }
  }
  if (request.deb !== undefined && state.deb === null)
    return {
      failed: `There is no package in ${request.deb}.`,
      hint: 'Give the path of a .deb file on the host; get_url or copy brings it there.',
    }
  const old = state.indexAge > (request.cacheValidTime ?? 0)
  const work = workOf(state, request)
  if (!work) {
    if (request.updateCache && request.names.length === 0 && request.deb === undefined && old) {
      return { steps: [fetchIndex(manager, request)], result: { cache_updated: true }, repeats: true }
    }
    return { result: { cache_updated: false } }
  }
  const { simulation } = state
  const unknown = simulation?.unknown ?? []
  // Before a name counts as not existing, an old index is fetched again.
  const fetch =
    work.verb !== 'remove' &&
    work.verb !== 'autoremove' &&
    (request.updateCache === true
      ? old
      : request.updateCache !== false && unknown.length > 0 && manager === 'apt' && state.indexAge > STALE)
  if (!fetch && simulation) {
    if (unknown.length > 0) return notFound(unknown, state, request)
    if (manager === 'apt' && simulation.status !== 0) return refused(work, simulation, manager)
    if (manager !== 'apt' && !request.allowDowngrade && onlyDowngrades(simulation.text))
      return { result: { cache_updated: false } }
    if (simulation.moves.length === 0 && (manager === 'apt' || /Nothing to do/i.test(simulation.text)))
      return { result: { cache_updated: false } }
  }
  const moves = (simulation && !fetch ? simulation.moves : undefined) ?? []
  const steps = [...(fetch ? [fetchIndex(manager, request)] : []), transaction(manager, request, work, moves, state)]
  return {
    changes: changesOf(work, moves, state),
    steps,
    result: { cache_updated: fetch },
    ...(request.downloadOnly ? { repeats: true } : {}),
  }
}

/** dnf goes to an older version when it is named; it stays, unless that is asked for. */
const onlyDowngrades = (text: string): boolean =>
  /^Downgrading:/m.test(text) && !/^(Installing|Upgrading|Updating|Reinstalling|Removing)\b/m.test(text)

type Moves = NonNullable<PackageState['simulation']>['moves']

function changesOf(work: { verb: PackageVerb; names: readonly string[] }, moves: Moves, state: PackageState): Change[] {
  if (moves.length > 0) return movesAsChanges(moves)
  return work.names.map((word) => {
    const { name, version } = nameAndVersion(word)
    const before = state.installed[name]?.version ?? undefined
    return {
      path: `package ${name}`,
      ...(before === undefined ? {} : { before }),
      ...(work.verb === 'remove' ? {} : { after: version ?? 'installed' }),
    }
  })
}

/** Packages that come, go or change their version. */
export function movesAsChanges(moves: Moves): Change[] {
  return moves.map(({ name, before, after }) => ({
    path: `package ${name}`,
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
  }))
}

function transaction(
  manager: PackageManager,
  request: PackageRequest,
  work: { verb: PackageVerb; names: readonly string[] },
  moves: Moves,
  state: PackageState,
): Step {
  const command =
    manager === 'apt'
      ? aptScript(aptWords(request, work.verb, work.names), request.lockTimeout, request.servicePolicy)
      : dnfWords(manager, request, work.verb, work.names, 'make')
  const gone = work.verb === 'remove'
  const named =
    work.verb === 'build-dep' || request.downloadOnly || request.root !== undefined
      ? []
      : request.deb !== undefined && state.deb
        ? [state.deb.name]
        : work.names.map((word) => nameAndVersion(word).name)
  const elsewhere = request.downloadOnly || request.root !== undefined
  const others = elsewhere ? [] : moves.filter((move) => !named.includes(move.name))
  const listed = named.join(', ') || work.verb
  const what = `package${named.length === 1 ? '' : 's'} ${listed}`
  const effects: Effect[] = [
    ...named.map((name) => ({
      read: installedPackage.name,
      key: name,
      gives: {
        manager,
        version: gone
          ? null
          : (moves.find((move) => move.name === name)?.after ?? state.installed[name]?.version ?? 'installed'),
      },
    })),
    ...others.map((move) => ({ read: installedPackage.name, key: move.name, gives: { manager, version: move.after } })),
    // What a package brings only shows when it is there.
    ...(gone
      ? []
      : ['unit', 'command', 'user', 'group'].map((kind) => ({ brings: kind, why: `what the ${what} would bring` }))),
    { outdates: 'package-facts', why: `the packages after the change of ${what}` },
    { outdates: 'everything', why: `${what} changed` },
  ]
  return {
    name: 'packages',
    show: `${work.verb} ${named.length === 0 ? 'packages' : listed}${others.length > 0 ? ` and ${others.length} more` : ''}`,
    script: command,
    named: true,
    effects,
  }
}

function fetchIndex(manager: PackageManager, request: PackageRequest): Step {
  return {
    name: 'package-index',
    show: 'fetch the package index',
    // Some mirrors fail with status 0 and warnings only; then the old index stands.
    script:
      manager !== 'apt'
        ? `${manager} -y makecache`
        : request.fetches
          ? aptFetchScript(request.lockTimeout, request.fetches)
          : aptScript('update', request.lockTimeout),
    named: true,
    effects: [
      { read: packageIndexAge.name, key: 'apt', gives: 0 },
      // Nobody can say beforehand what a newer index offers.
      { outdates: 'apt-simulation', why: 'an older package index' },
      { outdates: 'dnf-simulation', why: 'an older package index' },
    ],
  }
}

export function notFound(
  unknown: readonly string[],
  state: PackageState,
  request: PackageRequest,
): { failed: string; hint: string } {
  const near = unknown.filter((name) => state.similar[name] !== undefined)
  return {
    failed: `No package ${unknown.map((name) => `"${name}"`).join(', ')} is available on this host.`,
    hint:
      near.length > 0
        ? `Did you mean ${near.map((name) => `"${state.similar[name]}"`).join(', ')}?`
        : request.updateCache === false
          ? 'The index is not fetched because of "update_cache: false".'
          : 'Check the name and the repositories of the host.',
  }
}

/** The manager would not do it, and says why. */
export function refused(
  work: { verb: PackageVerb; names: readonly string[] },
  simulation: Simulation,
  manager: PackageManager,
): { failed: string; hint?: string } {
  const hint = adviceOn(simulation.text)
  return {
    failed: `${manager} cannot ${work.verb} ${work.names.join(', ')}: ${reason(simulation.text)}`,
    ...(hint === undefined ? {} : { hint }),
  }
}

/** The manager's own reasons out of its output. */
function reason(text: string): string {
  const dnf = /^Error: *\n?([\s\S]*)/m.exec(text)?.[1]
  if (dnf !== undefined)
    return dnf
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('(try to add'))
      .join('; ')
  const lines = text.split('\n')
  const unmet = lines.findIndex((line) => line.includes('unmet dependencies'))
  const depends =
    unmet < 0
      ? []
      : lines
          .slice(unmet + 1)
          .filter((line) => /^ \S+ : /.test(line))
          .slice(0, 8)
          .map((line) => line.trim())
  const errors = lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3))
  return [...depends, ...errors].join('; ') || text.trim().split('\n').slice(-3).join('; ')
}

/** dnf shows what it is going to do, also when it is not asked about it. */
const byDnf = /^Transaction Summary$/m

/** What the manager printed, as Ansible registers it; and, where the index was fetched only now, what came with it. */
export function packageOutput(plan: Decision, replies: readonly Reply[]): Partial<Result> {
  const last = replies.at(-1)
  if (!last) return {}
  const stdout = last.stdout.toString('utf8')
  const unpacked = replies.length > 1 ? parseUnpacked(stdout) : []
  const moved = !plan.changes ? [] : byDnf.test(stdout) ? parseDnfSimulation(0, stdout).moves : unpacked
  const stderr = last.stderr.toString('utf8')
  return {
    stdout,
    stdout_lines: stdout.split('\n').filter(Boolean),
    stderr,
    stderr_lines: stderr.split('\n').filter(Boolean),
    ...(moved.length > 0 ? { diff: movesAsChanges(moved) } : {}),
  }
}

/** The packages that dpkg says it unpacks and removes. */
export function parseUnpacked(text: string): Moves {
  const lines = text.matchAll(/^(Unpacking|Removing) ([^\s:]+)(?::\S+)? \(([^)]+)\)(?: over \(([^)]+)\))? \.\.\.$/gm)
  return [...lines].map(([, verb, name = '', version = '', old]) =>
    verb === 'Removing' ? { name, before: version, after: null } : { name, before: old ?? null, after: version },
  )
}
