import { TouchedUnknown, Unknown } from '../../base/unknown.ts'
import { MAKE_KEPT } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import type { PredictedFiles } from '../predicted-files.ts'
import { defineRead } from '../read.ts'

export type PackageManager = 'apt' | 'dnf' | 'yum'

/** A name of a package on a host: whether it is installed, and by whom the packages are managed. */
export interface InstalledPackage {
  /** null: the host has no package manager that is known here. */
  readonly manager: PackageManager | null
  /** null: not installed. */
  readonly version: string | null
  /** Another package that is installed and provides this name. */
  readonly providedBy?: string
  /** Removed, its configuration is left. */
  readonly leftovers?: boolean
}

const DPKG = "'P\\t${Package}\\t${binary:Package}\\t${Version}\\t${db:Status-Abbrev}\\n'"
const DPKG_PROVIDES = "'V\\t${Package}\\t${Version}\\t${db:Status-Abbrev}\\t${Provides}\\n'"
const RPM =
  "'R\\t%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t[%{PROVIDENAME} ]\\t[%{FILENAMES} ]\\n'"

/** Which manager is the host's own: dnf on Debian is only a tool. */
export const findManager = `m=; if command -v apt-get >/dev/null 2>&1 && [ -e /var/lib/dpkg/status ]; then m=apt; elif command -v dnf >/dev/null 2>&1; then m=dnf; elif command -v yum >/dev/null 2>&1; then m=yum; fi`

/** One `dpkg-query` or `rpm` for all names; a second one where a name is not a package's, but what one provides. */
export const installedPackage = defineRead<string, InstalledPackage>({
  name: 'package',
  key: (name) => name,
  paths: () => ['/var/lib/dpkg/status'],
  items: (names) => {
    const words = names.map(quote).join(' ')
    return [
      [
        findManager,
        'echo "M $m"',
        'case $m in',
        // A name that only others provide is known, but not installed (un), or not known at all.
        `apt) o=$(dpkg-query -W -f ${DPKG} -- ${words} 2>/dev/null); s=$?; printf '%s\\n' "$o"; case $s:$o in [1-9]*|*'\tun '*) dpkg-query -W -f ${DPKG_PROVIDES} 2>/dev/null | grep -v '\t$';; esac;;`,
        `dnf|yum) rpm -q --qf ${RPM.replace('\\t[%{FILENAMES} ]', '')} --whatprovides -- ${words} 2>/dev/null;;`,
        'esac; :',
      ].join('\n'),
    ]
  },
  parse: (replies, names) => parsePackages(replies[0]!.stdout.toString('utf8'), names),
  agrees: (predicted, seen) => ((predicted as InstalledPackage).version === null) === (seen.version === null),
})

