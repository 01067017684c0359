import { posix } from 'node:path'
import type { Stat } from '../state/stat.ts'
import type { Host } from '../state/view.ts'
import type { LocalEntry } from './local-tree.ts'

/** What shall be alike. */
export interface MirrorWishes {
  readonly perms: boolean
  readonly times: boolean
  readonly owner: boolean
  readonly group: boolean
  /** Contents are compared whatever size and time say. */
  readonly checksum: boolean
  /** What stands in the way goes, and what is extra. */
  readonly delete: boolean
  /** Nothing new is made. */
  readonly existing: boolean
  /** Folders of the host, whose files become links instead of being sent where they are alike in all that is asked for. */
  readonly linkTo: readonly string[]
}

/** Something of the controller, and what is at its place on the host. */
export interface MirrorItem {
  readonly entry: LocalEntry
  /** Below the root on the host. */
  readonly relative: string
  readonly there: Stat | null
  /** Of a file that must be sent. */
  readonly sha256?: string | undefined
  /** A file of the host like it, to be linked instead. */
  readonly link?: { readonly path: string; readonly there: Stat } | undefined
  /** As the host names them; undefined: they stay. */
  readonly owner?: string | undefined
  readonly group?: string | undefined
}

type Placed = Pick<MirrorItem, 'entry' | 'relative'>

/** Digests of so many files at a time: each is a file that is open. */
const AT_ONCE = 16

/** Looks at what is at the places; contents only of files that may differ. `sha256` is that of a file of the controller. */
export async function lookAtMirror(
  host: Host,
  root: string,
  placed: readonly Placed[],
  wishes: MirrorWishes,
  sha256: (path: string) => Promise<string>,
): Promise<MirrorItem[]> {
  const entries = placed.map(({ entry }) => entry)
  const [stats, owner, group] = await Promise.all([
    Promise.all(placed.map(({ relative }) => host.stat(posix.join(root, relative)))),
    wishes.owner ? nameOn((name) => host.user(name), entries, 'owner', 'uid') : () => undefined,
    wishes.group ? nameOn((name) => host.group(name), entries, 'group', 'gid') : () => undefined,
  ])
  // What is behind a file or a link that gives way to a folder is not there then.
  const blocked: string[] = []
  const items = placed.map(({ entry, relative }, index): MirrorItem => {
    const hidden = blocked.some((path) => relative.startsWith(`${path}/`))
    const there = hidden ? null : stats[index]!
    if (there && there.type !== 'directory' && entry.type === 'directory') blocked.push(relative)
    return { entry, relative, there, owner: owner(entry), group: group(entry) }
  })
  const asked = items.filter((item) => mayDiffer(item, wishes)).map(({ relative }) => posix.join(root, relative))
  const theirs = await Promise.all(asked.map((path) => host.digest(path)))
  const digests = new Map(asked.map((path, index) => [path, theirs[index]!]))
  const found: MirrorItem[] = []
  for (let at = 0; at < items.length; at += AT_ONCE)
    found.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map((item) => compared(item)))))
  return wishes.linkTo.length === 0 ? found : Promise.all(found.map((item) => linked(host, item, wishes)))

  async function compared(item: MirrorItem): Promise<MirrorItem> {
    const { entry, there } = item
    if (entry.type !== 'file' || (!there && wishes.existing)) return item
    const alike = there?.type === 'file' && there.size === entry.size
    if (alike && !mayDiffer(item, wishes)) return item
    const own = await sha256(entry.path)
    return own === digests.get(posix.join(root, item.relative)) ? item : { ...item, sha256: own }
  }
}

/** A link shares all with its file, so all that is asked for must be alike. */
async function linked(host: Host, item: MirrorItem, wishes: MirrorWishes): Promise<MirrorItem> {
  const { entry, relative, owner, group } = item
  if (item.sha256 === undefined) return item
  const paths = wishes.linkTo.map((folder) => posix.join(folder, relative))
  const stats = await Promise.all(paths.map((path) => host.stat(path)))
  const alike = paths.flatMap((path, index) => {
    const there = stats[index]
    if (there?.type !== 'file' || there.size !== entry.size) return []
    if ((wishes.times || !wishes.checksum) && there.mtime !== entry.mtime) return []
    if (wishes.perms && there.mode !== entry.mode) return []
    return is(owner, there.owner, there.uid) && is(group, there.group, there.gid) ? [{ path, there }] : []
  })
  const digests = wishes.checksum ? await Promise.all(alike.map(({ path }) => host.digest(path))) : []
  const link = wishes.checksum ? alike[digests.indexOf(item.sha256)] : alike[0]
  return link === undefined ? item : { ...item, link }
}

const is = (wanted: string | undefined, name: string, id: number) =>
  wanted === undefined || wanted === name || wanted === String(id)

/** Whether only the contents of two files of one size can tell. */
function mayDiffer({ entry, there }: MirrorItem, { checksum }: MirrorWishes): boolean {
  if (entry.type !== 'file' || there?.type !== 'file' || there.size !== entry.size) return false
  return checksum || there.mtime !== entry.mtime
}

/** An account as the host names it, or the number where it does not know the name. */
async function nameOn(
  ask: (name: string) => Promise<unknown>,
  entries: readonly LocalEntry[],
  name: 'owner' | 'group',
  id: 'uid' | 'gid',
): Promise<(entry: LocalEntry) => string> {
  const names = [...new Set(entries.map((entry) => entry[name]))].filter((one) => !/^\d+$/.test(one))
  const known = await Promise.all(names.map(async (one) => one === 'root' || (await ask(one)) !== null))
  const there = new Set(names.filter((_, index) => known[index]))
  return (entry) => (there.has(entry[name]) ? entry[name] : String(entry[id]))
}
