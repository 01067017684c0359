import { Problem } from '../base/problem.ts'
import { didYouMean } from '../base/suggest.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { describe, Moment } from './functions/function.ts'
import { momentPart } from './functions/moment.ts'
import { functionNamed } from './functions/table.ts'
import { Misfit, type TextRange } from './place-in-text.ts'
import type { Scope } from './scope.ts'

/** The value at a key of a map or an index of a list; undefined when there is none. An unknown is touched. */
export function member(value: unknown, key: unknown): unknown {
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof Moment) return momentPart(value, String(key))
  if (Array.isArray(value)) {
    const index = typeof key === 'string' && /^-?\d+$/.test(key) ? Number(key) : key
    return typeof index === 'number' && Number.isInteger(index) ? value.at(index) : undefined
  }
  const name = String(key)
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

/** A variable where it may be missing: one that rests on a missing one is missing as well, as in Ansible. */
export function variableIfThere(scope: Scope, name: string): unknown {
  try {
    return scope.get(name)
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'undefined-variable') return undefined
    throw thrown
  }
}

type Range = TextRange

export function noMember(owner: string, value: unknown, key: unknown, range: Range): Misfit {
  if (Array.isArray(value)) {
    const index = typeof key === 'number' || /^-?\d+$/.test(String(key))
    return index
      ? new Misfit(
          'undefined-variable',
          `"${owner}" has no item ${key}: it is ${describe(value)}`,
          range,
          'Items are counted from 0.',
        )
      : new Misfit(
          'undefined-variable',
          `"${owner}" is a list and has no key "${key}"`,
          range,
          `Take an item first, as in ${owner}[0].${key}, or go through all of them.`,
        )
  }
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    const few =
      keys.length === 0 ? 'It is empty.' : `It has ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', …' : ''}.`
    return new Misfit(
      'undefined-variable',
      `no key "${key}" in "${owner}"`,
      range,
      didYouMean(String(key), keys) ?? few,
    )
  }
  return new Misfit(
    'undefined-variable',
    `"${owner}" is ${describe(value)} and has no key "${key}"`,
    range,
    functionNamed(String(key))
      ? `${key} is a function: ${key}(${owner}), in templates {{${key} ${owner}}}.`
      : 'Only maps have keys.',
  )
}

/** A function (`lookup`) that came to nothing. */
export function foundNothing(name: string, args: readonly unknown[], range: Range): Misfit {
  const [owner, key] = args
  if (typeof owner === 'object' && owner !== null && key !== undefined) {
    const { hint } = noMember('', owner, key, range)
    return new Misfit('undefined-variable', `${name} finds no "${key}"`, range, hint)
  }
  if (owner === '' || (Array.isArray(owner) && owner.length === 0)) {
    const what = owner === '' ? 'text' : 'list'
    const hint = `Guard it with a condition on its size, or write default(${name}(…), …).`
    return new Misfit('undefined-variable', `${name} gives nothing: the ${what} is empty`, range, hint)
  }
  return new Misfit('undefined-variable', `${name} gives nothing here`, range, 'Wrap it: default(…, fallback).')
}

const pythonNames: Record<string, string> = { True: 'true', False: 'false', None: 'null' }

export function noVariable(name: string, scope: Scope, range: Range, inBraces = false): Misfit {
  const python = pythonNames[name]
  const hint =
    (python && `write ${python}`) ??
    didYouMean(name, scope.names()) ??
    (functionNamed(name) ? `${name} is a function: give it arguments` : undefined) ??
    (name === 'loop' ? 'Inside {{#each}}, loop.index0 is @index, loop.first @first, loop.last @last.' : undefined) ??
    (name === 'item' ? 'It is there in a loop only, and this task has none.' : undefined) ??
    `Define it, or write ${inBraces ? `{{default ${name} "…"}}` : `default(${name}, "…")`}.`
  return new Misfit('undefined-variable', `"${name}" is not defined`, range, hint)
}
