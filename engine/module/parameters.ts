import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import { coerce } from './coerce.ts'
import type { Module } from './definition.ts'
import { explained } from './parameter-problem.ts'
import { checkOf } from './schema-check.ts'

/** A property of a module's schema, as far as the engine itself reads it. */
export interface Property {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly aliases?: readonly string[]
  readonly secret?: boolean
  /** Bytes for a file or a program's input, which may hold NUL. */
  readonly binary?: boolean
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
  /** Where characters of a text stand; undefined: the text was computed. */
  within?(path: readonly (string | number)[], text: string, start: number, end: number): Span | undefined
  key(name: string): Span | undefined
  whole: Span | undefined
}

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
          hint: 'Leave one of them out.',
        }),
      )
      continue
    }
    // null is how YAML says "nothing": as if it were not given.
    if (value === null && !allowsNull(schema.properties[known]!)) continue
    params[known] = coerce(value, schema.properties[known]!)
  }
  const validate = checkOf(schema)
  if (!validate(params)) {
    problems.push(...explained(what, schema, validate.errors ?? [], params, places, meant))
  }
  return { params, problems }
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
    hint: near ? `Did you mean "${near}"?` : `It has: ${spoken(schema).join(', ')}.`,
  })
}

function allowsNull(property: Property): boolean {
  const types = ([] as unknown[]).concat(property.type ?? [])
  return types.includes('null') || (property.type === undefined && !property.enum && !property.anyOf && !property.oneOf)
}

/** What people write: not what the words behind a module's name are called inside. */
const spoken = ({ properties }: ObjectSchema) => Object.keys(properties).filter((name) => name !== '_raw_params')
