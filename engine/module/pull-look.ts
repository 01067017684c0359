import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readFile, readlink, stat } from 'node:fs/promises'
import { basename, dirname, join, posix } from 'node:path'
import { Problem } from '../base/problem.ts'
import type { Change } from '../base/result.ts'
import { nameable, tree } from '../state/reads/tree.ts'
import type { Stat } from '../state/stat.ts'
import type { PulledEntry, PulledTree } from '../state/steps/pull.ts'
import type { Host } from '../state/view.ts'
import { localTree } from './local-tree.ts'
import type { MirrorWishes } from './mirror.ts'
import type { MirrorFilter } from './mirror-filter.ts'

export interface PullAsk {
  /** On the host; with a slash at its end: what is in the folder. */
  readonly src: string
  /** On the controller, a whole path; with a slash at its end: a folder. */
  readonly dest: string
  readonly depth: number
  readonly links: boolean
  readonly leftOut: MirrorFilter
  readonly wishes: MirrorWishes
}

/** What makes the controller's side like the host's; `failed`: why it cannot be. */
export interface PullLook {
  readonly failed?: string
  readonly hint?: string
  readonly changes: readonly Change[]
  /** None: all is alike. */
  readonly order?: PulledTree
  readonly skipped: readonly string[]
}

interface Remote {
  readonly relative: string
  readonly there: Stat
}

interface Here {
  readonly type: string
  readonly mode: string
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly target?: string
}

export async function lookAtPull(host: Host, ask: PullAsk): Promise<PullLook> {
  const { wishes, leftOut } = ask
  const bare = /[^/]\/+$/.test(ask.src)
  const src = ask.src.replace(/(.)\/+$/, '$1')
  const failed = (text: string, hint?: string): PullLook => ({
    ...{ failed: text, changes: [], skipped: [] },
    ...(hint === undefined ? {} : { hint }),
  })
  const top = await host.stat(src, { follow: bare })
  if (top === null) return failed(`${src} is not on the host.`)
  const single = top.type !== 'directory'
  if (bare && single) return failed(`${src} of the host is a ${top.type}, not a folder.`)
  if (!single && ask.depth === 0)
    return failed(
      `${ask.src} is a folder, and "recursive" of synchronize is off.`,
      '"dirs: true" takes what is in it, but not what is below.',
    )
  const dest = ask.dest.replace(/(.)\/+$/, '$1')
  const folder = await stat(dest).then(
    (there) => there.isDirectory(),
    () => false,
  )
  const named = single && !ask.dest.endsWith('/') && !folder
  const to = named ? dest : bare && !single ? dest : join(dest, basename(src))
  const above = dirname(to)
  // As rsync: dest itself, where it is a folder to put something in.
  const makes = to !== dest && !(await exists(above)) && (await isFolder(dirname(above))) ? above : undefined
  if (makes === undefined && !(await isFolder(above)))
    return failed(`The folder ${above} is not there on the controller.`, 'Make it first, or name another "dest".')
  if (wishes.delete && to === '/') return failed('synchronize never removes what is in /.')

  const leaves: Leaves = (relative, type) => {
    const whole = [bare && !single ? '' : posix.basename(src), relative].filter(Boolean).join('/')
    return whole !== '' && leftOut(whole, type === 'directory')
  }
  const entries = [{ relative: '', there: top }, ...(single ? [] : await below(host, src, ask.depth, leaves))]
  const taken = entries.filter(({ there }) => isKnown(there, ask.links))
  const skipped = entries
    .filter(({ there }) => !isKnown(there, ask.links))
    .map(({ relative }) => posix.join(src, relative))

  const look = await compared(host, src, to, taken, wishes)
  if (typeof look === 'string') return failed(look)
  const { changes, attributes, stirred, ...order } = look
  const blocked = (relative: string) => order.obstacles.some((one) => one === '' || relative.startsWith(`${one}/`))
  const whole = !single && !blocked('x') && (await isFolder(to, true))
  const extra = wishes.delete && whole ? await extraOf(to, entries, blocked, leaves) : []
  for (const { relative, type } of extra) {
    stirred.add(folderOf(relative))
    changes.push({ path: `controller:${join(to, relative)}`, before: type === 'directory' ? 'folder' : type })
  }
  if (changes.length === 0) return { changes, skipped }
  if (makes !== undefined) changes.unshift({ path: `controller:${makes}`, after: 'folder' })
  // Its time changed because of what is done in it.
  const told = new Set(attributes.map(({ relative }) => relative))
  for (const { relative, there } of taken)
    if (wishes.times && there.type === 'directory' && stirred.has(relative) && !told.has(relative))
      attributes.push({ relative, type: 'directory', mtime: there.mtime })
  attributes.sort((a, b) => (a.relative < b.relative ? -1 : 1))
  const gone = extra.map(({ relative }) => relative)
  return { changes, order: { from: src, to, ...order, extra: gone, attributes, makes }, skipped }
}

