import { posix } from 'node:path'
import type { Change } from '../base/result.ts'
import type { Identity } from '../state/reads/identity.ts'
import type { Stat } from '../state/stat.ts'
import type { Step } from '../state/step.ts'
import { type MirrorEntry, mirror } from '../state/steps/mirror.ts'
import type { TarFile } from '../state/tar.ts'
import type { MirrorItem, MirrorWishes } from './mirror.ts'

export interface MirrorPlan {
  readonly changes: readonly Change[]
  /** None: all is alike. */
  readonly step?: Step
  /** Below the root: the files that are sent. */
  readonly sent: readonly string[]
  /** Those that become links to files that are like them. */
  readonly linked: readonly string[]
}

interface Extra {
  readonly relative: string
  readonly type: string
}

const kinds: Readonly<Record<string, string>> = { directory: 'folder' }
const kindOf = (type: string) => kinds[type] ?? type
const timeOf = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '')

/** What makes the host's side like the controller's; a text says why it cannot be. */
export function planMirror(
  root: string,
  items: readonly MirrorItem[],
  extra: readonly Extra[],
  wishes: MirrorWishes,
  me: Identity,
): MirrorPlan | string {
  const changes: Change[] = []
  const files: TarFile[] = []
  const folders: string[] = []
  const links: { relative: string; target: string }[] = []
  const hardLinks: { relative: string; target: string }[] = []
  const obstacles: string[] = []
  const attributes: MirrorEntry[] = []
  const result: MirrorEntry[] = []
  /** Folders whose time changes because of what is done in them. */
  const stirred = new Set(extra.map(({ relative }) => folderOf(relative)))
  const wanted = wishes.existing ? items.filter(({ there }) => there) : items

  for (const item of wanted) {
    const { entry, relative, there } = item
    if (entry.type === 'other') continue
    const path = posix.join(root, relative)
    const same = there?.type === entry.type ? there : null
    if (there && !same && (there.type === 'directory' || entry.type === 'directory')) {
      if (there.type === 'directory' && !wishes.delete)
        return `${path} is a folder, and a ${entry.type} cannot take its place: "delete: true" lets it.`
      obstacles.push(relative)
    }
    const made =
      entry.type === 'file' ? item.sha256 !== undefined : entry.type === 'link' ? same?.target !== entry.target : !same
    const final = finalOf(item, same, made, wishes, me)
    // The root itself is made by a step of its own.
    if (made && relative !== '') {
      stirred.add(folderOf(relative))
      if (entry.type === 'directory') folders.push(relative)
      else if (entry.type === 'link') links.push({ relative, target: entry.target! })
      else if (item.link !== undefined) hardLinks.push({ relative, target: item.link.path })
      else files.push(tarFile(item, same, final.mode!))
      changes.push({ path, ...(there ? { before: said(there) } : {}), after: saidOf(item) })
    }
    const differing = item.link === undefined ? differences(path, same, final, made) : []
    changes.push(...differing)
    if (made && item.link !== undefined) {
      const { mode, owner, group, mtime, size } = item.link.there
      result.push({ relative, type: 'file', mode, owner, group, mtime, size, sha256: item.sha256 })
    } else if (made || differing.length > 0) {
      result.push({ ...final, relative, type: entry.type, ...contentOf(item, made) })
      // Who is not root owns what he makes; its group may be that of the folder.
      const set = me.user === 'root' ? final : { mode: final.mode, mtime: final.mtime }
      attributes.push({ ...set, relative, type: entry.type })
    }
  }
  // What is in a folder that gives way goes with it.
  const left = extra.filter(({ relative }) => !obstacles.some((one) => relative.startsWith(`${one}/`)))
  for (const { relative, type } of left) changes.push({ path: posix.join(root, relative), before: kindOf(type) })
  if (changes.length === 0 && result.length === 0) return { changes, sent: [], linked: [] }
  const told = new Set(result.map(({ relative }) => relative))
  if (wishes.times)
    for (const { entry, relative } of wanted)
      if (entry.type === 'directory' && stirred.has(relative)) {
        const time = { relative, type: entry.type, mtime: entry.mtime } as const
        attributes.push(time)
        if (!told.has(relative)) result.push(time)
      }
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const deeds = [
    ...(files.length > 0 ? [`send ${files.length} file${files.length === 1 ? '' : 's'} (${bytes} bytes)`] : []),
    ...(hardLinks.length > 0 ? [`link ${hardLinks.length}`] : []),
    ...(left.length > 0 ? [`remove ${left.length}`] : []),
  ]
  const step = mirror({
    ...{ root, files, obstacles, folders, links, hardLinks, attributes, result },
    extra: left.map(({ relative }) => relative),
    times: wishes.times,
    asRoot: me.user === 'root',
    show: `make ${root} like the controller's${deeds.length > 0 ? `: ${deeds.join(', ')}` : ''}`,
  })
  const linked = hardLinks.map(({ relative }) => relative)
  return { changes, step, sent: files.map(({ name }) => name.slice(2)), linked }
}

