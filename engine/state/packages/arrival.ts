import { Unknown } from '../../base/unknown.ts'
import { MAKE_KEPT } from '../../wire/own-folder.ts'
import { quote } from '../../wire/quote.ts'
import type { Effect, FileEffect } from '../effect.ts'
import { listedMode } from '../mode.ts'
import { defineRead } from '../read.ts'
import { commandPath } from '../reads/command-path.ts'
import { aptSources, parseAptSimulation, restsOnSources, type Simulation, sourcesForetold } from '../reads/package.ts'
import { type Unit, unit } from '../reads/unit.ts'

export interface ArrivalAsk {
  /** The words after `apt-get`. */
  readonly words: string
  /** The index would be fetched first. */
  readonly fetch: boolean
  /** Packages that have been looked into already. */
  readonly known: readonly string[]
}

/** What apt would bring. */
export interface Arrival {
  readonly simulation: Simulation
  /** Missing when the packages were not looked into. */
  readonly packages?: readonly ArrivedPackage[]
  /** Why they were not. */
  readonly unseen?: string
}

export interface ArrivedPackage {
  readonly name: string
  /** What is not on the host yet. */
  readonly files: readonly FileEffect[]
  /** Its scripts make users or groups. */
  readonly users: boolean
  /** Its scripts choose among alternatives, whose names are not in the package. */
  readonly alternatives: boolean
  /** Units that its scripts enable. */
  readonly enabled: readonly string[]
  /** Units that its scripts start; undefined where the host has a policy of its own for that. */
  readonly started?: readonly string[]
}

/** More is not downloaded for a look, bytes. */
export const MOST = 256 * 1024 * 1024
/** Nobody's tasks ask for these, and they are most of many packages. */
export const UNASKED = '/usr/share/doc/*|/usr/share/man/*|/usr/share/locale/*|/usr/share/info/*|/usr/share/lintian/*'

/**
 * What `apt-get WORDS` would bring, by looking into the packages: index and packages come into a folder of their own, where
 * later looks find them again, and which is gone when the connection ends. For dry runs only: it may take a while.
 */
export const aptArrival = defineRead<ArrivalAsk, Arrival>({
  name: 'apt-arrival',
  key: ({ words, fetch, known }) => `${fetch ? 'fetch ' : ''}${words} but ${known.join(' ')}`,
  paths: () => ['/var/lib/dpkg/status'],
  items: (asks) => asks.map(lookScript),
  parse: (replies) => replies.map((reply) => parseArrival(reply.stdout.toString('utf8'))),
  predicted: (files) => (sourcesForetold(files, aptSources) ? restsOnSources() : undefined),
})

/** Once for all looks, while the sources stay: what could not be fetched is not tried again for every task. */
const FETCHED = `i=$k/fetched-$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | cksum | cut -d ' ' -f 1)
[ -e "$i.status" ] || { mkdir -p "$i/partial"; apt update >"$i.said"; echo $? >"$i.status"; }
[ "$(cat "$i.status")" -eq 0 ] || fail 'the index cannot be fetched' "$i.said"`
/** Where apt downloads, it makes folders beside its index. */
const LINKED = `i=$k/host
rm -rf -- "$i"; mkdir -p "$i/partial"
eval "$(apt-config shell lists Dir::State::lists/d)"
for f in "\${lists:-/var/lib/apt/lists/}"*_*; do [ -f "$f" ] && ln -s "$f" "$i/"; done`