type Leaves = (relative: string, type: string) => boolean

/** What is below a folder of the host, those above before those below, without what is left out. */
async function below(host: Host, src: string, depth: number, leaves: Leaves): Promise<Remote[]> {
  const names = nameable(src, (await host.read(tree, { path: src })) ?? [])
  const wanted = honest(src, names)
    .filter(({ relative }) => relative.split('/').length <= depth)
    .filter(({ relative, type }) => !leaves(relative, type))
  const stats = await Promise.all(wanted.map(({ relative }) => host.stat(posix.join(src, relative))))
  // What is gone by now is not there.
  return wanted.flatMap(({ relative }, index) => (stats[index] ? [{ relative, there: stats[index] }] : []))
}

interface Compared {
  readonly changes: Change[]
  readonly attributes: PulledEntry[]
  /** Folders whose time changes because of what is done in them. */
  readonly stirred: Set<string>
  readonly files: { relative: string; size: number }[]
  readonly obstacles: string[]
  readonly folders: string[]
  readonly links: { relative: string; target: string }[]
}

/** What differs on the controller; a text says why it cannot be made alike. */
async function compared(
  host: Host,
  src: string,
  to: string,
  taken: readonly Remote[],
  wishes: MirrorWishes,
): Promise<Compared | string> {
  const [users, groups] = await Promise.all([idsIn('/etc/passwd'), idsIn('/etc/group')])
  const asRoot = process.getuid?.() === 0
  const found: Compared = {
    ...{ changes: [], attributes: [], stirred: new Set(), files: [], obstacles: [], folders: [], links: [] },
  }
  for (const { relative, there } of taken) {
    const path = relative === '' ? to : join(to, relative)
    const hidden = found.obstacles.some((one) => one === '' || relative.startsWith(`${one}/`))
    const here = hidden ? null : await lookHere(path)
    if (!here && wishes.existing) continue
    const same = here?.type === there.type ? here : null
    if (here && !same && (here.type === 'directory' || there.type === 'directory')) {
      if (here.type === 'directory' && !wishes.delete)
        return `${path} of the controller is a folder, and a ${there.type} cannot take its place: "delete: true" lets it.`
      found.obstacles.push(relative)
    }
    const from = relative === '' ? src : posix.join(src, relative)
    const made =
      there.type === 'file'
        ? !(await sameContent(host, from, there, path, same, wishes))
        : there.type === 'link'
          ? same?.target !== there.target
          : !same
    const plain = (Number.parseInt(there.mode, 8) & 0o755).toString(8).padStart(4, '0')
    const final = {
      mode: there.type === 'link' ? undefined : wishes.perms ? there.mode : made ? (same?.mode ?? plain) : undefined,
      uid: asRoot && wishes.owner ? (users.get(there.owner) ?? there.uid) : undefined,
      gid: asRoot && wishes.group ? (groups.get(there.group) ?? there.gid) : undefined,
      mtime: wishes.times && there.type !== 'link' ? there.mtime : undefined,
    }
    if (made) {
      found.stirred.add(folderOf(relative))
      if (there.type === 'directory') found.folders.push(relative)
      else if (there.type === 'link') found.links.push({ relative, target: there.target! })
      else found.files.push({ relative, size: there.size })
      found.changes.push({ path: `controller:${path}`, ...(here ? { before: said(here) } : {}), after: said(there) })
    }
    const differing = same ? differences(path, same, final, made) : []
    found.changes.push(...differing)
    if (made || differing.length > 0) found.attributes.push({ relative, type: there.type as 'file', ...final })
  }
  return found
}

