import { posix } from 'node:path'
import { globPattern } from '../base/glob.ts'
import type { Host } from './view.ts'

const WILD = /[*?[]/

export const isWild = (path: string): boolean => WILD.test(path)

/**
 * The paths of a host that an absolute path with wildcards finds, a round trip a folder deep. As in a shell, `*` finds no names that
 * begin with a dot. What follows the last wildcard is not looked for: it may not be there.
 */
export async function pathsLike(host: Host, path: string): Promise<string[]> {
  let folders = ['/']
  for (const part of path.split('/').filter(Boolean)) {
    if (!isWild(part)) {
      folders = folders.map((folder) => posix.join(folder, part))
      continue
    }
    const fits = globPattern(part)
    const lists = await Promise.all(folders.map((folder) => host.list(folder)))
    folders = folders.flatMap((folder, index) =>
      (lists[index] ?? [])
        .filter((name) => fits.test(name) && (part.startsWith('.') || !name.startsWith('.')))
        .map((name) => posix.join(folder, name)),
    )
  }
  return folders
}
