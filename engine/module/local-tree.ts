import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../base/problem.ts'
import { isOddName } from '../state/reads/tree.ts'

/** Something in a folder of the controller, without what is in it. */
export interface LocalEntry {
  /** Below the folder; '' is the folder itself. */
  readonly relative: string
  readonly path: string
  /** `other`: a pipe, a socket, a device. */
  readonly type: 'file' | 'directory' | 'link' | 'other'
  /** Four octal digits. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
  /** Names, or the number as text where this machine has no name for it. */
  readonly owner: string
  readonly group: string
  /** Bytes. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  readonly target?: string
}

export interface LocalTreeOptions {
  /** How many folders deep; 0: the folder alone. */
  readonly depth: number
  /** What links lead to is taken for what is there. */
  readonly follow: boolean
}

/**
 * A file of the controller, or a folder with all that is in it, those above before those below. Throws task-failed for
 * names that are no text, links that lead nowhere, and folders that hold themselves.
 */
export async function localTree(path: string, options: LocalTreeOptions): Promise<LocalEntry[]> {
  const [users, groups] = await Promise.all([namesIn('/etc/passwd'), namesIn('/etc/group')])
  const found: LocalEntry[] = []
  const walk = async (relative: string, depth: number, above: readonly string[]): Promise<void> => {
    const here = relative === '' ? path : join(path, relative)
    if (isOddName(relative))
      throw new Problem('task-failed', `The name ${here} is not UTF-8.`, { hint: 'Rename it; nothing was changed.' })
    // A slash at the end leads through a link, as everywhere.
    const there = await (options.follow ? stat(here).catch(() => nowhere(here)) : lstat(here))
    const type = there.isFile() ? 'file' : there.isDirectory() ? 'directory' : there.isSymbolicLink() ? 'link' : 'other'
    found.push({
      relative,
      path: here,
      type,
      mode: (there.mode & 0o7777).toString(8).padStart(4, '0'),
      uid: there.uid,
      gid: there.gid,
      owner: users.get(there.uid) ?? String(there.uid),
      group: groups.get(there.gid) ?? String(there.gid),
      size: there.size,
      mtime: Math.floor(there.mtimeMs / 1000),
      ...(type === 'link' ? { target: await readlink(here) } : {}),
    })
    if (type !== 'directory' || depth === 0) return
    const real = options.follow ? await realpath(here) : here
    if (above.includes(real))
      throw new Problem('task-failed', `${here} is a link to a folder that it is in.`, {
        hint: 'Without "copy_links" it stays a link.',
      })
    for (const name of (await readdir(here)).sort())
      await walk(relative === '' ? name : `${relative}/${name}`, depth - 1, [...above, real])
  }
  await walk('', options.depth, [])
  return found
}

function nowhere(path: string): never {
  throw new Problem('task-failed', `${path} is a link that leads nowhere.`, {
    hint: 'Without "copy_links" it stays a link.',
  })
}

/** The names of users or groups, by number; those of a directory (LDAP) are not among them. */
async function namesIn(file: string): Promise<Map<number, string>> {
  const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return ''
    throw thrown
  })
  const lines = text.split('\n').map((line) => line.split(':'))
  return new Map(lines.reverse().flatMap(([name, , id]) => (id ? [[Number(id), name!] as const] : [])))
}
