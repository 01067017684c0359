import { posix } from 'node:path'
import { Problem } from '../../base/problem.ts'
import { suggest } from '../../base/suggest.ts'
import type { Reply } from '../../wire/connection.ts'
import { quote } from '../../wire/quote.ts'
import { agrees } from '../agreement.ts'
import type { PredictedFiles } from '../predicted-files.ts'
import { predictedContent } from '../predicted-files.ts'
import { defineRead } from '../read.ts'

export type UnitScope = 'system' | 'user' | 'global'

export interface UnitAsk {
  /** With its suffix: `etcd.service`. */
  readonly name: string
  readonly scope: UnitScope
}

/** A unit as systemd knows it. Predictions leave out what only shows when it is done. */
export interface Unit {
  readonly load: 'loaded' | 'masked' | 'error' | 'bad-setting' | 'merged' | 'stub'
  readonly active: 'active' | 'reloading' | 'inactive' | 'failed' | 'activating' | 'deactivating' | 'maintenance'
  /** As `systemctl is-enabled` says; a generated unit counts by its init script's links. */
  readonly file: string
  /** Its files changed since systemd read them. */
  readonly needsReload: boolean
  readonly sub?: string
  readonly fragment?: string
  readonly mainPid?: number
  readonly type?: string
  readonly remains?: boolean
  readonly result?: string
  readonly error?: string
  readonly since?: string
}

const SUFFIX = /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/

/** A unit's full name: `.service` where no kind is given. */
export function unitName(name: string): string {
  return SUFFIX.test(name) ? name : `${name}.service`
}

/** Where unit files stand, the stronger first. */
export const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** The command that speaks to the right manager. */
export function systemctl(scope: UnitScope): string {
  if (scope === 'user') return 'XDG_RUNTIME_DIR="/run/user/$(id -u)" systemctl --user'
  return scope === 'global' ? 'systemctl --global' : 'systemctl'
}

const PROPERTIES =
  'Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,FragmentPath,MainPID,Type,RemainAfterExit,Result,LoadError,ActiveEnterTimestamp'
const isTemplate = (name: string) => /@\.[a-z]+$/.test(name)

/** One `systemctl show` process for all units of a scope; null for a unit that systemd does not find. */
export const unit = defineRead<UnitAsk, Unit | null>({
  name: 'unit',
  key: (ask) => (ask.scope === 'system' ? ask.name : `${ask.scope} ${ask.name}`),
  paths: (ask) => unitFolders.flatMap((folder) => [`${folder}/${ask.name}`, `${folder}/${ask.name}.d`]),
  items: (asks) => scopes(asks).map(([scope, names]) => lookScript(scope, names)),
  parse: (replies, asks) => {
    const answers = new Map<string, Unit | null | Error>()
    for (const [index, [scope, names]] of scopes(asks).entries()) {
      const reply = replies[index]!
      const refused = refusal(reply)
      const found = blocks(reply.stdout.toString('utf8'))
      const initScripts = [...reply.stderr.toString('utf8').matchAll(/^initscript (.*)$/gm)].map(
        (match) => `${match[1]}.service`,
      )
      for (const [at, name] of names.entries()) {
        answers.set(`${scope} ${name}`, refused ?? fromProperties(found[at] ?? {}, initScripts.includes(name)))
      }
    }
    return asks.map((ask) => answers.get(`${ask.scope} ${ask.name}`) ?? null)
  },
  agrees: (predicted, seen) => agrees(settled(predicted as Partial<Unit> | null), settled(seen)),
  predicted: (files, ask, real) => (ask.scope === 'system' ? overFiles(files, ask.name, real) : undefined),
})

function scopes(asks: readonly UnitAsk[]): [UnitScope, string[]][] {
  const byScope = new Map<UnitScope, string[]>()
  for (const ask of asks) byScope.set(ask.scope, [...(byScope.get(ask.scope) ?? []), ask.name])
  return [...byScope]
}

