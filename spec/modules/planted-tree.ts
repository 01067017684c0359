import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** When all that is planted was changed. */
export const THEN = 1_700_000_000
/** What a shell, tar, find or a listing by lines could stumble over. */
export const ODD = [
  'a b',
  "it's",
  '$(touch came)',
  '-n',
  'line\nend',
  'back\\slash',
  '"quoted"',
  'ünï',
  `long-${'x'.repeat(200)}`,
]

export type Tree = Readonly<Record<string, string | null | { readonly link: string }>>

/** Makes files, folders (null) and links, all of one time. */
export function plant(folder: string, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(folder, name)
    mkdirSync(content === null ? path : dirname(path), { recursive: true })
    if (content === null) continue
    if (typeof content === 'object') symlinkSync(content.link, path)
    else writeFileSync(path, content)
  }
  for (const name of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].reverse())
    if (!lstatSync(join(folder, name)).isSymbolicLink()) utimesSync(join(folder, name), THEN, THEN)
}

/** All that is in a folder, with mode and time. */
export function found(folder: string): Record<string, string> {
  const names = ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].sort()
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name)
      const { mode, mtimeMs } = lstatSync(path)
      const facts = `${(mode & 0o7777).toString(8)} ${Math.floor(mtimeMs / 1000)}`
      if (lstatSync(path).isSymbolicLink()) return [name, `→ ${readlinkSync(path)}`]
      return [name, statSync(path).isDirectory() ? `folder ${facts}` : `${facts} ${readFileSync(path, 'utf8')}`]
    }),
  )
}