export function parsePackages(output: string, names: readonly string[]): InstalledPackage[] {
  const lines = output.split('\n').map((line) => line.split('\t'))
  const manager = ((/^M (\S+)/m.exec(output)?.[1] as PackageManager | undefined) ?? null) || null
  const found = new Map<string, InstalledPackage>()
  const provided = new Map<string, { version: string; by: string }>()
  for (const [kind, ...fields] of lines) {
    if (kind === 'P') {
      const [plain = '', full = '', version = '', status = ''] = fields
      const installed = status[1] === 'i'
      for (const name of new Set([plain, full])) {
        if (found.get(name)?.version) continue
        found.set(name, {
          manager,
          version: installed ? version : null,
          ...(status[1] === 'c' ? { leftovers: true } : {}),
        })
      }
    } else if (kind === 'V' && fields[2]?.[1] === 'i') {
      for (const name of fields[3]!.split(','))
        provided.set(name.trim().split(/[ (]/)[0]!, { version: fields[1]!, by: fields[0]! })
    } else if (kind === 'R') {
      const [plain = '', version = '', architecture = '', provides = ''] = fields
      for (const name of [plain, `${plain}.${architecture}`]) found.set(name, { manager, version })
      for (const name of provides.trim().split(' ')) provided.set(name, { version, by: plain })
    }
  }
  return names.map((name) => {
    const own = found.get(name)
    const other = provided.get(name)
    if (own?.version || !other) return own ?? { manager, version: null }
    return { manager, version: other.version, providedBy: other.by }
  })
}

/** What a transaction would do, as the manager itself says without doing it. */
export interface Simulation {
  readonly status: number
  /** Name → versions before and after; null is not installed. */
  readonly moves: readonly { readonly name: string; readonly before: string | null; readonly after: string | null }[]
  /** Names that the manager does not know. */
  readonly unknown: readonly string[]
  readonly text: string
}

/** apt keeps caches and a log even of what it only simulates: a look leaves nothing behind. */
const TRACELESS = '-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log::Planner=/dev/null'

/** Reads `apt-get -s …` (its words follow `apt-get`). Changes nothing, needs no rights. */
export const aptSimulation = defineRead<string, Simulation>({
  name: 'apt-simulation',
  key: (words) => words,
  paths: () => [
    '/var/lib/dpkg/status',
    '/etc/apt/sources.list',
    '/etc/apt/sources.list.d',
    '/etc/apt/preferences',
    '/etc/apt/preferences.d',
  ],
  items: (asks) =>
    asks.map(
      (words) => `DEBIAN_FRONTEND=noninteractive apt-get -s -y -q -o Debug::NoLocking=true ${TRACELESS} ${words} 2>&1`,
    ),
  parse: (replies) => replies.map((reply) => parseAptSimulation(reply.status, reply.stdout.toString('utf8'))),
  predicted: (files) => (sourcesForetold(files, aptSources) ? restsOnSources() : undefined),
})

export function parseAptSimulation(status: number, text: string): Simulation {
  const moves = text.split('\n').flatMap((line) => {
    const match = /^(Inst|Remv|Purg) (\S+)(?: \[([^\]]*)\])?(?: \((\S+))?/.exec(line)
    return match
      ? [{ name: match[2]!, before: match[3] ?? null, after: match[1] === 'Inst' ? (match[4] ?? '') : null }]
      : []
  })
  const unknown = text.split('\n').flatMap((line) => {
    const match =
      /^E: (?:Unable to locate package (\S+)|Package '([^']+)' has no installation candidate|Couldn't find any package by (?:glob|regex) '([^']+)'|Version '([^']+)' for '([^']+)' was not found)/.exec(
        line,
      )
    return match ? [match[1] ?? match[2] ?? match[3] ?? `${match[5]}=${match[4]}`] : []
  })
  return { status, moves, unknown: [...new Set(unknown)], text }
}

/**
 * dnf writes logs, its history, and what it learns of repositories, even in a simulation. This has it work in the folder $k, of what the
 * shell keeps: `seed` shows it there what the host's cache and history hold, of which nothing is written to.
 */
export const dnfApart = (what: string) => `${MAKE_KEPT}
k=$__tsplay_kept/${what}
seed() { rm -rf -- "$k"; mkdir -p "$k/cache" "$k/rpms" "$k/log" "$k/lib" || exit 1
[ ! -d /var/lib/dnf ] || cp -a /var/lib/dnf/. "$k/lib/"
[ ! -d /var/cache/dnf ] || cp -as /var/cache/dnf/. "$k/cache/"
find "$k/cache" -type l -exec sh -c 'for l; do f=$(readlink "$l"); [ "$(stat -c %s "$f")" -gt 1048576 ] || cp -p --remove-destination -- "$f" "$l"; done' sh {} +; }
dnf() { command dnf --setopt=cachedir="$k/cache" --setopt=logdir="$k/log" --setopt=persistdir="$k/lib" "$@" 2>&1; }
`

/** Reads `dnf --assumeno …` (its words follow the manager's name). Needs root where the cache has to be fetched. */
export const dnfSimulation = defineRead<string, Simulation>({
  name: 'dnf-simulation',
  key: (words) => words,
  paths: () => ['/etc/yum.repos.d', '/etc/dnf/dnf.conf'],
  items: (asks) =>
    asks.map((words) => `${words.startsWith('dnf ') ? `${dnfApart('dnf-simulation')}seed; ` : ''}${words} 2>&1`),
  parse: (replies) => replies.map((reply) => parseDnfSimulation(reply.status, reply.stdout.toString('utf8'))),
  predicted: (files) => (sourcesForetold(files, rpmSources) ? restsOnSources() : undefined),
})