/** A block for each unit, in order; templates, which only stand for units, are found in the list of unit files. */
function lookScript(scope: UnitScope, names: readonly string[]): string {
  const control = systemctl(scope)
  if (scope === 'global') {
    return names
      .map(
        (name) =>
          `printf 'Id=%s\\nUnitFileState=%s\\nLoadState=%s\\n\\n' ${quote(name)} "$(${control} is-enabled -- ${quote(name)} 2>/dev/null)" loaded`,
      )
      .join('\n')
  }
  const parts: string[] = []
  let plain: string[] = []
  const flush = () => {
    if (plain.length === 0) return
    parts.push(`${control} show --no-pager -p ${PROPERTIES} -- ${plain.map(quote).join(' ')} || exit $?; echo`)
    plain = []
  }
  for (const name of names) {
    if (!isTemplate(name)) {
      plain.push(name)
      continue
    }
    flush()
    parts.push(
      `set -- $(${control} list-unit-files --no-legend --no-pager -- ${quote(name)}); printf 'Id=%s\\nUnitFileState=%s\\nLoadState=%s\\n\\n' "$1" "$2" "\${2:+loaded}"`,
    )
  }
  flush()
  if (scope === 'system') {
    // Init scripts are enabled by links that only their names tell.
    const bare = names.filter((name) => name.endsWith('.service')).map((name) => quote(name.slice(0, -8)))
    if (bare.length > 0) {
      parts.push(
        `if [ -d /etc/init.d ]; then for n in ${bare.join(' ')}; do for l in /etc/rc[2-5].d/S[0-9][0-9]"$n"; do [ -e "$l" ] && echo "initscript $n" >&2 && break; done; done; fi; :`,
      )
    }
  }
  return parts.join('\n')
}

function refusal(reply: Reply): Problem | undefined {
  const text = reply.stderr.toString('utf8')
  if (reply.status === 127 || /systemctl: not found|command not found/.test(text)) {
    return new Problem('task-failed', 'This host has no systemctl, so its services are not managed by systemd.')
  }
  const cannot =
    /not been booted with systemd|Failed to connect to bus.*|Host is down|Failed to get properties: (.*)/.exec(text)
  if (!cannot || reply.status === 0) return undefined
  if (/Unit name .* is (neither|not) /.test(text))
    return new Problem('bad-parameter', text.trim().split('\n')[0]!.replace('Failed to get properties: ', ''))
  return new Problem('task-failed', `systemd does not answer on this host: ${text.trim().split('\n')[0]}`, {
    hint: /bus/.test(text)
      ? 'For the user scope the user must have a session (loginctl enable-linger USER).'
      : 'systemd must be the init system (PID 1) of the host.',
  })
}

function blocks(output: string): Record<string, string>[] {
  return output
    .split(/\n\n+/)
    .filter((block) => block.trim() !== '')
    .map((block) =>
      Object.fromEntries(
        block
          .split('\n')
          .filter((line) => line.includes('='))
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ),
    )
}

function fromProperties(of: Record<string, string>, initScript: boolean): Unit | null {
  if (!of.LoadState || of.LoadState === 'not-found') return null
  return {
    load: of.LoadState as Unit['load'],
    active: (of.ActiveState ?? 'inactive') as Unit['active'],
    file: of.UnitFileState === 'generated' ? (initScript ? 'enabled' : 'disabled') : (of.UnitFileState ?? ''),
    needsReload: of.NeedDaemonReload === 'yes',
    sub: of.SubState ?? 'dead',
    ...(of.FragmentPath ? { fragment: of.FragmentPath } : {}),
    ...(of.MainPID ? { mainPid: Number(of.MainPID) } : {}),
    ...(of.Type ? { type: of.Type } : {}),
    ...(of.RemainAfterExit ? { remains: of.RemainAfterExit === 'yes' } : {}),
    ...(of.Result ? { result: of.Result } : {}),
    ...(of.LoadError ? { error: of.LoadError } : {}),
    ...(of.ActiveEnterTimestamp ? { since: of.ActiveEnterTimestamp } : {}),
  }
}

