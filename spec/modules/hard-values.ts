import { parse } from 'yaml'
import { type Property, schemaOf } from '../../engine/module/parameters.ts'
import { allExamples, firstOf, type Told } from './example-book.ts'

/** An example's parameters with a hard value in one place. */
export interface Hardened {
  readonly module: string
  readonly name: string
  /** Which parameter, and where in it. */
  readonly at: string
  readonly paramsWith: (value: Value) => Record<string, unknown>
}

/** Parameters that a shell is to read as commands, and why. */
export const commands: Readonly<Record<string, string>> = {
  'raw._raw_params': 'the command',
  'shell._raw_params': 'the command',
  'shell.cmd': 'the command',
  'script._raw_params': 'the script, and its arguments as a shell has words',
  'script.cmd': 'the same',
  'script.executable': 'the program that reads the script, with its arguments',
}

type Value = (format: string | undefined) => string

/** Every parameter that takes texts, of an example of each module. */
export async function hardened(): Promise<Hardened[]> {
  return firstOf(await allExamples()).flatMap((one) => {
    // Nothing is worth waiting for.
    const patience = 'timeout' in schemaOf(one.definition).properties ? { timeout: 1 } : {}
    const given = { ...paramsOf(one), ...patience }
    return Object.entries(schemaOf(one.definition).properties).flatMap(([name, property]) =>
      variants(property, () => '').map(({ at }, index) => ({
        module: one.module,
        name,
        at: `${one.module}.${name}${at}`,
        paramsWith: (value: Value) => ({ ...given, [name]: variants(property, value)[index]!.made }),
      })),
    )
  })
}

/** Of the example's first task. */
function paramsOf({ module, definition, example }: Told): Record<string, unknown> {
  const tasks = parse(example.yaml, { logLevel: 'silent' }) as Record<string, unknown>[]
  const task = tasks.find((one) => module in one) ?? {}
  const free = task[module]
  const own = typeof free === 'object' ? free : definition.freeForm === undefined ? {} : { [definition.freeForm]: free }
  return { ...own, ...(task['args'] as object | undefined) }
}

/** The ways in which a parameter can hold a text. */
function variants(property: Property, value: Value): { at: string; made: unknown }[] {
  const types = [property.type ?? []].flat()
  const found: { at: string; made: unknown }[] = []
  if (property.enum === undefined && (types.includes('string') || (types.length === 0 && !property.anyOf)))
    found.push({ at: '', made: value(property.format) })
  if (property.items)
    for (const { at, made } of variants(property.items, value)) found.push({ at: `[]${at}`, made: [made] })
  for (const [name, inner] of Object.entries(property.properties ?? {}))
    for (const { at, made } of variants(inner, value))
      found.push({ at: `.${name}${at}`, made: { ...textsFor(property, value), [name]: made } })
  if (types.includes('object') && property.properties === undefined)
    found.push({ at: '{}', made: { [value('name')]: value(undefined) } })
  for (const way of [...(property.anyOf ?? []), ...(property.oneOf ?? [])]) found.push(...variants(way, value))
  return found
}

/** What an object needs beside the member in question. */
function textsFor(property: Property, value: Value): Record<string, unknown> {
  const required = (property as { required?: readonly string[] }).required ?? []
  return Object.fromEntries(required.map((name) => [name, property.properties?.[name]?.enum?.[0] ?? value(undefined)]))
}