function lookScript({ words, fetch, known }: ArrivalAsk): string {
  return `umask 077
${MAKE_KEPT}
k=$__tsplay_kept/apt t=$__tsplay_kept/look
trap 'rm -rf -- "$t"' EXIT
mkdir -p "$t/partial" "$k/archives/partial" || exit 1
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt() { apt-get -y -q -o Debug::NoLocking=true -o APT::Sandbox::User=root -o Dir::Log::Planner=/dev/null -o Dir::State::Lists="$i" -o Dir::Cache::pkgcache="$i.packages" -o Dir::Cache::srcpkgcache="$i.sources" "$@" 2>&1; }
fail() { echo "== unseen $1: $(grep '^E: ' "$2" | head -n 1)"; exit 0; }
${fetch ? FETCHED : LINKED}
echo '== simulation'
apt -s ${words}; s=$?
echo "== status $s"
[ $s -eq 0 ] || exit 0
n=0
apt --print-uris -o Dir::Cache::archives="$t" ${words} | grep "^'" >"$t/uris"
while read -r uri name size digest; do n=$((n + size)); done <"$t/uris"
[ $n -le ${MOST} ] || { echo "== unseen they are $((n / 1048576)) MB"; exit 0; }
apt -d -o Dir::Cache::archives="$k/archives" ${words} >"$t/said" || fail 'they cannot be downloaded' "$t/said"
[ -L /lib ] && echo '== merged'
[ -e /usr/sbin/policy-rc.d ] && echo '== policy'
while read -r uri file more; do
  # What is in a folder of the host stays there.
  d=$k/archives/$file; [ -e "$d" ] || { d=\${uri#*:}; d=\${d%"'"}; }
  name=$(dpkg-deb -f "$d" Package) || fail "$file cannot be read" "$t/said"
  case ${quote(` ${known.join(' ')} `)} in *" $name "*) continue;; esac
  echo "== package $name"
  dpkg-deb -c "$d" | while read -r mode owner size day time path; do
    p=\${path%% -> *}; p=\${p#.}; p=\${p%/}
    case $p in ''|${UNASKED}) continue;; esac
    [ -e "$p" ] || [ -L "$p" ] || printf '%s\\t%s\\t%s\\t%s\\n' "$mode" "$owner" "$size" "\${path#.}"
  done
  rm -rf -- "$t/c" "$t/x"; mkdir "$t/x"
  dpkg-deb -e "$d" "$t/c"
  cat "$t/c/preinst" "$t/c/postinst" 2>/dev/null | grep -v '^[[:space:]]*#' | grep -E 'adduser|useradd|addgroup|groupadd|systemd-sysusers|update-alternatives|deb-systemd-(helper|invoke)' | sed 's/^/== script /'
  dpkg-deb --fsys-tarfile "$d" | tar -xf - -C "$t/x" --wildcards './etc/*' './lib/systemd/*' './usr/lib/systemd/*' 2>/dev/null
  find "$t/x" -type f -size -128k -exec sh -c 'for f; do printf "== content %s\\n" "\${f#"$0"}"; base64 "$f"; done' "$t/x" {} +
done <"$t/uris"
:`
}

export function parseArrival(text: string, simulationOf = parseAptSimulation): Arrival {
  const [, ...sections] = `\n${text}`.split('\n== ')
  const simulated = sections.find((one) => one.startsWith('simulation\n'))?.slice('simulation\n'.length) ?? ''
  const status = Number(argument(sections, 'status') ?? 1)
  const simulation = simulationOf(status, simulated)
  const unseen = argument(sections, 'unseen')
  if (unseen !== undefined) return { simulation, unseen }
  if (simulation.status !== 0) return { simulation, unseen: 'the manager refuses to bring them' }
  const has = (word: string) => sections.some((one) => one.trim() === word)
  const packages: ArrivedPackage[] = []
  let own: string[] = []
  const finish = () => {
    if (own.length > 0) packages.push(arrived(own, { merged: has('merged'), policy: has('policy') }))
    own = []
  }
  for (const section of sections) {
    if (section.startsWith('package ')) finish()
    if (section.startsWith('package ') || own.length > 0) own.push(section)
  }
  finish()
  return { simulation, packages }
}

function argument(sections: readonly string[], word: string): string | undefined {
  const found = sections.find((one) => one.startsWith(`${word} `))
  return found?.slice(word.length + 1).trim()
}