/** What systemd would say once predicted unit files are there. */
function overFiles(
  files: PredictedFiles,
  name: string,
  real: () => Promise<Unit | null>,
): Promise<Unit | null> | undefined {
  const own = unitFolders
    .map((folder) => ({ path: `${folder}/${name}`, file: files.at(`${folder}/${name}`) }))
    .find(({ file }) => file !== undefined && file.type !== 'unchanged')
  const dropIns = unitFolders.some((folder) => files.children(`${folder}/${name}.d`).size > 0)
  if (!own?.file && !dropIns) return undefined
  return real().then((there) => {
    if (!own?.file) return there && { ...there, needsReload: true }
    const { file, path } = own
    if (file.type === 'absent') {
      if (!there || (there.fragment !== undefined && there.fragment !== path))
        return there && { ...there, needsReload: true }
      return there.active === 'active' ? { ...there, needsReload: true } : null
    }
    if (file.type === 'link' && file.target === '/dev/null')
      return { load: 'masked', active: there?.active ?? 'inactive', file: 'masked', needsReload: there !== null }
    if (there) return { ...there, load: 'loaded', needsReload: true }
    const text = predictedContent(file)
    const installs =
      !Buffer.isBuffer(text) || /^\s*(WantedBy|RequiredBy|UpheldBy|Alias|Also)\s*=/m.test(text.toString('utf8'))
    const words = Buffer.isBuffer(text) ? text.toString('utf8') : ''
    const type = /^\s*Type\s*=\s*(\S+)/m.exec(words)?.[1]
    return {
      load: 'loaded',
      active: 'inactive',
      sub: 'dead',
      file: installs ? 'disabled' : 'static',
      needsReload: false,
      fragment: path,
      ...(type === undefined ? {} : { type }),
      remains: /^\s*RemainAfterExit\s*=\s*(yes|true|1|on)\s*$/im.test(words),
    }
  })
}

/** A unit on its way is where it goes to; one that failed is not running. */
function settled(there: Partial<Unit> | null): Partial<Unit> | null {
  if (there?.active === undefined) return there
  const ends: Partial<Record<string, Unit['active']>> = {
    activating: 'active',
    reloading: 'active',
    deactivating: 'inactive',
    failed: 'inactive',
  }
  return { ...there, active: ends[there.active] ?? there.active }
}

/** Whether any unit file is newer than what systemd has read. */
export const reloadNeeded = defineRead<UnitScope, boolean>({
  name: 'unit-reload',
  key: (scope) => scope,
  paths: () => unitFolders,
  items: (asks) =>
    asks.map((scope) => {
      const control = systemctl(scope)
      return [
        `t=$(${control} show --timestamp=us+utc -p UnitsLoadTimestamp 2>/dev/null); t=\${t#*=}; t=\${t#* }`,
        `${control} show -p NeedDaemonReload -- '*' 2>/dev/null | grep -q yes && { echo yes; exit 0; }`,
        `[ -n "$t" ] || { echo no; exit 0; }`,
        `[ -n "$(find ${unitFolders.join(' ')} /etc/fstab -newermt "$t" -print 2>/dev/null | head -n 1)" ] && echo yes || echo no`,
      ].join('\n')
    }),
  parse: (replies) => replies.map((reply) => reply.stdout.toString('utf8').trim() === 'yes'),
  predicted: (files) =>
    unitFolders.some((folder) => files.children(folder).size > 0 || hasDropIns(files, folder))
      ? Promise.resolve(true)
      : undefined,
})

function hasDropIns(files: PredictedFiles, folder: string): boolean {
  return [...files.children(folder).keys()].some((child) => files.children(posix.join(folder, child)).size > 0)
}

/** The name of a unit of the host that is nearest to one it does not have. */
export const similarUnit = defineRead<string, string | null>({
  name: 'similar-unit',
  key: (name) => name,
  volatile: true,
  items: () => ['systemctl list-unit-files --no-legend --no-pager 2>/dev/null; :'],
  parse: (replies, names) => {
    const known = replies[0]!.stdout
      .toString('utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[0] ?? '')
      .filter(Boolean)
    // `.service` is in nearly all of them and would make any two look alike.
    return names.map(
      (name) =>
        suggest(
          name.replace(/\.service$/, ''),
          known.map((one) => one.replace(/\.service$/, '')),
        ) ?? null,
    )
  },
})
