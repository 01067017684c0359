import { posix } from 'node:path'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/**
 * What a path itself links to, null for what is no link. Asked for every path that is looked at and all folders above
 * it, so that two names of one file are known as such. The shell's own test: a process only for links.
 */
export const link = defineRead<string, string | null>({
  name: 'link',
  key: (path) => path,
  paths: (path) => [path],
  itself: true,
  items: (paths) => [
    `for __p in ${paths.map(quote).join(' ')}; do if [ -L "$__p" ]; then readlink -- "$__p"; fi; printf '\\000'; done`,
  ],
  builtins: () => true,
  parse: (replies, paths) => {
    const found = replies[0]!.stdout.toString('utf8').split('\0')
    return paths.map((_, index) => found[index]?.replace(/\n$/, '') || null)
  },
})

/** Every look at a path comes by here, on every host: worked out once a path. */
const known = new Map<string, readonly string[]>()
const MOST_KNOWN = 10_000

/** A path and the folders above it, `/` left out; none for a relative path. */
export function prefixes(path: string): readonly string[] {
  let found = known.get(path)
  if (!found) {
    const parts = path.startsWith('/') ? posix.normalize(path).split('/').filter(Boolean) : []
    found = parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(path, found)
  }
  return found
}
