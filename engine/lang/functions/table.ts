import { address } from './address.ts'
import { encoding } from './encoding.ts'
import type { LanguageFunction } from './function.ts'
import { signatureOf } from './function.ts'
import { kind } from './kind.ts'
import { list } from './list.ts'
import { logic } from './logic.ts'
import { map } from './map.ts'
import { number } from './number.ts'
import { path } from './path.ts'
import { set } from './set.ts'
import { text } from './text.ts'
import { time } from './time.ts'
import { version } from './version.ts'

const groups = { logic, text, list, set, map, number, encoding, path, address, version, kind, time }

const table = new Map<string, LanguageFunction>()
for (const entry of Object.values(groups).flat()) {
  for (const name of [entry.name, ...entry.aliases]) table.set(name, entry)
}

/** The function of a name or alias, for templates and expressions alike. */
export function functionNamed(name: string): LanguageFunction | undefined {
  return table.get(name)
}

export function functionNames(): Iterable<string> {
  return table.keys()
}

export interface FunctionDoc {
  readonly name: string
  readonly group: string
  readonly signature: string
  readonly aliases: readonly string[]
  readonly doc: string
  readonly example: string
  readonly gives: unknown
}

/** The whole table, for `tsplay doc` and the documentation; every example is run by the specs. */
export function helperDocs(): FunctionDoc[] {
  return Object.entries(groups).flatMap(([group, entries]) =>
    entries.map((entry) => ({
      name: entry.name,
      group,
      signature: signatureOf(entry),
      aliases: entry.aliases,
      doc: entry.doc,
      example: entry.example[0],
      gives: entry.example[1],
    })),
  )
}
