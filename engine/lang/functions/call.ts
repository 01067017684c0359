import { Problem } from '../../base/problem.ts'
import { didYouMean } from '../../base/suggest.ts'
import { findUnknown, isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { Misfit, type TextRange } from '../place-in-text.ts'
import type { Scope } from '../scope.ts'
import { describe, isMap, type LanguageFunction, Moment, type Parameter, WrongArgument } from './function.ts'

/** Counts calls whose results must not be kept: whoever keeps values compares before and after. */
export const impureCalls = { count: 0 }

type Named = Readonly<Record<string, unknown>>

/** What `with({…})` gives at the end of a call's arguments: arguments by name, for expressions. */
export class NamedArguments {
  readonly values: Named
  constructor(values: Named) {
    this.values = values
  }
}

/**
 * Calls a function, under the name it is called by, with checked arguments; a wrong one is a WrongArgument, positions are
 * the caller's to add.
 */
export function call(
  entry: LanguageFunction,
  given: readonly unknown[],
  scope: Scope,
  named?: Named,
  name: string = entry.name,
): unknown {
  const last = given.at(-1)
  if (last instanceof NamedArguments) return call(entry, given.slice(0, -1), scope, { ...last.values, ...named }, name)
  checkCall(entry, given.length, named ? Object.keys(named) : [], name)
  const args = place(name === entry.name ? entry : { ...entry, name }, given, named)
  if (entry.impure) impureCalls.count++
  return entry.scoped ? entry.fn(scope as never, ...(args as never[])) : entry.fn(...(args as never[]))
}

/** What the number and the names of the arguments alone show to be wrong: known before anything is computed. */
export function checkCall(
  entry: LanguageFunction,
  given: number,
  names: readonly string[],
  name: string = entry.name,
): void {
  const { parameters } = entry
  let ones = 0
  let open = false
  for (const wanted of parameters) {
    if (wanted.takes === 'rest') open = true
    else if (wanted.takes === 'one' && ones++ >= given && !wanted.optional && !names.includes(wanted.name))
      throw wrongCount(entry, given, name)
  }
  if (given > ones && !open) throw wrongCount(entry, given, name)
  if (names.length === 0) return
  const taken = parameters.filter(({ takes }) => takes === 'one').slice(0, given)
  const twice = taken.find((parameter) => names.includes(parameter.name))
  if (twice) throw new WrongArgument(`${name} is given ${twice.name} twice`, entry)
  if (parameters.some(({ takes }) => takes === 'names')) return
  const known = parameters.map((parameter) => parameter.name)
  const unknown = names.find((one) => !known.includes(one))
  if (unknown === undefined) return
  const all = known.join(', ') || 'none'
  const message = `${name} has no argument called ${unknown}; it has ${all}`
  throw new WrongArgument(message, entry, didYouMean(unknown, known))
}

function wrongCount(entry: LanguageFunction, count: number, name: string): WrongArgument {
  const ones = entry.parameters.filter(({ takes }) => takes === 'one')
  const least = ones.filter(({ optional }) => !optional).length
  const rest = entry.parameters.some(({ takes }) => takes === 'rest')
  const most = rest ? ' or more' : ones.length > least ? ` to ${ones.length}` : ''
  const plural = `${least}${most}` === '1' ? '' : 's'
  return new WrongArgument(`"${name}" takes ${least}${most} argument${plural}, not ${count}`, entry)
}

/** The arguments in the order of the parameters: the rest as one list, names as one map. */
function place(entry: LanguageFunction, given: readonly unknown[], named: Named = {}): unknown[] {
  const { parameters } = entry
  let ones = 0
  return parameters.map((wanted): unknown => {
    const byName = Object.hasOwn(named, wanted.name) ? named[wanted.name] : undefined
    if (wanted.takes === 'rest') {
      const more = byName === undefined ? given.slice(ones) : [...given.slice(ones), byName]
      return more.map((value) => (value === undefined ? value : suited(entry, wanted, value)))
    }
    if (wanted.takes === 'names') {
      const known = parameters.map(({ name }) => name)
      const others = Object.entries(named).filter(([name]) => !known.includes(name))
      for (const [, value] of others) checkUnknown(entry, value)
      return Object.fromEntries(others)
    }
    const passed = wanted.takes === 'one' && ones < given.length ? given[ones] : byName
    if (wanted.takes === 'one') ones++
    // Python's None for an argument that need not be given.
    const value = passed === null && wanted.optional && wanted.type !== 'any' ? undefined : passed
    if (value === undefined && (wanted.optional || entry.acceptsUndefined !== 'none')) return undefined
    return suited(entry, wanted, value)
  })
}

function checkUnknown(entry: LanguageFunction, value: unknown): void {
  if (entry.acceptsUnknown === 'anywhere') return
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (entry.acceptsUnknown === 'inside' || typeof value !== 'object') return
  const inside = findUnknown(value)
  if (inside) throw new TouchedUnknown(inside)
}

function suited(entry: LanguageFunction, wanted: Parameter, value: unknown): unknown {
  checkUnknown(entry, value)
  if (wanted.type === 'any') return value
  if (isUnknown(value)) throw new TouchedUnknown(value)
  for (const type of wanted.type.split('|')) {
    if (type === 'text' && typeof value === 'string') return value
    if (wanted.type === 'text' && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
    if (type === 'bytes' && ArrayBuffer.isView(value)) return value
    if (type === 'number' && typeof value === 'number') return value
    if (type === 'bool' && typeof value === 'boolean') return value
    if (type === 'list' && Array.isArray(value)) return value
    if (type === 'map' && isMap(value)) return value
    if (type === 'time' && value instanceof Moment) return value
  }
  const wants = wanted.type
    .split('|')
    .filter((type) => type !== 'bytes')
    .join(' or a ')
  throw new WrongArgument(`${entry.name} needs a ${wants} as its ${wanted.name}, and this is ${describe(value)}`, entry)
}

/** What an error inside a function comes to, at the place of the call. */
export function callMisfit(code: 'template' | 'expression', thrown: unknown, name: string, at: TextRange): unknown {
  if (thrown instanceof Misfit || thrown instanceof Problem || thrown instanceof TouchedUnknown) return thrown
  if (thrown instanceof WrongArgument) return new Misfit(code, thrown.message, at, thrown.hint)
  const why = thrown instanceof Error ? thrown.message : String(thrown)
  return new Misfit(code, `${name} failed: ${why}`, at, `Look at the arguments of ${name}.`, thrown)
}
