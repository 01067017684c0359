import { homedir } from 'node:os'
import { join } from 'node:path'

/** `~` and `~/x` as the shell means them, and OpenSSH's %d. */
export function expand(path: string): string {
  if (path.startsWith('%d/')) return join(homedir(), path.slice(3))
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}