const folderOf = (relative: string) => (relative.includes('/') ? posix.dirname(relative) : '')

/** Mode, owner, group and time as they are to be; undefined where they stay. */
function finalOf(item: MirrorItem, same: Stat | null, made: boolean, wishes: MirrorWishes, me: Identity) {
  const { entry } = item
  const asRoot = me.user === 'root'
  const own = <T>(value: T | undefined, mine: T, theirs: T | undefined) =>
    asRoot && value !== undefined ? value : made ? (theirs ?? mine) : undefined
  const plain = (Number.parseInt(entry.mode, 8) & 0o755).toString(8).padStart(4, '0')
  return {
    ...(entry.type === 'link' ? {} : { mode: wishes.perms ? entry.mode : made ? (same?.mode ?? plain) : undefined }),
    owner: own(item.owner, me.user, asRoot ? same?.owner : undefined),
    group: own(item.group, me.group, asRoot ? same?.group : undefined),
    mtime: wishes.times && entry.type !== 'link' ? entry.mtime : undefined,
  }
}

function tarFile({ entry, relative }: MirrorItem, same: Stat | null, mode: string): TarFile {
  const { path, size, mtime } = entry
  return { name: `./${relative}`, path, size, mtime, mode, uid: same?.uid ?? 0, gid: same?.gid ?? 0 }
}

function contentOf({ entry, sha256 }: MirrorItem, made: boolean): Partial<MirrorEntry> {
  if (entry.type === 'link') return { target: entry.target }
  return entry.type === 'file' && made ? { size: entry.size, sha256 } : {}
}

function said(there: Stat): string {
  if (there.type === 'link') return `link to ${there.target}`
  return there.type === 'file' ? `file (${there.size} bytes)` : kindOf(there.type)
}

function saidOf({ entry, sha256 }: MirrorItem): unknown {
  if (entry.type === 'link') return `link to ${entry.target}`
  return entry.type === 'file' ? { size: entry.size, sha256 } : 'folder'
}

/** Of what is there and stays. */
function differences(path: string, same: Stat | null, final: ReturnType<typeof finalOf>, made: boolean): Change[] {
  if (!same) return []
  const { mode, owner, group, mtime } = final
  const is = (wanted: string | undefined, name: string, id: number) =>
    wanted === undefined || wanted === name || wanted === String(id)
  return [
    ...(mode === undefined || mode === same.mode ? [] : [{ path: `${path} mode`, before: same.mode, after: mode }]),
    ...(is(owner, same.owner, same.uid) ? [] : [{ path: `${path} owner`, before: same.owner, after: owner }]),
    ...(is(group, same.group, same.gid) ? [] : [{ path: `${path} group`, before: same.group, after: group }]),
    ...(made || mtime === undefined || mtime === same.mtime
      ? []
      : [{ path: `${path} modified`, before: timeOf(same.mtime), after: timeOf(mtime) }]),
  ]
}
