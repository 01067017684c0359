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
  items: (paths) => [
    `for p in ${paths.map(quote).join(' ')}; do [ -L "$p" ] || lsattr -vd -- "$p" 2>/dev/null || lsattr -d -- "$p" 2>/dev/null; printf '\\000'; done`,
  ],
  parse: (replies, paths) => {
    const said = replies[0]!.stdout.toString('latin1').split('\0')
    return paths.map((_, index) => {
      const match = /^\s*(?:(\d+)\s+)?([-A-Za-z]+) /.exec(said[index] ?? '')
      return match
        ? { flags: match[2]!.replaceAll('-', ''), ...(match[1] === undefined ? {} : { version: match[1] }) }
        : null
    })
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
