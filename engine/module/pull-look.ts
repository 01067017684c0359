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
  if (!(await isFolder(above)))
    return failed(`The folder ${above} is not there on the controller.`, 'Make it first, or name another "dest".')
  if (wishes.delete && to === '/') return failed('synchronize never removes what is in /.')

  const leaves = (relative: string, type: string) => {
    const whole = [bare && !single ? '' : posix.basename(src), relative].filter(Boolean).join('/')
    return whole !== '' && leftOut(whole, type === 'directory')
  }
  const names = single ? [] : nameable(src, (await host.read(tree, { path: src })) ?? [])
  const wanted = honest(src, names)
    .filter(({ relative }) => relative.split('/').length <= ask.depth)
    .filter(({ relative, type }) => !leaves(relative, type))
  const stats = await Promise.all(wanted.map(({ relative }) => host.stat(posix.join(src, relative))))
  const all = [
    { relative: '', there: top },
    ...wanted.map(({ relative }, index) => ({ relative, there: stats[index]! })),
  ]
  const taken = all.filter(({ there }) => there !== null && isKnown(there, ask.links))
  const skipped = all.filter(({ there }) => there !== null && !isKnown(there, ask.links))

  const [users, groups] = await Promise.all([idsIn('/etc/passwd'), idsIn('/etc/group')])
  const asRoot = process.getuid?.() === 0
  const changes: Change[] = []
  const order = { obstacles: [] as string[], folders: [] as string[], extra: [] as string[] }
  const files: { relative: string; size: number }[] = []
  const links: { relative: string; target: string }[] = []
  const attributes: PulledEntry[] = []
  const blocked: string[] = []
  const stirred = new Set<string>()
  for (const { relative, there } of taken) {
    const path = relative === '' ? to : join(to, relative)
    const hidden = blocked.some((one) => one === '' || relative.startsWith(`${one}/`))
    const here = hidden ? null : await lookHere(path)
    if (!here && wishes.existing) continue
    const same = here?.type === there.type ? here : null
    if (here && !same && (here.type === 'directory' || there.type === 'directory')) {
      if (here.type === 'directory' && !wishes.delete)
        return failed(
          `${path} of the controller is a folder, and a ${there.type} cannot take its place: "delete: true" lets it.`,
        )
      order.obstacles.push(relative)
      blocked.push(relative)
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
      stirred.add(relative.includes('/') ? posix.dirname(relative) : '')
      if (there.type === 'directory') order.folders.push(relative)
      else if (there.type === 'link') links.push({ relative, target: there.target! })
      else files.push({ relative, size: there.size })
      changes.push({ path: `controller:${path}`, ...(here ? { before: said(here) } : {}), after: said(there) })
    }
    const differing = same ? differences(path, same, final, made) : []
    changes.push(...differing)
    if (made || differing.length > 0) attributes.push({ relative, type: there.type as 'file', ...final })
  }
  if (wishes.delete && !single && folderAt(taken, '') && !blocked.includes('') && (await isFolder(to, true))) {
    const known = new Set(all.map(({ relative }) => relative))
    const local = (await localTree(to, { depth: Number.POSITIVE_INFINITY, follow: false })).filter(
      ({ relative }) => relative !== '' && !blocked.some((one) => relative.startsWith(`${one}/`)),
    )
    const kept = local.filter(({ relative, type }) => leaves(relative, type)).map(({ relative }) => relative)
    const extra = local.filter(
      ({ relative }) => !known.has(relative) && !kept.some((one) => one === relative || one.startsWith(`${relative}/`)),
    )
    const gone = new Set(extra.map(({ relative }) => relative))
    for (const { relative, type } of extra)
      if (!gone.has(posix.dirname(relative))) {
        order.extra.push(relative)
        stirred.add(relative.includes('/') ? posix.dirname(relative) : '')
        changes.push({ path: `controller:${join(to, relative)}`, before: type === 'directory' ? 'folder' : type })
      }
  }
  const left = skipped.map(({ relative }) => posix.join(src, relative))
  if (changes.length === 0) return { changes, skipped: left }
  // Its time changed because of what is done in it.
  const told = new Set(attributes.map(({ relative }) => relative))
  for (const { relative, there } of taken)
    if (wishes.times && there.type === 'directory' && stirred.has(relative) && !told.has(relative))
      attributes.push({ relative, type: 'directory', mtime: there.mtime })
  attributes.sort((a, b) => (a.relative < b.relative ? -1 : 1))
  return { changes, order: { from: src, to, files, links, attributes, ...order }, skipped: left }
}

const isKnown = (there: Stat, links: boolean) =>
  there.type === 'file' || there.type === 'directory' || (there.type === 'link' && links)
const folderAt = (all: readonly { relative: string; there: Stat }[], where: string) =>
  all.some(({ relative, there }) => relative === where && there.type === 'directory')

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