/** One package: its files, then its scripts' lines and its contents. */
function arrived([head = '', ...rest]: readonly string[], host: { merged: boolean; policy: boolean }): ArrivedPackage {
  const [first = '', ...lines] = head.split('\n')
  const name = first.slice('package '.length)
  const place = (path: string) => (host.merged ? path.replace(/^\/(lib|bin|sbin)\//, '/usr/$1/') : path)
  const contents = new Map<string, Buffer>()
  const scripts: string[] = []
  for (const section of rest) {
    if (section.startsWith('script ')) scripts.push(section)
    const [title = '', ...encoded] = section.split('\n')
    if (title.startsWith('content '))
      contents.set(place(title.slice('content '.length)), Buffer.from(encoded.join(''), 'base64'))
  }
  const files = lines.flatMap((line) => {
    const file = parseListed(line, place)
    if (file?.type !== 'file') return file ? [file] : []
    const content = contents.get(file.path) ?? new Unknown(`the content of ${file.path} in the package ${name}`)
    return [{ ...file, content }]
  })
  const sysusers = files.some((file) => file.path.startsWith('/usr/lib/sysusers.d/'))
  const preset = rest.flatMap((section) => {
    const [, unit = ''] = /^preset enable (\S+)/.exec(section) ?? []
    const text = files.find((file) => file.path === `/usr/lib/systemd/system/${unit}`)?.content
    return Buffer.isBuffer(text) && /^\[Install\]/m.test(text.toString('utf8')) ? [unit] : []
  })
  const named = (pattern: RegExp) =>
    scripts.flatMap((line) => (pattern.test(line) ? [...line.matchAll(/'([^']+\.[a-z]+)'/g)].map((at) => at[1]!) : []))
  return {
    name,
    files,
    users: sysusers || scripts.some((line) => /adduser|useradd|addgroup|groupadd|systemd-sysusers/.test(line)),
    alternatives: scripts.some((line) => line.includes('update-alternatives')),
    enabled: [...named(/deb-systemd-helper +enable/), ...preset],
    ...(host.policy ? {} : { started: named(/deb-systemd-invoke/) }),
  }
}

/** A line of what a package holds: mode, owner/group, size and path, as tar lists them. */
function parseListed(line: string, place: (path: string) => string): FileEffect | undefined {
  const match = /^([-dlh])(\S{9})\t([^/]+)\/(\S+)\t(\d+)\t(\/.*)$/.exec(line)
  if (!match) return undefined
  const [, kind, letters = '', owner = '', group = '', size = '', listed = ''] = match
  const [path = '', target = ''] = listed.split(' -> ')
  const at = place(path.replace(/\/$/, ''))
  if (kind === 'l') return { path: at, type: 'link', target }
  const shared = { path: at, mode: listedMode(letters), owner, group }
  if (kind === 'd') return { ...shared, type: 'directory' }
  return { ...shared, path: at.split(' link to ')[0]!, type: 'file', size: Number(size) }
}

/** What looks would see once the packages are there; what stays open says why. */
export function arrivalEffects(packages: readonly ArrivedPackage[]): Effect[] {
  return packages.flatMap((one) => {
    const why = `what the package ${one.name} would bring`
    const open = [...(one.users ? ['user', 'group'] : []), ...(one.alternatives ? ['command'] : [])]
    return [
      ...one.files.map((file) => ({ file })),
      ...one.files.flatMap((file) => commandEffect(file)),
      ...one.files.flatMap((file) => unitEffect(one, file, why)),
      ...open.map((kind) => ({ brings: kind, why })),
    ]
  })
}

function commandEffect({ path, type, mode }: FileEffect): Effect[] {
  const [, name] = /^(?:\/usr)?\/s?bin\/([^/]+)$/.exec(path) ?? []
  const runs = type === 'link' || (type === 'file' && /[1357]/.test(mode ?? ''))
  return name !== undefined && runs ? [{ read: commandPath.name, key: name, gives: path }] : []
}

function unitEffect(of: ArrivedPackage, { path, content }: FileEffect, why: string): Effect[] {
  const [, script] = /^\/etc\/init\.d\/([^/]+)$/.exec(path) ?? []
  if (script !== undefined && !of.files.some((file) => file.path.endsWith(`/system/${script}.service`)))
    return [{ outdates: unit.name, key: `${script}.service`, why }]
  const [, name] = /^\/usr\/lib\/systemd\/system\/([^/]+\.[a-z]+)$/.exec(path) ?? []
  if (name === undefined || name.includes('@')) return []
  const starts = of.started?.includes(name)
  if (!starts && !of.enabled.includes(name))
    return of.started === undefined ? [{ outdates: unit.name, key: name, why }] : []
  const text = Buffer.isBuffer(content) ? content.toString('utf8') : undefined
  // Whether it stays up, or starts at all, then rests on more than the package.
  if (text === undefined || of.started === undefined || /^\s*(Condition|Assert)\w*=|^\s*Type\s*=\s*oneshot/m.test(text))
    return [{ outdates: unit.name, key: name, why }]
  const gives: Partial<Unit> = {
    load: 'loaded',
    active: starts ? 'active' : 'inactive',
    sub: starts ? 'running' : 'dead',
    file: of.enabled.includes(name) ? 'enabled' : 'disabled',
    needsReload: false,
    fragment: path,
  }
  return [{ read: unit.name, key: name, gives }]
}
