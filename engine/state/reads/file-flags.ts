import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** What `lsattr` says of a file. */
export interface FileFlags {
  /** Letters, as chattr takes them: `i` immutable, `a` append only, … */
  readonly flags: string
  /** The file's generation number, as text; not every file system tells it. */
  readonly version?: string
}

/** The flags that chattr sets; null where there is no such file, no lsattr, or the file system keeps none. */
export const fileFlags = defineRead<string, FileFlags | null>({
  name: 'file-flags',
  key: (path) => path,
  paths: (path) => [path],
  // Not every file system tells versions: then once more without.
  itself: true,
  items: (paths) => [
    `__flags() { for __p; do shift; [ -L "$__p" ] || ! [ -e "$__p" ] || set -- "$@" "$__p"; done; [ $# -eq 0 ] || lsattr -vd -- "$@" 2>/dev/null || { printf '\\000'; lsattr -d -- "$@" 2>/dev/null; }; :; }; __flags ${paths.map(quote).join(' ')}`,
  ],
  builtins: () => true,
  parse: (replies, paths) => {
    const [versioned = '', plain = ''] = replies[0]!.stdout.toString('utf8').split('\0')
    const [first, second] = [flagsOf(versioned, paths), flagsOf(plain, paths)]
    return paths.map((path) => first.get(path) ?? second.get(path) ?? null)
  },
  predicted: (files, ask) => {
    const file = files.at(ask)
    if (!file || file.type === 'unchanged') return undefined
    if (file.type === 'absent' || file.type === 'link') return Promise.resolve(null)
    // Another inode takes the name.
    return file.type === 'file' && (file.content !== undefined || file.sha256 !== undefined)
      ? Promise.resolve({ flags: '' })
      : undefined
  },
  agrees: (predicted, seen) => letters((predicted as FileFlags | null)?.flags) === letters(seen?.flags),
})

/** Walks the output in the order of the paths; of some there is no line. A name may hold line ends. */
function flagsOf(text: string, paths: readonly string[]): Map<string, FileFlags> {
  const found = new Map<string, FileFlags>()
  let rest = text
  for (const path of new Set(paths)) {
    const [head, version, flags] = /^\s*(?:(\d+)\s+)?([-A-Za-z]+) /.exec(rest) ?? []
    if (head === undefined || !rest.startsWith(`${path}\n`, head.length)) continue
    rest = rest.slice(head.length + path.length + 1)
    found.set(path, { flags: flags!.replaceAll('-', ''), ...(version === undefined ? {} : { version }) })
  }
  return found
}

/** Those that chattr can set and take away; the others say how the file system keeps the file. */
export const letters = (flags = ''): string => [...flags.replaceAll(/[^aAcCdDFijmPsStTux]/g, '')].sort().join('')

const names: Readonly<Record<string, string>> = {
  A: 'noatime',
  C: 'nocow',
  D: 'dirsync',
  E: 'encrypted',
  I: 'indexed',
  N: 'inline',
  S: 'synchronous',
  T: 'blockroot',
  X: 'compressedraw',
  Z: 'compresseddirty',
  a: 'append',
  c: 'compressed',
  d: 'nodump',
  e: 'extents',
  h: 'blocksize',
  i: 'immutable',
  j: 'journalled',
  s: 'zero',
  t: 'notail',
  u: 'undelete',
}

/** The words for flags that Ansible's results have. */
export const flagNames = (flags: string): string[] => [...flags].flatMap((letter) => names[letter] ?? [])
