// What a host's own layer says of its files: an overlay keeps there what was added, changed and deleted.
import { createHash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from './command.ts'

export type Change = {
  path: string
  kind: 'added' | 'changed' | 'deleted'
  type: 'file' | 'folder' | 'link' | 'other'
  /** Of owner, mode and content; of a file also when it was written. Equal digests: nothing happened in between. */
  digest: string
}

/** The changes in the layer `upper` above `lower` (top first), by path. */
export async function readLayer(upper: string, lower: readonly string[]): Promise<Map<string, Change>> {
  const changes = new Map<string, Change>()
  const opaque = await opaqueFolders(upper)
  // `hidden`: whether an opaque folder hides what lies below
  const walk = async (path: string, hidden: boolean): Promise<void> => {
    for (const name of (await readdir(join(upper, path)).catch(() => [])).sort()) {
      const child = join(path, name)
      const there = await lstat(join(upper, child)).catch(() => undefined)
      if (!there) continue // gone since the folder was read: the host is running
      const before = await below(child, lower)
      if (there.isCharacterDevice() && there.rdev === 0) {
        if (before && !hidden) changes.set(child, { path: child, kind: 'deleted', type: typeOf(before), digest: '' })
        continue
      }
      const digest = await digestOf(join(upper, child), there).catch(() => 'unreadable')
      const type = typeOf(there)
      const kind = before ? 'changed' : 'added'
      // a folder is in the layer already because of what is in it
      const same =
        before && type === 'folder' && typeOf(before) === 'folder' && attributes(before) === attributes(there)
      if (!same) changes.set(child, { path: child, kind, type, digest })
      if (type !== 'folder') continue
      await walk(child, hidden || opaque.has(child))
      if (before && opaque.has(child)) await deletions(child, upper, lower, changes)
    }
  }
  await walk('/', false)
  return changes
}

/** What an opaque folder hides: it was deleted and another one made in its place. */
async function deletions(path: string, upper: string, lower: readonly string[], changes: Map<string, Change>) {
  const names = await Promise.all(lower.map((layer) => readdir(join(layer, path)).catch(() => [])))
  for (const name of new Set(names.flat())) {
    const child = join(path, name)
    const before = await below(child, lower)
    const there = await lstat(join(upper, child)).catch(() => undefined)
    if (before && !there) changes.set(child, { path: child, kind: 'deleted', type: typeOf(before), digest: '' })
    if (before?.isDirectory()) await deletions(child, upper, lower, changes)
  }
}

async function below(path: string, lower: readonly string[]): Promise<Stats | undefined> {
  for (const layer of lower) {
    const found = await lstat(join(layer, path)).catch(() => undefined)
    if (found) return found
  }
  return undefined
}

const typeOf = (stats: Stats): Change['type'] =>
  stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other'

const attributes = (stats: Stats) => `${stats.uid}:${stats.gid} ${(stats.mode & 0o7777).toString(8)}`

/** Digests by inode and the time of its last change: a host is looked at again and again, and most of its files stay. */
const known = new Map<string, string>()
/** A file that changed this shortly before it was read may change again with the same time (git calls such a file racy). */
const racyMs = 1000

async function digestOf(file: string, stats: Stats): Promise<string> {
  const key = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`
  const settled = Date.now() - stats.ctimeMs > racyMs
  const before = settled ? known.get(key) : undefined
  if (before !== undefined) return before
  const digest = await readDigest(file, stats)
  if (settled) known.set(key, digest)
  return digest
}

async function readDigest(file: string, stats: Stats): Promise<string> {
  const hash = createHash('sha256').update(`${typeOf(stats)} ${attributes(stats)} ${stats.rdev}\n`)
  if (stats.isSymbolicLink()) hash.update(await readlink(file))
  if (stats.isFile()) {
    hash.update(`${stats.mtimeMs}\n`)
    for await (const part of createReadStream(file)) hash.update(part)
  }
  return hash.digest('hex')
}

async function opaqueFolders(upper: string): Promise<Set<string>> {
  const words = ['getfattr', '-RPh', '--absolute-names', '-n', 'trusted.overlay.opaque', '-m', '-', upper]
  const said = await command(['sh', '-c', '"$@" 2>/dev/null || true', 'sh', ...words])
  return parseAttributes(said, upper)
}

/** The paths, from `root` on, that getfattr names. */
export function parseAttributes(text: string, root: string): Set<string> {
  const files = [...text.matchAll(/^# file: (.*)$/gm)].map((match) =>
    (match[1] ?? '').replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
  )
  return new Set(files.filter((file) => file.startsWith(`${root}/`)).map((file) => file.slice(root.length)))
}
