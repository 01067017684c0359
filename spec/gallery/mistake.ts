import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** One mistake people make, and the whole text that they are told. One file below cases/ each. */
export interface Mistake {
  /** Below cases/, without its ending: `yaml/tab`. */
  readonly name: string
  readonly title: string
  /** Texts by path; `{base64: …}` for what is not text. `inventory.yml` is made up unless it is here. */
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>
  /** Files that may be run. */
  readonly executable: readonly string[]
  /** Files that only others may read, as `chmod 0` leaves them. */
  readonly words: readonly string[]
  /** What is typed or piped in. */
  readonly env: Readonly<Record<string, string>>
  readonly status: number
  /** No file is at fault, so none is named. */
  readonly nowhere: boolean
  /** It shows only when a host is worked on: the run's own report tells it. */
  readonly running: boolean
  /** It stops nothing, and is most likely not meant: a warning before the run. */
  readonly warns: boolean
  /** An editor shows it too: a schema refuses one of its files. */
  readonly schema: boolean
  /** Shell texts for the host: run before, and what is looked at afterwards, which must say `left`. */
  readonly prepare: string
  readonly look: string
  readonly left: string
  /** Lines of output; the end of the report, which holds times, left out. */
  readonly says: string
}

export const casesFolder = fileURLToPath(new URL('./cases/', import.meta.url))
/** Those that need a host that answers: played by gallery.live.spec.ts. */
export const liveFolder = fileURLToPath(new URL('./live/', import.meta.url))

/** Those that need a host with systemd: played by worlds.live.spec.ts. */
export const worldsFolder = fileURLToPath(new URL('./worlds/', import.meta.url))

/** A text that stands wherever a secret stands in the gallery; nobody may ever see it. */
export const planted = 'pl4nted-s3cret'

const inventory = `all:
  vars: {ansible_connection: local, ansible_become_password: ${planted}}
  children:
    web: {hosts: {h1: {}, h2: {}}}
    db: {hosts: {h3: {}, h4: {}}}
`

export function mistakes(folder = casesFolder): Mistake[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yml'))
  return paths.sort().map((path) => {
    const given = parse(readFileSync(join(folder, path), 'utf8')) as Partial<Mistake> & { title: string }
    return {
      executable: [],
      words: ['run', 'site.yml', '-i', 'inventory.yml'],
      env: {},
      status: 1,
      nowhere: false,
      running: false,
      warns: false,
      schema: false,
      prepare: ':',
      look: ':',
      left: '',
      says: '',
      ...given,
      name: path.replace(/\.yml$/, ''),
      files: { 'inventory.yml': inventory, ...given.files },
    }
  })
}

export function writeMistake(folder: string, mistake: Mistake): void {
  for (const [name, content] of Object.entries(mistake.files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'))
    if (mistake.executable.includes(name)) chmodSync(path, 0o755)
  }
}

/** Writes what is said now into the case, for a person to read and judge: GALLERY_RECORD=1. */
export function record(mistake: Mistake, said: string, folder = casesFolder): void {
  const path = join(folder, `${mistake.name}.yml`)
  const before = readFileSync(path, 'utf8').replace(/^says:[\s\S]*/m, '')
  const lines = said
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
  writeFileSync(path, `${before.trimEnd()}\nsays: |\n${lines.join('\n')}\n`)
}
