import type { ReadKind } from '../state/read.ts'
import type { GroupEntry, UserEntry } from '../state/reads/account.ts'
import type { DigestAsk } from '../state/reads/digest.ts'
import type { StatAsk } from '../state/reads/stat.ts'
import { sysctlPath } from '../state/reads/sysctl.ts'
import type { TreeAsk } from '../state/reads/tree.ts'
import { type Unit, type UnitAsk, unitName } from '../state/reads/unit.ts'
import type { Reply } from '../wire/connection.ts'
import { type FakeFile, FakeFiles } from './fake-files.ts'

/** What a shell text says: its standard output, or all of it. */
export type FakeReply = string | { readonly status?: number; readonly stdout?: string; readonly stderr?: string }

/**
 * A host, said as data. A part that is given is whole: what is not in it is not there. A look at a part that is not
 * given is an error that shows what to add.
 */
export interface FakeHostData {
  /** The inventory's name; default fake. */
  readonly name?: string
  /** Whom the task acts as; default root. */
  readonly actsAs?: string
  /** By whole paths. */
  readonly files?: Readonly<Record<string, FakeFile>>
  /** By names; root is always there. */
  readonly users?: Readonly<Record<string, Partial<UserEntry>>>
  readonly groups?: Readonly<Record<string, Partial<GroupEntry>>>
  /** Names of commands, or their whole paths where that is not /usr/bin. */
  readonly commands?: readonly string[]
  /** By names, `.service` where nothing else is said; what is left out is loaded, inactive and disabled. */
  readonly units?: Readonly<Record<string, Partial<Unit>>>
  /** `net.ipv4.ip_forward: '0'`. */
  readonly sysctls?: Readonly<Record<string, string>>
  /** Any look, by `KIND KEY`, and what it gives; wins over all the rest. An Error is what it fails with. */
  readonly answers?: Readonly<Record<string, unknown>>
  /** What shell texts of looks print: queries, and kinds of look of one's own, whose `parse` is then used. */
  readonly queries?: Readonly<Record<string, FakeReply>>
}

const FILE_LOOKS = ['stat', 'content', 'digest', 'listing', 'tree', 'real-path', 'file-type']

/** Answers looks from data. */
export class FakeAnswers {
  readonly #data: FakeHostData
  readonly #files: FakeFiles
  readonly #users: ReadonlyMap<string, UserEntry>
  readonly #groups: ReadonlyMap<string, GroupEntry>

