import type { Module } from '../module/definition.ts'
import { type ObjectSchema, type Property, schemaOf } from '../module/parameters.ts'
import {
  anything,
  boolean,
  choice,
  computedText,
  condition,
  fileMode,
  meaning,
  nothing,
  number,
  type Schema,
  scalar,
} from './value-schema.ts'

/** A module's parameters, whichever are given. */
export function parametersSchema(module: Module): Schema {
  const schema = schemaOf(module)
  const properties: Record<string, Schema> = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const own = propertySchema(property)
    properties[name] = own
    for (const alias of property.aliases ?? []) properties[alias] = { ...own, doNotSuggest: true }
  }
  const open = schema.additionalProperties
  return {
    type: 'object',
    properties,
    additionalProperties: open === undefined || open === false ? false : anything,
  }
}

/** What may stand behind a module's name: its parameters as a map, in the short form, or nothing. */
export function moduleSchema(name: string, module: Module, parameters: Schema): Schema {
  const schema = schemaOf(module)
  const text: Schema =
    module.freeForm === undefined
      ? { type: 'string', pattern: '\\w=|\\{\\{|^\\s*$' }
      : freeForm(module.freeForm, schema)
  const list = module.freeForm === undefined ? [] : listForm(schema.properties[module.freeForm])
  const example = module.examples[0]
  return meaning(
    { anyOf: [{ allOf: [parameters, rules(schema as unknown as Schema, schema)] }, text, ...list, nothing] },
    module.summary,
    [
      module.description ?? '',
      example ? `\`\`\`yaml\n${example.yaml.trimEnd()}\n\`\`\`` : '',
      `tsplay doc ${name}`,
    ].filter((part) => part !== ''),
  )
}

/** `meta: flush_handlers`: the words behind the name are one parameter, and may be among its choices only. */
function freeForm(name: string, schema: ObjectSchema): Schema {
  const words = schema.properties[name]?.enum
  return words ? choice(words) : { type: ['string', 'number', 'boolean'] }
}

function listForm(property: Property | undefined): Schema[] {
  const types = [property?.type ?? []].flat()
  return types.includes('array') ? [{ type: 'array' }] : []
}

function propertySchema(property: Property): Schema {
  const notes = property.default === undefined ? [] : [`Default: \`${JSON.stringify(property.default)}\``]
  const described = meaning(typed(property), property.description ?? '', notes)
  const { deprecated } = property as { deprecated?: boolean }
  return deprecated
    ? { ...described, deprecated, deprecationMessage: property.description ?? 'Deprecated.' }
    : described
}

function typed(property: Property): Schema {
  if (property.expression) return condition
  if (property.enum) return choice([...property.enum, ...meantByBooleans(property.enum)])
  const branches = property.anyOf ?? property.oneOf
  if (branches) return { anyOf: branches.map(typed) }
  if (property.format === 'mode') return fileMode
  if (property.type === undefined) return anything
  const types = [property.type].flat()
  const schemas = types.map((type) => ofType(type, property))
  return schemas.length === 1 ? schemas[0]! : { anyOf: schemas }
}

function ofType(type: string, property: Property): Schema {
  switch (type) {
    case 'string':
      return scalar
    case 'boolean':
      return boolean
    case 'integer':
    case 'number': {
      const { minimum, maximum } = property as { minimum?: number; maximum?: number }
      return number({
        type,
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      })
    }
    case 'array':
      // `a,b` is a list too, and so is a single value.
      return { anyOf: [{ type: 'array', items: property.items ? typed(property.items) : anything }, scalar] }
    case 'object':
      return { anyOf: [objectSchema(property), { type: 'string', pattern: '\\{|^\\s*$' }, computedText, nothing] }
    default:
      return nothing
  }
}

function objectSchema(property: Property): Schema {
  if (!property.properties) return { type: 'object' }
  const { additionalProperties, required } = property as Partial<ObjectSchema>
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(property.properties).map(([name, part]) => [name, propertySchema(part)]),
    ),
    ...(additionalProperties === false ? { additionalProperties: false } : {}),
    ...(required ? { required } : {}),
  }
}

/** `state: off` is a boolean to YAML 1.1. */
function meantByBooleans(words: readonly unknown[]): boolean[] {
  return [
    ...(words.some((word) => ['yes', 'on', 'true'].includes(String(word))) ? [true] : []),
    ...(words.some((word) => ['no', 'off', 'false'].includes(String(word))) ? [false] : []),
  ].filter((word) => !words.includes(word))
}

/** Which parameters need or exclude each other; each by any of its names. */
function rules(given: Schema, schema: ObjectSchema): Schema {
  const made: Record<string, unknown> = {}
  const all: Schema[] = (given['allOf'] as Schema[] | undefined)?.map((part) => rules(part, schema)) ?? []
  for (const name of (given['required'] as string[] | undefined) ?? []) {
    const other = schema.properties[name]?.aliases ?? []
    if (other.length === 0) made['required'] = [...((made['required'] as string[] | undefined) ?? []), name]
    else all.push({ anyOf: [name, ...other].map((one) => ({ required: [one] })) })
  }
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    const branches = given[keyword] as Schema[] | undefined
    if (branches) made[keyword] = branches.map((part) => rules(part, schema))
  }
  if (given['not']) made['not'] = rules(given['not'] as Schema, schema)
  for (const [name, needed] of Object.entries(
    (given['dependentRequired'] as Record<string, string[]> | undefined) ?? {},
  ))
    all.push({ anyOf: [{ not: { required: [name] } }, rules({ required: needed }, schema)] })
  return { ...made, ...(all.length > 0 ? { allOf: all } : {}) }
}
