import { isUnknown } from '../../base/unknown.ts'

/** Types a parameter may ask for; `text` also takes numbers and booleans, as their text. */
export type ParameterType = 'any' | 'text' | 'number' | 'bool' | 'list' | 'map' | `${string}|${string}`

export interface Parameter {
  readonly name: string
  readonly type: ParameterType
  readonly optional: boolean
  /**
   * `rest` takes all further arguments, as one list; `option` stands behind it and is only given by name; `names` takes
   * every other argument given by name, as one map.
   */
  readonly takes: 'one' | 'rest' | 'option' | 'names'
}

/** One function of templates (`{{upper name}}`) and of expressions (`upper(name)`, `name.upper()`). */
export interface LanguageFunction {
  readonly name: string
  readonly aliases: readonly string[]
  /** What Jinja2 and Ansible call it: the words behind `|`, and the words behind `is`. */
  readonly filters: readonly string[]
  readonly tests: readonly string[]
  readonly parameters: readonly Parameter[]
  /** The arguments, counted from 0, that may be undefined; `all` for every one. */
  readonly acceptsUndefined: 'none' | 'first' | 'all'
  /**
   * Where unknown values may be among the arguments: nowhere (the result needs all of their content), inside lists and
   * maps (whose shape is all it looks at, or it notices by itself), or anywhere (`defined` of an unknown is true).
   */
  readonly acceptsUnknown: 'nowhere' | 'inside' | 'anywhere'
  /** Not the same each time: what rests on it is not kept. */
  readonly impure: boolean
  /** Its first argument is the scope of the call. */
  readonly scoped: boolean
  readonly doc: string
  readonly example: Example
  readonly fn: (...args: never[]) => unknown
}

/** An expression, what it gives, and the variables it uses: run by the specs, as a template too. */
export type Example = readonly [expression: string, gives: unknown, given?: Readonly<Record<string, unknown>>]

interface Definition {
  doc: string
  example: Example
  aliases?: readonly string[]
  /** Separated by blanks. */
  filter?: string
  test?: string
  acceptsUndefined?: 'first' | 'all'
  acceptsUnknown?: 'inside' | 'anywhere'
  impure?: boolean
  scoped?: boolean
  fn: (...args: never[]) => unknown
}

/** `'join(list: list, separator?: text)'`, `'combine(...maps: map, recursive?: bool)'`, and what it does. */
export function define(signature: string, definition: Definition): LanguageFunction {
  const [, name, inner] = /^(\w+)\((.*)\)$/.exec(signature)!
  const parameters = inner === '' ? [] : inner!.split(', ').map(parameter)
  const rest = parameters.findIndex(({ takes }) => takes === 'rest')
  return {
    aliases: [],
    acceptsUndefined: 'none',
    acceptsUnknown: 'nowhere',
    impure: false,
    scoped: false,
    ...definition,
    name: name!,
    filters: definition.filter?.split(' ') ?? [],
    tests: definition.test?.split(' ') ?? [],
    parameters: parameters.map((one, index) =>
      rest >= 0 && index > rest && one.takes === 'one' ? { ...one, takes: 'option' } : one,
    ),
  }
}

function parameter(text: string): Parameter {
  const [, dots, name, mark, type] = /^(\.\.\.|\*\*)?(\w+)(\?)?: (.*)$/.exec(text)!
  return {
    name: name!,
    type: type as ParameterType,
    optional: mark === '?' || dots !== undefined,
    takes: dots === '...' ? 'rest' : dots === '**' ? 'names' : 'one',
  }
}

export function signatureOf(entry: LanguageFunction): string {
  const parameters = entry.parameters.map(({ name, type, optional, takes }) => {
    const dots = takes === 'rest' ? '...' : takes === 'names' ? '**' : ''
    return `${dots}${name}${optional && dots === '' ? '?' : ''}: ${type}`
  })
  return `${entry.name}(${parameters.join(', ')})`
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !isMoment(value) &&
    !isUnknown(value)
  )
}

/** A time or a length of time: one value, though an object. */
export abstract class Moment {
  abstract toJSON(): string
}

const isMoment = (value: unknown): value is Moment => value instanceof Moment

/** What a value is, for people: `a list of 3`, `the text "abc"`. */
export function describe(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'string')
    return value.length > 40 ? `a text of ${value.length} characters` : `the text ${JSON.stringify(value)}`
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean') return String(value)
  if (ArrayBuffer.isView(value)) return 'bytes'
  if (isMoment(value)) return `the time ${value.toJSON()}`
  return 'a map'
}

/** An argument that does not fit; templates and expressions turn it into a Problem at the place of the call. */
export class WrongArgument extends Error {
  readonly hint: string
  constructor(message: string, entry?: LanguageFunction, hint?: string) {
    super(message)
    this.hint = hint ?? (entry ? `${signatureOf(entry)}: ${entry.doc}` : 'Look at the arguments.')
  }
}