  constructor(data: FakeHostData) {
    this.#data = data
    this.#users = new Map(
      Object.entries<Partial<UserEntry>>({ root: { uid: 0, home: '/root' }, ...data.users }).map(
        ([name, user], index) => {
          const uid = user.uid ?? 999 + index
          return [name, { name, uid, gid: uid, gecos: '', home: `/home/${name}`, shell: '/bin/sh', ...user }]
        },
      ),
    )
    this.#groups = new Map(
      Object.entries<Partial<GroupEntry>>({ root: { gid: 0 }, ...data.groups }).map(([name, group], index) => [
        name,
        { name, gid: 999 + index, members: [], ...group },
      ]),
    )
    this.#files = new FakeFiles(data.files ?? {}, {
      uid: (name) => this.#users.get(name)?.uid ?? numberOf(name, 'users'),
      gid: (name) => this.#groups.get(name)?.gid ?? this.#users.get(name)?.gid ?? numberOf(name, 'groups'),
    })
  }

  /** Throws an Error that shows what to add to the data. */
  give(kind: ReadKind<unknown, unknown>, ask: unknown): unknown {
    const id = `${kind.name} ${kind.key(ask)}`
    const { answers = {}, queries = {} } = this.#data
    if (Object.hasOwn(answers, id)) return answers[id]
    const scripts = kind.items([ask])
    if (scripts.length > 0 && scripts.every((script) => Object.hasOwn(queries, script)))
      return kind.parse(
        scripts.map((script) => replyOf(queries[script]!)),
        [ask],
      )[0]
    if (kind.name === 'link') return this.#files.link(ask as string)
    if (FILE_LOOKS.includes(kind.name)) {
      this.#needs('files', this.#data.files, id, `{ ${text(pathOf(ask))}: 'its text\\n' }`)
      return this.#file(kind.name, ask)
    }
    return this.#other(kind, ask, id, scripts)
  }

  #file(kind: string, ask: unknown): unknown {
    if (kind === 'stat') return this.#files.stat((ask as StatAsk).path, (ask as StatAsk).follow ?? false)
    if (kind === 'digest') return this.#files.digest((ask as DigestAsk).path, (ask as DigestAsk).algorithm)
    if (kind === 'tree') return this.#files.tree((ask as TreeAsk).path, (ask as TreeAsk).digests ?? false)
    if (kind === 'file-type') return this.#files.stat(ask as string, true)?.type ?? null
    if (kind === 'content') return this.#files.content(ask as string)
    return kind === 'listing' ? this.#files.list(ask as string) : this.#files.resolve(ask as string, true)
  }

  #other(kind: ReadKind<unknown, unknown>, ask: unknown, id: string, scripts: readonly string[]): unknown {
    const { users, groups, commands, units, sysctls, actsAs = 'root' } = this.#data
    const name = typeof ask === 'string' ? ask : ''
    switch (kind.name) {
      case 'user': {
        const user = this.#users.get(name) ?? [...this.#users.values()].find((one) => String(one.uid) === name)
        if (!user) this.#needs('users', users, id, `{ ${text(name)}: { uid: 1000 } }`)
        return user ?? null
      }
      case 'group': {
        const group = this.#groups.get(name) ?? [...this.#groups.values()].find((one) => String(one.gid) === name)
        if (!group) this.#needs('groups', groups, id, `{ ${text(name)}: { gid: 1000 } }`)
        return group ?? null
      }
      case 'identity': {
        const user = this.#users.get(actsAs)
        if (!user) this.#needs('users', undefined, id, `{ ${text(actsAs)}: { uid: 1000 } }`)
        const group = [...this.#groups.values()].find((one) => one.gid === user!.gid)
        return { user: actsAs, group: group?.name ?? actsAs, home: user!.home }
      }
      case 'command': {
        this.#needs('commands', commands, id, `[${text(name)}]`)
        const found = commands!.find((one) => one === name || one.endsWith(`/${name}`))
        return found === undefined ? null : found.startsWith('/') ? found : `/usr/bin/${found}`
      }
      case 'unit': {
        const { name: wanted } = ask as UnitAsk
        this.#needs('units', units, id, `{ ${text(wanted)}: { active: 'active', file: 'enabled' } }`)
        const unit = Object.entries(units!).find(([one]) => unitName(one) === wanted)?.[1]
        return unit ? { load: 'loaded', active: 'inactive', file: 'disabled', needsReload: false, ...unit } : null
      }
      case 'sysctl': {
        this.#needs('sysctls', sysctls, id, `{ ${text(name)}: '0' }`)
        const value = Object.entries(sysctls!).find(([one]) => sysctlPath(one) === sysctlPath(name))?.[1]
        return value === undefined ? null : { value }
      }
      case 'query':
      case 'volatile-query':
        throw new Error(`The fake host does not know what this shell text prints. Add: queries: { ${text(name)}: '…' }`)
      default:
        throw new Error(
          `The fake host has no answer to the look "${id}". Add: answers: { ${text(id)}: … }` +
            (scripts.length === 1 ? `, or what its shell text prints: queries: { ${text(scripts[0]!)}: '…' }` : ''),
        )
    }
  }

  /** Tells what to add where nothing is said about a part of the host. */
  #needs(part: string, given: unknown, id: string, example: string): void {
    if (given !== undefined) return
    throw new Error(
      `The fake host is asked for "${id}", and nothing is said about its ${part}. Add: ${part}: ${example}, or an empty ` +
        `${part === 'commands' ? 'list' : 'object'} when there are none.`,
    )
  }
}

function numberOf(name: string, part: string): number {
  if (/^\d+$/.test(name)) return Number(name)
  const number = part === 'users' ? 'uid' : 'gid'
  throw new Error(
    `A file of the fake host belongs to "${name}", whom it does not know. Add: ${part}: { ${text(name)}: { ${number}: 1000 } }`,
  )
}

function pathOf(ask: unknown): string {
  return typeof ask === 'string' ? ask : (ask as { path: string }).path
}

/** As it stands in TypeScript. */
function text(value: string): string {
  return JSON.stringify(value)
}

function replyOf(reply: FakeReply): Reply {
  const { status = 0, stdout = '', stderr = '' } = typeof reply === 'string' ? { stdout: reply } : reply
  return { status, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) }
}
