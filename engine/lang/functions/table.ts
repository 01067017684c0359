import { address } from './address.ts'
import { combinations } from './combination.ts'
import { comments } from './comment.ts'
import { encoding } from './encoding.ts'
import { asTemplate } from './example.ts'
import { formats } from './format.ts'
import { signatureOf } from './function.ts'
import { hashes } from './hash.ts'
import { ipaddr } from './ipaddr.ts'
import { kind } from './kind.ts'
import { list } from './list.ts'
import { logic } from './logic.ts'
import { lookups } from './lookup.ts'
import { map } from './map.ts'
import { number } from './number.ts'
import { ordered } from './ordered.ts'
import { passwords } from './password.ts'
import { path } from './path.ts'
import { randoms } from './random.ts'
import { aliasesOf, register } from './registry.ts'
import { regularExpression } from './regular-expression.ts'
import { selection } from './selection.ts'
import { set } from './set.ts'
import { sizes } from './size.ts'
import { text } from './text.ts'
import { time } from './time.ts'
import { url } from './url.ts'
import { version } from './version.ts'

export { functionNamed, functionNames } from './registry.ts'

const groups = {
  logic,
  text: [...text, ...comments, ...formats],
  'regular expressions': regularExpression,
  lists: [...list, ...selection, ...ordered, ...combinations],
  sets: set,
  maps: map,
  numbers: [...number, ...sizes, ...randoms],
  'encoding and hashes': [...encoding, ...hashes],
  'paths and URLs': [...path, ...url],
  addresses: [...ipaddr, ...address],
  versions: version,
  'types and results': kind,
  time,
  'reading on the controller': [...lookups, ...passwords],
}

register(Object.values(groups).flat())

export interface FunctionDoc {
  readonly name: string
  readonly group: string
  readonly signature: string
  readonly aliases: readonly string[]
  /** Jinja2's names: behind `|`, and behind `is`. */
  readonly filters: readonly string[]
  readonly tests: readonly string[]
  readonly doc: string
  /** An expression, the same as a template where templates can say it, the variables in it, and what it gives. */
  readonly example: string
  readonly template: string | undefined
  readonly given: Readonly<Record<string, unknown>> | undefined
  readonly gives: unknown
}

/** The whole table, for `tsplay doc` and the documentation; every example is run by the specs. */
export function helperDocs(): FunctionDoc[] {
  return Object.entries(groups).flatMap(([group, entries]) =>
    entries.map((entry) => ({
      name: entry.name,
      group,
      signature: signatureOf(entry),
      aliases: aliasesOf(entry),
      filters: entry.filters,
      tests: entry.tests,
      doc: entry.doc,
      example: entry.example[0],
      template: asTemplate(entry.example[0]),
      given: entry.example[2],
      gives: entry.example[1],
    })),
  )
}
