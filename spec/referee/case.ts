import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { globSync } from 'tinyglobby'
import { parse } from 'yaml'

export type Side = 'ansible' | 'tsplay'

/** What the hosts are: `tooled` ones have what modules work with (../lab/tooled-layer.ts), those of `systemd` a systemd. */
export type Ground = 'blank' | 'tooled' | 'systemd'

/** A small playbook that both play. Where the two must be spelt apart, it has both spellings: « ansible's ¦ ours ». */
export interface Case {
  /** `area/name`, from its file. */
  readonly id: string
  readonly title: string
  readonly words: readonly string[]
  readonly files: Readonly<Record<string, string>>
  /** Shell, run as root on every host before. */
  readonly host: string | undefined
  readonly ground: Ground
  readonly book: string
  readonly status: number | undefined
  /** Compared host by host: where it is not told which of them is first. */
  readonly byHost: boolean
  /** A line of the table of differences in docs/language.md that allows the outcomes to differ. */
  readonly differs: string | undefined
}

/** What one side is given. */
export interface Spelling {
  readonly byHost: boolean
  readonly words: readonly string[]
  /** With the playbook, and the inventory. */
  readonly files: Readonly<Record<string, string>>
}

export const casesFolder = fileURLToPath(new URL('./cases/', import.meta.url))

const fourHosts = `all:
  children:
    web: {hosts: {h1: {}, h2: {}}}
    db: {hosts: {h3: {}, h4: {}}}
`

const keys = new Set(['by', 'check', 'ground', 'title', 'words', 'files', 'host', 'book', 'status', 'differs'])

/** All cases whose id contains one of the patterns; all of them without patterns. */
export function readCases(patterns: readonly string[] = [], folder = casesFolder): Case[] {
  return globSync('*/*.yml', { cwd: folder })
    .map((path) => path.replace(/\.yml$/, ''))
    .sort()
    .flatMap((id) => readCase(id, readFileSync(join(folder, `${id}.yml`), 'utf8')))
    .filter(({ id }) => patterns.length === 0 || patterns.some((pattern) => id.includes(pattern)))
}

/**
 * The case that a file says; two of them, where it is played as a dry run too: there what is done twice is done once, and nobody
 * is told what only a real run knows.
 */
export function readCase(id: string, text: string): Case[] {
  const read = parse(text) as Partial<Omit<Case, 'id' | 'byHost'>> & { by?: string; check?: string }
  const wrong = (why: string) => new Error(`spec/referee/cases/${id}.yml: ${why}`)
  if (typeof read?.title !== 'string') throw wrong('it has no title')
  if (typeof read.book !== 'string') throw wrong('it has no book, which is a text: begin it with "book: |"')
  const strange = Object.keys(read).filter((key) => !keys.has(key))
  if (strange.length > 0) throw wrong(`it has ${strange.join(', ')}; there are ${[...keys].join(', ')}`)
  if (![undefined, 'too'].includes(read.check)) throw wrong('check may be: too')
  const one: Case = {
    id,
    title: read.title,
    words: (read.words ?? []).map(String),
    files: read.files ?? {},
    host: read.host,
    ground: read.ground ?? 'blank',
    book: read.book,
    status: read.status,
    byHost: read.by === 'host',
    differs: read.differs,
  }
  if (read.check === undefined) return [one]
  const book = one.book.replaceAll('loop: [1, 2]', 'loop: [1]').replace(/^ *- \{name: told, .*\n/gm, '')
  return [one, { ...one, id: `${id} --check`, title: `${one.title}: foretold`, words: [...one.words, '--check'], book }]
}

/** The files and words of a case as one side reads them. */
export function spelling(one: Case, side: Side): Spelling {
  const spelt = (text: string) => spell(text, side)
  const files: Record<string, string> = {}
  for (const [path, text] of Object.entries(one.files)) files[spelt(path)] = spelt(text)
  files['site.yml'] = spelt(one.book)
  const words = one.words.map(spelt)
  const own = Object.keys(files).find((path) => /^inventory(\.\w+|\/|$)/.test(path))
  const { byHost } = one
  if (words.includes('-i')) return { words, files, byHost }
  if (own === undefined) files['inventory.yml'] = fourHosts
  const inventory = own?.startsWith('inventory/') ? 'inventory' : (own ?? 'inventory.yml')
  return { words: ['-i', inventory, ...words], files, byHost }
}

/** One side's spelling of a text. */
export function spell(text: string, side: Side): string {
  return text.replace(/«([^«»¦]*)¦([^«»¦]*)»/g, (_, ansible: string, tsplay: string) =>
    (side === 'ansible' ? ansible : tsplay).trim(),
  )
}
