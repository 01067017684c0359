import { chmod, lchown, lstat, mkdir, mkdtemp, rename, rm, stat, symlink, utimes } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { Problem } from '../base/problem.ts'
import type { PulledTree } from '../state/steps/pull.ts'

/**
 * Brings files of a host into a folder beside the target; only when all are there and whole, they take their names.
 * Nothing is written through a link of the controller: links in the way were planned to be taken away.
 */
export async function receiveTree(order: PulledTree, get: (from: string, to: string) => Promise<void>): Promise<void> {
  const here = (relative: string) => (relative === '' ? order.to : join(order.to, relative))
  const beside = order.makes === undefined ? await besideOf(order.to) : dirname(order.makes)
  const stage = await mkdtemp(join(beside, '.tsplay-'))
  try {
    for (const [index, { relative, size }] of order.files.entries()) {
      const from = relative === '' ? order.from : posix.join(order.from, relative)
      const to = join(stage, String(index))
      await get(from, to)
      const got = (await stat(to)).size
      if (got !== size)
        throw new Problem('task-failed', `${from} changed while it was fetched: it had ${size} bytes, ${got} came.`, {
          hint: 'Nothing was changed on the controller; run again.',
        })
    }
    if (order.makes !== undefined) await mkdir(order.makes)
    for (const relative of order.obstacles) await rm(here(relative), { recursive: true, force: true })
    for (const relative of order.folders) await mkdir(here(relative), { mode: 0o700 })
    for (const [index, { relative }] of order.files.entries()) await rename(join(stage, String(index)), here(relative))
    for (const { relative, target } of order.links) {
      await symlink(target, join(stage, 'link'))
      await rename(join(stage, 'link'), here(relative))
    }
    for (const relative of order.extra) await rm(here(relative), { recursive: true, force: true })
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
  // What is deep first: a folder's time changes with what is done in it. Owners first: chown clears set-user-ID bits.
  for (const { relative, type, mode, uid, gid, mtime } of [...order.attributes].reverse()) {
    const path = here(relative)
    if (uid !== undefined || gid !== undefined) {
      const there = await lstat(path)
      await lchown(path, uid ?? there.uid, gid ?? there.gid)
    }
    if (type === 'link') continue
    if (mtime !== undefined) await utimes(path, mtime, mtime)
    if (mode !== undefined) await chmod(path, Number.parseInt(mode, 8))
  }
}

/** The folder above, or the target itself where that is another file system: a rename does not reach into one. */
async function besideOf(target: string): Promise<string> {
  const above = dirname(target)
  const [there, over] = await Promise.all([stat(target).catch(() => undefined), stat(above)])
  return there?.isDirectory() && there.dev !== over.dev ? target : above
}
