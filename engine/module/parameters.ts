import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import { findUnknown, isUnknown } from '../base/unknown.ts'
import { coerce } from './coerce.ts'
import type { Module } from './definition.ts'

/** A property of a module's schema, as far as the engine itself reads it. */
export interface Property {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly aliases?: readonly string[]
  readonly secret?: boolean
  readonly format?: string
  readonly controllerFile?: 'files' | 'templates' | 'vars'
  readonly expression?: boolean
  readonly items?: Property
  readonly properties?: Readonly<Record<string, Property>>
  readonly anyOf?: readonly Property[]
  readonly oneOf?: readonly Property[]
}

export interface ObjectSchema extends Property {
  readonly properties: Readonly<Record<string, Property>>
  readonly required?: readonly string[]
  /** An object or true: other names are parameters too (set_fact). */
  readonly additionalProperties?: unknown
}

/** Where a parameter (or a part of one) stands in the playbook; for a name, the name itself. */
export interface Places {
  value(path: readonly (string | number)[]): Span | undefined
  key(name: string): Span | undefined
  whole: Span | undefined
}

const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true, useDefaults: true, validateFormats: false })
const compiled = new WeakMap<object, ValidateFunction>()

export function schemaOf(module: Module): ObjectSchema {
  return module.params as ObjectSchema
}

/** The schema's name for a parameter, following aliases; undefined when there is none. */
export function parameterName(schema: ObjectSchema, name: string): string | undefined {
  if (Object.hasOwn(schema.properties, name)) return name
  return Object.entries(schema.properties).find(([, property]) => property.aliases?.includes(name))?.[0]
}

/**
 * Aliases resolved, texts turned into the types the schema asks for (as Ansible does), defaults filled in, all checked.
 * Unknown values pass every check. Gives the parameters, and every problem found.
 */
export function checkParameters(
  what: string,
  schema: ObjectSchema,
  given: Readonly<Record<string, unknown>>,
  places: Places,
): { params: Record<string, unknown>; problems: Problem[] } {
  const problems: Problem[] = []
  const params: Record<string, unknown> = {}
  /** Parameters that were meant by a name that does not exist: not missing, but misspelt. */
  const meant = new Set<string>()
  for (const [name, value] of Object.entries(given)) {
    const known = parameterName(schema, name)
    if (known === undefined && schema.additionalProperties) {
      params[name] = value
      continue
    }
    if (known === undefined) {
      const near = nearestParameter(schema, name)
      if (near !== undefined) meant.add(parameterName(schema, near)!)
      problems.push(unknownParameter(what, schema, name, near, places))
      continue
    }
    if (Object.hasOwn(params, known)) {
      problems.push(
        new Problem('bad-parameter', `"${name}" and another name of "${known}" are both given.`, {
          at: places.key(name),
        }),
      )
      continue
    }
    // null is how YAML says "nothing": as if it were not given.
    if (value === null && !allowsNull(schema.properties[known]!)) continue
    params[known] = coerce(value, schema.properties[known]!)
  }
  let validate = compiled.get(schema)
  if (!validate) {
    validate = ajv.compile(schema)
    compiled.set(schema, validate)
  }
  if (!validate(params)) {
    const errors = (validate.errors ?? []).filter((error) => !isMisspelt(error, meant))
    problems.push(...explained(what, errors, params, places))
  }
  return { params, problems }
}

function isMisspelt(error: ErrorObject, meant: ReadonlySet<string>): boolean {
  if (error.instancePath !== '' || meant.size === 0) return false
  if (error.keyword === 'required') return meant.has((error.params as { missingProperty: string }).missingProperty)
  if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') return false
  return (error.schema as { required?: string[] }[]).some((branch) => branch.required?.some((name) => meant.has(name)))
}

function nearestParameter(schema: ObjectSchema, name: string): string | undefined {
  const names = Object.entries(schema.properties).flatMap(([key, property]) => [key, ...(property.aliases ?? [])])
  return suggest(name, names)
}

function unknownParameter(
  what: string,
  schema: ObjectSchema,
  name: string,
  near: string | undefined,
  places: Places,
): Problem {
  return new Problem('unknown-parameter', `${what} has no parameter "${name}".`, {
    at: places.key(name) ?? places.whole,
    hint: near ? `Did you mean "${near}"?` : `It has: ${Object.keys(schema.properties).join(', ')}.`,
  })
}

