import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { globSync } from 'tinyglobby'
import { type Case, spelling } from './case.ts'
import type { Outcome } from './outcome.ts'

/** What ansible-core did with a case. */
export interface Entry {
  /** Of what ansible was given: an entry for another text says nothing. */
  readonly digest: string
  readonly ansible: Outcome
  /** Ours, where the case allows it to differ. */
  readonly tsplay?: Outcome
}

const folder = fileURLToPath(new URL('./record/', import.meta.url))
const fileOf = (area: string) => join(folder, `${area}.json`)

export function digestOf(one: Case): string {
  const { files, words } = spelling(one, 'ansible')
  const given = JSON.stringify([files, words, one.host, ...(one.ground === 'blank' ? [] : [one.ground])])
  return createHash('sha256').update(given).digest('hex').slice(0, 16)
}

/** What is recorded of a case; undefined when it has not been, or was another text then. */
export function recorded(one: Case): Entry | undefined {
  const [area = '', name = ''] = one.id.split('/')
  const entry = readArea(area)[name]
  return entry?.digest === digestOf(one) ? entry : undefined
}

/** Writes entries into the record, one file an area; those of cases that are no more go. */
export function record(entries: ReadonlyMap<string, Entry>, all: readonly string[]): void {
  mkdirSync(folder, { recursive: true })
  const areas = new Set([...all.map(areaOf), ...globSync('*.json', { cwd: folder }).map((file) => file.slice(0, -5))])
  for (const area of areas) {
    const own = all.filter((id) => areaOf(id) === area).sort()
    if (own.length === 0) {
      rmSync(fileOf(area), { force: true })
      continue
    }
    const before = readArea(area)
    const kept: Record<string, Entry> = {}
    for (const id of own) {
      const name = id.slice(area.length + 1)
      const entry = entries.get(id) ?? before[name]
      if (entry) kept[name] = entry
    }
    if (Object.keys(kept).length === 0) continue
    const text = `${JSON.stringify(kept, undefined, 1)}\n`
    if (existsSync(fileOf(area)) && readFileSync(fileOf(area), 'utf8') === text) continue
    // another run may read it meanwhile
    const aside = `${fileOf(area)}.${process.pid}`
    writeFileSync(aside, text)
    renameSync(aside, fileOf(area))
  }
}

const areaOf = (id: string) => id.split('/')[0] ?? ''

function readArea(area: string): Record<string, Entry> {
  return existsSync(fileOf(area)) ? (JSON.parse(readFileSync(fileOf(area), 'utf8')) as Record<string, Entry>) : {}
}
