import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where what can be made again is kept for the user, by what it is; whoever writes there makes it, for the user alone. */
export function cacheFolder(kind: string): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsplay', kind)
}