function allowsNull(property: Property): boolean {
  const types = ([] as unknown[]).concat(property.type ?? [])
  return types.includes('null') || (property.type === undefined && !property.enum && !property.anyOf && !property.oneOf)
}

function explained(what: string, errors: readonly ErrorObject[], params: unknown, places: Places): Problem[] {
  const problems: Problem[] = []
  const said = new Set<string>()
  for (const error of errors) {
    const path = pathOf(error.instancePath, params)
    if (toleratesUnknown(error)) continue
    // The branches of anyOf and oneOf are told by their own error at the same place.
    if (
      errors.some(
        (other) =>
          ['anyOf', 'oneOf'].includes(other.keyword) &&
          error !== other &&
          error.schemaPath.startsWith(`${other.schemaPath}/`),
      )
    )
      continue
    if (error.keyword === 'if') continue
    const text = explain(what, error, path)
    const id = `${error.instancePath} ${text}`
    if (said.has(id)) continue
    said.add(id)
    problems.push(new Problem('bad-parameter', text, { at: places.value(path) ?? places.whole, hint: hintFor(error) }))
  }
  return problems
}

function toleratesUnknown(error: ErrorObject): boolean {
  if (['required', 'dependentRequired', 'additionalProperties'].includes(error.keyword)) return false
  if (['anyOf', 'oneOf', 'allOf', 'if', 'not', 'contains', 'uniqueItems'].includes(error.keyword))
    return findUnknown(error.data) !== undefined
  return isUnknown(error.data)
}

/** `/settings/net.ipv4.ip_forward` → keys, with numbers where the value is a list. */
function pathOf(pointer: string, root: unknown): (string | number)[] {
  let at = root
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(at) ? Number(key) : key
      at = (at as Record<string | number, unknown> | undefined)?.[step]
      return step
    })
}

function explain(what: string, error: ErrorObject, path: readonly (string | number)[]): string {
  const name = path.length === 0 ? what : `"${path.join('.')}" of ${what}`
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'type':
      return `${name} must be ${article(params.type)}, not ${shown(error.data)}.`
    case 'enum':
      return `${name} must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}, not ${shown(error.data)}.`
    case 'const':
      return `${name} must be ${JSON.stringify(params.allowedValue)}, not ${shown(error.data)}.`
    case 'required':
      return path.length === 0
        ? `${what} needs "${String(params.missingProperty)}".`
        : `${name} needs "${String(params.missingProperty)}".`
    case 'dependentRequired':
      return `${name}: "${String(params.property)}" needs "${String(params.missingProperty)}" beside it.`
    case 'additionalProperties':
      return `${name} has no "${String(params.additionalProperty)}".`
    case 'not':
      return `${name}: these cannot be given together.`
    case 'anyOf':
    case 'oneOf':
      return path.length === 0
        ? alternatives(what, error)
        : `${name} has none of the forms it may have; it is ${shown(error.data)}.`
    default:
      return `${name} ${error.message ?? 'is not allowed'}; it is ${shown(error.data)}.`
  }
}

function alternatives(what: string, error: ErrorObject): string {
  const branches = (error.schema as { required?: string[] }[]).map((branch) =>
    branch.required?.map((name) => `"${name}"`).join(' and '),
  )
  if (branches.some((branch) => branch === undefined)) return `The parameters of ${what} do not go together.`
  return error.keyword === 'oneOf'
    ? `${what} needs exactly one of ${branches.join(', ')}.`
    : `${what} needs ${branches.join(' or ')}.`
}

function hintFor(error: ErrorObject): string | undefined {
  if (
    error.keyword === 'type' &&
    (error.params as { type: unknown }).type === 'string' &&
    typeof error.data === 'object'
  ) {
    return 'Quote the value if it is a text.'
  }
  if (error.keyword === 'additionalProperties') {
    const near = suggest(
      (error.params as { additionalProperty: string }).additionalProperty,
      Object.keys((error.parentSchema as { properties?: object }).properties ?? {}),
    )
    return near ? `Did you mean "${near}"?` : undefined
  }
  return undefined
}

function article(type: unknown): string {
  const names: Record<string, string> = {
    string: 'a text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
    null: 'null',
  }
  const one = (name: string) => names[name] ?? name
  return Array.isArray(type) ? type.map((name) => one(String(name))).join(' or ') : one(String(type))
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