/** What is on the controller and not on the host; what is in a folder goes with it. */
async function extraOf(
  to: string,
  entries: readonly Remote[],
  blocked: (relative: string) => boolean,
  leaves: Leaves,
): Promise<{ relative: string; type: string }[]> {
  const known = new Set(entries.map(({ relative }) => relative))
  const local = (await localTree(to, { depth: Number.POSITIVE_INFINITY, follow: false })).filter(
    ({ relative }) => relative !== '' && !blocked(relative),
  )
  const kept = local.filter(({ relative, type }) => leaves(relative, type)).map(({ relative }) => relative)
  const extra = local.filter(
    ({ relative }) => !known.has(relative) && !kept.some((one) => one === relative || one.startsWith(`${relative}/`)),
  )
  const gone = new Set(extra.map(({ relative }) => relative))
  return extra.filter(({ relative }) => !gone.has(posix.dirname(relative)))
}

const folderOf = (relative: string) => (relative.includes('/') ? posix.dirname(relative) : '')
const isKnown = (there: Stat, links: boolean) =>
  there.type === 'file' || there.type === 'directory' || (there.type === 'link' && links)

/** What a host says of its names is not believed where it would lead out of the folder, or through a link. */
function honest<T extends { relative: string; type: string }>(src: string, names: readonly T[]): readonly T[] {
  const folders = new Set(['.', ...names.filter(({ type }) => type === 'directory').map(({ relative }) => relative)])
  const odd = names.find(
    ({ relative }) =>
      relative.split('/').some((part) => ['', '.', '..'].includes(part)) || !folders.has(posix.dirname(relative)),
  )
  if (!odd) return names
  throw new Problem('task-failed', `The host says that ${odd.relative} is below ${src}, which cannot be.`, {
    hint: 'Nothing was changed. Look at the host: its find or stat does not tell the truth.',
  })
}

async function lookHere(path: string): Promise<Here | null> {
  const there = await lstat(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return null
    throw thrown
  })
  if (!there) return null
  const link = there.isSymbolicLink()
  return {
    type: there.isFile() ? 'file' : there.isDirectory() ? 'directory' : link ? 'link' : 'other',
    mode: (there.mode & 0o7777).toString(8).padStart(4, '0'),
    ...{ uid: there.uid, gid: there.gid, size: there.size, mtime: Math.floor(there.mtimeMs / 1000) },
    ...(link ? { target: await readlink(path) } : {}),
  }
}

const isFolder = (path: string, itself = false): Promise<boolean> =>
  (itself ? lstat(path) : stat(path)).then(
    (there) => there.isDirectory(),
    () => false,
  )

async function sameContent(
  host: Host,
  from: string,
  there: Stat,
  path: string,
  same: Here | null,
  { checksum }: MirrorWishes,
): Promise<boolean> {
  if (!same || same.size !== there.size) return false
  if (!checksum && same.mtime === there.mtime) return true
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return (await host.digest(from)) === hash.digest('hex')
}

function differences(path: string, same: Here, final: Omit<PulledEntry, 'relative' | 'type'>, made: boolean): Change[] {
  const time = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '')
  const told = (what: string, before: unknown, after: unknown, shown = (value: unknown) => value) =>
    after === undefined || before === after
      ? []
      : [{ path: `controller:${path} ${what}`, before: shown(before), after: shown(after) }]
  return [
    ...told('mode', same.mode, final.mode),
    ...told('owner', same.uid, final.uid),
    ...told('group', same.gid, final.gid),
    ...(made ? [] : told('modified', same.mtime, final.mtime, (value) => time(value as number))),
  ]
}

function said(there: { type: string; size: number; target?: string | undefined }): string {
  if (there.type === 'link') return `link to ${there.target}`
  return there.type === 'file' ? `file (${there.size} bytes)` : there.type === 'directory' ? 'folder' : there.type
}

async function idsIn(file: string): Promise<Map<string, number>> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => line.split(':'))
  return new Map(lines.flatMap(([name, , id]) => (id ? [[name!, Number(id)] as const] : [])))
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