/** Folders and files that say where packages come from. */
export const aptSources = ['/etc/apt/sources.list', '/etc/apt/sources.list.d', '/etc/apt/preferences.d']
export const rpmSources = ['/etc/yum.repos.d', '/etc/dnf/dnf.conf']

/** A dry run has written there, which no manager sees. */
export function sourcesForetold(files: PredictedFiles, sources: readonly string[]): boolean {
  return sources.some((path) => files.children(path).size > 0 || files.at(path) !== undefined)
}

export function restsOnSources(): Promise<never> {
  return Promise.reject(new TouchedUnknown(new Unknown('rests on package sources that a dry run does not write')))
}

export function parseDnfSimulation(status: number, text: string): Simulation {
  const moves: { name: string; before: string | null; after: string | null }[] = []
  let doing: 'in' | 'out' | undefined
  // What does not fit into its column goes on in the next line.
  for (const line of text.replace(/\n {8,}(?=\S)/g, ' ').split('\n')) {
    if (/^(Installing|Upgrading|Updating|Downgrading|Reinstalling)/.test(line)) doing = 'in'
    else if (/^Removing/.test(line)) doing = 'out'
    else if (/^Transaction Summary/.test(line)) doing = undefined
    const match = /^ (\S+)\s+(x86_64|noarch|aarch64|i[36]86|ppc64le|s390x)\s+(\S+)\s/.exec(line)
    if (match && doing)
      moves.push({
        name: match[1]!,
        before: doing === 'out' ? match[3]! : null,
        after: doing === 'out' ? null : match[3]!,
      })
  }
  const known = /^Error: Cache-only enabled but no cache/m.test(text)
  const unknown = known
    ? []
    : [...text.matchAll(/(?:No match for argument: |No package )(\S+)/g)].map((match) => match[1]!)
  return { status, moves, unknown: [...new Set(unknown)], text }
}

/** When the package index was last fetched, seconds since 1970; 0 where there is none. */
export const packageIndexAge = defineRead<'apt', number>({
  name: 'package-index',
  key: (manager) => manager,
  items: () => [
    `t=$(stat -c %Y /var/lib/apt/periodic/update-success-stamp 2>/dev/null || stat -c %Y /var/lib/apt/lists 2>/dev/null || echo 0); set -- /var/lib/apt/lists/*_Packages* /var/lib/apt/lists/*_InRelease; n=0; for f; do [ -e "$f" ] && n=1; done; echo "$t $n $(date +%s)"`,
  ],
  // Seconds since the fetch, so that the two clocks need not agree; an empty index is infinitely old.
  parse: (replies) =>
    replies.map((reply) => {
      const [then = 0, any = 0, now = 0] = reply.stdout.toString('utf8').trim().split(' ').map(Number)
      return any === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, now - then)
    }),
  agrees: () => true,
})

/** Names of packages in the index that begin as a name does, for "did you mean". */
export const packageNamesLike = defineRead<string, string[]>({
  name: 'package-names',
  key: (start) => start,
  volatile: true,
  items: (starts) =>
    starts.map((start) => `apt-cache ${TRACELESS} pkgnames -- ${quote(start)} 2>/dev/null | head -n 400`),
  parse: (replies) => replies.map((reply) => reply.stdout.toString('utf8').split('\n').filter(Boolean)),
})

/** The package and version in a .deb file on the host; null when it is none. */
export const debFile = defineRead<string, { name: string; version: string } | null>({
  name: 'deb-file',
  key: (path) => path,
  paths: (path) => [path],
  items: (paths) =>
    paths.map((path) => `dpkg-deb -W --showformat='\${Package}\\t\${Version}' ${quote(path)} 2>/dev/null`),
  parse: (replies) =>
    replies.map((reply) => {
      const [name, version] = reply.stdout.toString('utf8').split('\t')
      return name && version ? { name, version } : null
    }),
})
