import { didYouMean } from '../../base/suggest.ts'
import type { Scope } from '../scope.ts'
import { call } from './call.ts'
import { define, isMap, type LanguageFunction, WrongArgument } from './function.ts'
import { truthy } from './logic.ts'
import { itemsOf, neededPart, partAt } from './part.ts'
import { filterNamed, functionNames, testNamed } from './registry.ts'

function named(found: LanguageFunction | undefined, kind: string, name: string, hint: string): LanguageFunction {
  if (found) return found
  throw new WrongArgument(`there is no ${kind} "${name}"`, undefined, didYouMean(name, functionNames()) ?? hint)
}

/** Asks a test by its name, or whether a value is true and not empty when none is named. */
function asker(scope: Scope, name: string | undefined, args: readonly unknown[]): (value: unknown) => boolean {
  if (name === undefined) return truthy
  const test = named(testNamed(name), 'test', name, 'Tests are such as defined, equalto, match, in.')
  return (value) => {
    // What is not there equals nothing and is in nothing; other tests must be given something.
    if (value === undefined && ['eq', 'in'].includes(test.name)) return false
    if (value === undefined && test.name === 'ne') return true
    return truthy(call(test, [value, ...args], scope))
  }
}

const byTest = (keep: boolean) => (scope: Scope, value: unknown, test: string | undefined, args: unknown[]) => {
  const asks = asker(scope, test, args)
  return itemsOf(value).filter((item) => asks(item) === keep)
}

const byAttribute =
  (keep: boolean) => (scope: Scope, value: unknown, attribute: string, test: string | undefined, args: unknown[]) => {
    const asks = asker(scope, test, args)
    const part = test === undefined ? neededPart : partAt
    const name = keep ? 'selectattr' : 'rejectattr'
    return itemsOf(value).filter((item) => asks(part(item, attribute, name)) === keep)
  }

const nodes = {
  nodes: [
    { name: 'a', up: true },
    { name: 'b', up: false },
  ],
}

export const selection = [
  define('map(list: list|map|text, filter?: text, ...arguments: any, attribute?: text, default?: any)', {
    doc: 'Of every item, what a function of one value makes of it, or its value at a key or path, or the default where there is none.',
    example: ["map(['a', 'b'], 'upper')", ['A', 'B']],
    filter: 'map',
    acceptsUnknown: 'inside',
    scoped: true,
    fn: (
      scope: Scope,
      value: unknown,
      filter: string | undefined,
      args: unknown[],
      attribute?: string | number,
      fallback?: unknown,
    ) => {
      const items = itemsOf(value)
      if (attribute !== undefined) {
        const path = String(attribute)
        if (fallback === undefined) return items.map((item) => neededPart(item, path, 'map'))
        return items.map((item) => partAt(item, path) ?? fallback)
      }
      if (filter === undefined)
        throw new WrongArgument(
          'map needs the name of a function, or an attribute',
          undefined,
          'Write {{map list "upper"}} or {{map list attribute="name"}}; in expressions list.map(x, x.name).',
        )
      const found = named(
        filterNamed(filter),
        'function',
        filter,
        `To take a key of every item, write attribute="${filter}"; in expressions list.map(x, x.${filter}).`,
      )
      return items.map((item) => call(found, [item, ...args], scope))
    },
  }),
  define('select(list: list|map|text, test?: text, ...arguments: any)', {
    doc: 'The items that pass a test, or that are true and not empty.',
    example: ["select(['a1', 'b'], 'match', '[a-z][0-9]')", ['a1']],
    filter: 'select',
    acceptsUnknown: 'inside',
    scoped: true,
    fn: byTest(true),
  }),
  define('reject(list: list|map|text, test?: text, ...arguments: any)', {
    doc: 'The items that select leaves out.',
    example: ["reject([1, 2, 3], 'odd')", [2]],
    filter: 'reject',
    acceptsUnknown: 'inside',
    scoped: true,
    fn: byTest(false),
  }),
  define('selectattr(list: list, attribute: text, test?: text, ...arguments: any)', {
    doc: 'The items whose value at a key or path passes a test, or is true and not empty.',
    example: ["selectattr(nodes, 'name', 'equalto', 'b')", [{ name: 'b', up: false }], nodes],
    aliases: ['selectAttr'],
    filter: 'selectattr',
    acceptsUnknown: 'inside',
    scoped: true,
    fn: byAttribute(true),
  }),
  define('rejectattr(list: list, attribute: text, test?: text, ...arguments: any)', {
    doc: 'The items that selectattr leaves out.',
    example: ["rejectattr(nodes, 'up')", [{ name: 'b', up: false }], nodes],
    aliases: ['rejectAttr'],
    filter: 'rejectattr',
    acceptsUnknown: 'inside',
    scoped: true,
    fn: byAttribute(false),
  }),
  define('extract(key: any, container: list|map, more_keys?: any)', {
    doc: 'The value at a key of a container, and at further keys below it: for map.',
    example: ["map(['a'], 'extract', {'a': {'ip': 7}}, 'ip')", [7]],
    filter: 'extract',
    acceptsUnknown: 'inside',
    fn: (key: unknown, container: unknown, more?: unknown) =>
      [key, ...(more === undefined || more === null ? [] : Array.isArray(more) ? more : [more])].reduce((at, one) => {
        if (Array.isArray(at)) return at.at(Number(one))
        return isMap(at) && Object.hasOwn(at, String(one)) ? at[String(one)] : undefined
      }, container),
  }),
]
