import type { Module } from '../../../engine/module/definition.ts'
import { type Property, parameterName, schemaOf } from '../../../engine/module/parameters.ts'
import type { AnsibleModule, AnsibleParameter } from './record.ts'

/**
 * How a module's parameters and results differ from Ansible's, by what differs: `backup` (the parameter is not there),
 * `backup alias bak`, `backup default`, `backup choice soft`, `backup type`, `backup required`, `returns backup_file`.
 */
export function differences(ours: Module, theirs: AnsibleModule): Map<string, string> {
  const schema = schemaOf(ours)
  const found = new Map<string, string>()
  for (const [name, parameter] of Object.entries(theirs.parameters)) {
    const known = parameterName(schema, name)
    if (known === undefined) {
      if (ours.freeForm === undefined || name !== 'free_form') found.set(name, 'no such parameter')
      continue
    }
    for (const alias of parameter.aliases ?? [])
      if (parameterName(schema, alias) !== known) found.set(`${name} alias ${alias}`, 'no such name')
    for (const [what, how] of inParameter(parameter, schema.properties[known]!)) found.set(`${name} ${what}`, how)
    const needed = schema.required?.includes(known) ?? false
    if (needed && !parameter.required) found.set(`${name} required`, 'only ours is')
    if (!needed && parameter.required) found.set(`${name} required`, 'only theirs is')
  }
  for (const key of theirs.returns) if (!Object.hasOwn(ours.returns ?? {}, key)) found.set(`returns ${key}`, 'not told')
  return found
}

function inParameter(theirs: AnsibleParameter, ours: Property): Map<string, string> {
  const found = new Map<string, string>()
  const takes = typesOf(ours)
  const [own, other] = [ours.default, theirs.default].map((value) =>
    plain(takes.includes('array') ? listOf(value) : value),
  )
  if (own !== other) found.set('default', `${own ?? 'none'} instead of ${other ?? 'none'}`)
  const words = wordsOf(ours)
  for (const choice of theirs.choices ?? [])
    if (words && !words.includes(plain(choice))) found.set(`choice ${choice}`, 'not among ours')
  if (words && !theirs.choices && theirs.type !== 'bool') found.set('choices', 'only ours has some')
  const type = typeNames[theirs.type ?? '']
  const wide = type === 'integer' && takes.includes('number')
  if (!words && type !== undefined && takes.length > 0 && !takes.includes(type) && !wide)
    found.set('type', `${takes.join(' or ')} instead of ${type}`)
  return found
}

/** An empty text stands for an empty list. */
const listOf = (value: unknown) => (value === undefined || value === '' || Array.isArray(value) ? value : [value])

/** Nothing, an empty text and an empty list are one default; so are `yes` and true, 5 and "5", a line end and its letters. */
function plain(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (Array.isArray(value)) return value.length === 0 ? undefined : JSON.stringify(value.map(plain))
  if (typeof value === 'object') return Object.keys(value).length === 0 ? undefined : JSON.stringify(value)
  if (value === 'yes') return 'true'
  return value === 'no' ? 'false' : String(value).replaceAll('\\n', '\n').replaceAll('\\r', '\r')
}

function wordsOf(property: Property): (string | undefined)[] | undefined {
  if (property.enum) return property.enum.map(plain)
  const branches = property.anyOf ?? property.oneOf ?? []
  // A choice beside a free text is no choice.
  return branches.length > 0 && branches.every((branch) => branch.enum)
    ? branches.flatMap((one) => wordsOf(one)!)
    : undefined
}

function typesOf(property: Property): string[] {
  const branches = property.anyOf ?? property.oneOf
  return branches ? branches.flatMap(typesOf) : [property.type ?? []].flat()
}

/** By Ansible's names; those that take anything (raw, jsonarg) are not here. */
const typeNames: Readonly<Record<string, string>> = {
  str: 'string',
  string: 'string',
  path: 'string',
  bool: 'boolean',
  boolean: 'boolean',
  int: 'integer',
  integer: 'integer',
  float: 'number',
  list: 'array',
  dict: 'object',
}
