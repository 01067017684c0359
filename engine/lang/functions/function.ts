import { Problem } from '../../base/problem.ts'
import { findUnknown, isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { Misfit, type TextRange } from '../place-in-text.ts'

/** Types a parameter may ask for; `text` also takes numbers and booleans, as their text. */
export type ParameterType =
  | 'any'
  | 'text'
  | 'number'
  | 'bool'
  | 'list'
  | 'map'
  | 'list|map'
  | 'list|text'
  | 'list|map|text'

export interface Parameter {
  readonly name: string
  readonly type: ParameterType
  readonly optional: boolean
  /** Takes all further arguments. */
  readonly rest: boolean
}

/** One function of templates (`{{upper name}}`) and of expressions (`upper(name)`, `name.upper()`). */
export interface LanguageFunction {
  readonly name: string
  readonly aliases: readonly string[]
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
  readonly doc: string
  /** An expression and what it gives: run by the specs. */
  readonly example: readonly [expression: string, gives: unknown]
  readonly fn: (...args: never[]) => unknown
}

interface Definition {
  doc: string
  example: readonly [string, unknown]
  aliases?: readonly string[]
  acceptsUndefined?: 'first' | 'all'
  acceptsUnknown?: 'inside' | 'anywhere'
  impure?: boolean
  fn: (...args: never[]) => unknown
}

/** `'upper(value: text, from?: number, ...more: list)'` and what it does. */
export function define(signature: string, definition: Definition): LanguageFunction {
  const [, name, inner] = /^(\w+)\((.*)\)$/.exec(signature)!
  const parameters = inner === '' ? [] : inner!.split(', ').map(parameter)
  const { aliases = [], acceptsUndefined = 'none', acceptsUnknown = 'nowhere', impure = false, ...rest } = definition
  return { name: name!, aliases, parameters, acceptsUndefined, acceptsUnknown, impure, ...rest }
}

function parameter(text: string): Parameter {
  const [, dots, name, mark, type] = /^(\.\.\.)?(\w+)(\?)?: (.*)$/.exec(text)!
  return {
    name: name!,
    type: type as ParameterType,
    optional: mark === '?' || dots !== undefined,
    rest: dots !== undefined,
  }
}

export function signatureOf(entry: LanguageFunction): string {
  const parameters = entry.parameters.map(
    ({ name, type, optional, rest }) => `${rest ? '...' : ''}${name}${optional && !rest ? '?' : ''}: ${type}`,
  )
  return `${entry.name}(${parameters.join(', ')})`
}

/** Counts calls whose results must not be kept: whoever keeps values compares before and after. */
export const impureCalls = { count: 0 }

/** Calls a function with checked arguments; a wrong one is a `wrong argument` error, positions are the caller's to add. */
export function call(
  entry: LanguageFunction,
  given: readonly unknown[],
  named?: Readonly<Record<string, unknown>>,
): unknown {
  const args = named ? place(entry, given, named) : [...given]
  const { parameters } = entry
  const last = parameters.at(-1)
  const least = parameters.filter((parameter) => !parameter.optional).length
  if (args.length < least || (args.length > parameters.length && !last?.rest)) {
    const most = last?.rest ? ' or more' : parameters.length > least ? ` to ${parameters.length}` : ''
    const plural = `${least}${most}` === '1' ? '' : 's'
    throw new WrongArgument(`${entry.name} takes ${least}${most} argument${plural}, not ${args.length}`, entry)
  }
  for (let index = 0; index < args.length; index++) {
    const wanted = parameters[index] ?? last!
    const value = args[index]
    if (entry.acceptsUnknown !== 'anywhere' && isUnknown(value)) throw new TouchedUnknown(value)
    if (entry.acceptsUnknown === 'nowhere') {
      const inside = typeof value === 'object' ? findUnknown(value) : undefined
      if (inside) throw new TouchedUnknown(inside)
    }
    if (value === undefined && wanted.optional) continue
    args[index] = suited(entry, wanted, value)
  }
  if (entry.impure) impureCalls.count++
  return entry.fn(...(args as never[]))
}

/** Arguments given by name, `{{join list separator=", "}}`, put in their order. */
function place(
  entry: LanguageFunction,
  given: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
): unknown[] {
  const args = [...given]
  for (const [name, value] of Object.entries(named)) {
    const index = entry.parameters.findIndex((parameter) => parameter.name === name)
    if (index < 0) {
      const names = entry.parameters.map((parameter) => parameter.name).join(', ')
      throw new WrongArgument(`${entry.name} has no argument called ${name}; it has ${names || 'none'}`, entry)
    }
    if (index < given.length && !entry.parameters[index]!.rest) {
      throw new WrongArgument(`${entry.name} is given ${name} twice`, entry)
    }
    if (entry.parameters[index]!.rest) args.push(value)
    else args[index] = value
  }
  return args
}

function suited(entry: LanguageFunction, wanted: Parameter, value: unknown): unknown {
  if (wanted.type === 'any') return value
  if (isUnknown(value)) throw new TouchedUnknown(value)
  for (const type of wanted.type.split('|')) {
    if (type === 'text' && typeof value === 'string') return value
    if (type === 'text' && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
    if (type === 'number' && typeof value === 'number') return value
    if (type === 'bool' && typeof value === 'boolean') return value
    if (type === 'list' && Array.isArray(value)) return value
    if (type === 'map' && isMap(value)) return value
  }
  const wants = wanted.type.replaceAll('|', ' or a ')
  throw new WrongArgument(`${entry.name} needs a ${wants} as its ${wanted.name}, and this is ${describe(value)}`, entry)
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !isUnknown(value)
  )
}

/** What a value is, for people: `a list of 3`, `the text "abc"`. */
export function describe(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'string')
    return value.length > 40 ? `a text of ${value.length} characters` : `the text ${JSON.stringify(value)}`
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean') return String(value)
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

/** What an error inside a function comes to, at the place of the call. */
export function callMisfit(code: 'template' | 'expression', thrown: unknown, name: string, at: TextRange): unknown {
  if (thrown instanceof Misfit || thrown instanceof Problem || thrown instanceof TouchedUnknown) return thrown
  if (thrown instanceof WrongArgument) return new Misfit(code, thrown.message, at, thrown.hint)
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  return new Misfit(code, `${name} failed: ${why}`, at, `Look at the arguments of ${name}.`, thrown)
}
