import { equal } from './equal.ts'
import { define, describe, WrongArgument } from './function.ts'
import { truthy } from './logic.ts'
import { itemsOf, neededPart, partAt } from './part.ts'

const has = (list: readonly unknown[], item: unknown) => list.some((other) => equal(other, item))

export const list = [
  define('length(value: list|map|text|bytes)', {
    doc: 'How many items, keys or characters.',
    example: ['length([1, 2])', 2],
    aliases: ['size'],
    filter: 'length count',
    acceptsUnknown: 'inside',
    fn: (value: unknown) => (ArrayBuffer.isView(value) ? value.byteLength : itemsOf(value).length),
  }),
  define('array(...items: any)', {
    doc: 'A list of the arguments: for templates; in expressions it is [a, b].',
    example: ["array('a', 1)", ['a', 1]],
    acceptsUnknown: 'inside',
    fn: (items: unknown[]) => items,
  }),
  define('list(value: list|map|text)', {
    doc: 'A list: the characters of a text, the keys of a map, a list as it is.',
    example: ["list('ab')", ['a', 'b']],
    filter: 'list',
    acceptsUnknown: 'inside',
    fn: (value: unknown) => [...itemsOf(value)],
  }),
  define('first(value: list|map|text)', {
    doc: 'The first item, character or key; nothing when it is empty.',
    example: ['first([1, 2])', 1],
    filter: 'first',
    acceptsUnknown: 'inside',
    fn: (value: unknown) => itemsOf(value)[0],
  }),
  define('last(value: list|map|text)', {
    doc: 'The last item, character or key; nothing when it is empty.',
    example: ['last([1, 2])', 2],
    filter: 'last',
    acceptsUnknown: 'inside',
    fn: (value: unknown) => itemsOf(value).at(-1),
  }),
  define('reverse(value: list|text)', {
    doc: 'The other way round.',
    example: ['reverse([1, 2])', [2, 1]],
    filter: 'reverse',
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string) =>
      typeof value === 'string' ? [...value].reverse().join('') : [...value].reverse(),
  }),
  define('flatten(list: list, levels?: number, skip_nulls?: bool)', {
    doc: 'Lists inside the list opened out, all of them or so many levels; null is left out unless skip_nulls is false.',
    example: ['flatten([1, [2, [3]], null])', [1, 2, 3]],
    filter: 'flatten',
    acceptsUnknown: 'inside',
    fn: (value: unknown[], levels = Number.POSITIVE_INFINITY, skipNulls = true) => flat(value, levels, skipNulls),
  }),
  define('without(list: list, ...values: any)', {
    doc: 'Without the given values.',
    example: ["without(['a', 'b'], 'a')", ['b']],
    acceptsUnknown: 'inside',
    fn: (value: unknown[], out: unknown[]) => value.filter((item) => !has(out, item)),
  }),
  define('compact(list: list)', {
    doc: 'Without null and empty items.',
    example: ["compact(['a', '', null])", ['a']],
    fn: (value: unknown[]) => value.filter((item) => item !== null && item !== ''),
  }),
  define('concat(...lists: list)', {
    doc: 'Lists one behind the other.',
    example: ['concat([1], [2])', [1, 2]],
    acceptsUnknown: 'inside',
    fn: (lists: unknown[][]) => lists.flat(),
  }),
  define('substring(value: list|text, from: number, to?: number)', {
    doc: 'The items or characters from one index (from 0) up to another, not included; negative ones count from the end.',
    example: ['sublist([1, 2, 3], 1)', [2, 3]],
    aliases: ['sublist'],
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string, from: number, to?: number) => value.slice(from, to),
  }),
  define('indexOf(value: list|text, part: any)', {
    doc: 'The index of an item or part (from 0), or -1.',
    example: ["indexOf(['a', 'b'], 'b')", 1],
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string, part: unknown) =>
      typeof value === 'string' ? value.indexOf(String(part)) : value.findIndex((item) => equal(item, part)),
  }),
  define('lastIndexOf(value: list|text, part: any)', {
    doc: 'The index of the last such item or part (from 0), or -1.',
    example: ["lastIndexOf('abca', 'a')", 3],
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string, part: unknown) =>
      typeof value === 'string' ? value.lastIndexOf(String(part)) : value.findLastIndex((item) => equal(item, part)),
  }),
  define('batch(list: list|text, size: number, fill_with?: any)', {
    doc: 'Lists of so many items each, the last one filled up when a filling is given.',
    example: ['batch([1, 2, 3], 2)', [[1, 2], [3]]],
    filter: 'batch',
    acceptsUnknown: 'inside',
    fn: (value: unknown, size: number, filling?: unknown) => {
      const items = itemsOf(value)
      const rows = Array.from({ length: Math.ceil(items.length / atLeastOne('batch', size)) }, (_, index) =>
        items.slice(index * size, (index + 1) * size),
      )
      return rows.map((row) =>
        filling === undefined || filling === null ? row : [...row, ...more(size - row.length, filling)],
      )
    },
  }),
  define('slice(list: list|text, count: number, fill_with?: any)', {
    doc: 'So many lists of about equal length; substring and sublist take a part.',
    example: ['slice([1, 2, 3], 2)', [[1, 2], [3]]],
    filter: 'slice',
    acceptsUnknown: 'inside',
    fn: (value: unknown, count: number, filling?: unknown) => {
      const items = itemsOf(value)
      const each = Math.floor(items.length / atLeastOne('slice', count))
      const longer = items.length % count
      return Array.from({ length: count }, (_, index) => {
        const from = index * each + Math.min(index, longer)
        const part = items.slice(from, from + each + (index < longer ? 1 : 0))
        return filling !== undefined && filling !== null && index >= longer ? [...part, filling] : part
      })
    },
  }),
  define('sum(list: list, attribute?: text, start?: number)', {
    doc: 'The sum of numbers, or of the numbers at a key of every item.',
    example: ['sum([1, 2])', 3],
    filter: 'sum',
    fn: (value: unknown[], attribute?: string | null, start = 0) =>
      value.reduce<number>((total, item) => {
        const number = typeof attribute === 'string' ? neededPart(item, attribute, 'sum') : item
        if (typeof number !== 'number')
          throw new WrongArgument(
            `sum needs numbers, and one item is ${describe(number)}`,
            undefined,
            'int converts texts to numbers.',
          )
        return total + number
      }, start),
  }),
  define('range(from: number, to?: number, step?: number)', {
    doc: 'Numbers from one up to another, not included; from 0 when only one is given.',
    example: ['range(1, 4)', [1, 2, 3]],
    fn: range,
  }),
  define('all(list: list)', {
    doc: 'Whether every item is true or not empty.',
    example: ['all([true, 1])', true],
    aliases: ['allOf'],
    test: 'all',
    acceptsUnknown: 'inside',
    fn: (value: unknown[]) => value.every(truthy),
  }),
  define('any(list: list)', {
    doc: 'Whether some item is true or not empty.',
    example: ['any([false, 1])', true],
    aliases: ['anyOf'],
    test: 'any',
    acceptsUnknown: 'inside',
    fn: (value: unknown[]) => value.some(truthy),
  }),
  define('subelements(list: list|map, key: text|list, skip_missing?: bool)', {
    doc: 'Pairs of an item and of each item of the list at its key or path.',
    example: [
      "subelements(users, 'keys')",
      [
        [{ keys: [1, 2] }, 1],
        [{ keys: [1, 2] }, 2],
      ],
      { users: [{ keys: [1, 2] }] },
    ],
    filter: 'subelements',
    acceptsUnknown: 'inside',
    fn: (value: object, key: string | string[], skipMissing = false) =>
      Object.values(value).flatMap((item) => {
        const path = typeof key === 'string' ? key : key.join('.')
        const parts = skipMissing ? (partAt(item, path) ?? []) : neededPart(item, path, 'subelements')
        if (!Array.isArray(parts))
          throw new WrongArgument(`subelements: ${path} is ${describe(parts)}, not a list`, undefined, 'Name a list.')
        return parts.map((part) => [item, part])
      }),
  }),
]

function flat(value: readonly unknown[], levels: number, skipNulls: boolean): unknown[] {
  return value.flatMap((item) => {
    if (skipNulls && (item === null || item === 'None' || item === 'null')) return []
    return Array.isArray(item) && levels >= 1 ? flat(item, levels - 1, skipNulls) : [item]
  })
}

function atLeastOne(name: string, count: number): number {
  if (Number.isInteger(count) && count >= 1) return count
  throw new WrongArgument(`${name} needs a whole number of 1 or more`, undefined, 'Give a positive number.')
}

const more = (count: number, item: unknown) => Array.from({ length: Math.max(0, count) }, () => item)

function range(from: number, to?: number, step = 1): number[] {
  const [first, last] = to === undefined ? [0, from] : [from, to]
  if (step === 0) throw new WrongArgument('range needs a step other than 0', undefined, 'Leave the step out for 1.')
  const length = Math.max(0, Math.ceil((last - first) / step))
  if (length > 1_000_000)
    throw new WrongArgument('range of more than a million numbers', undefined, 'Use smaller bounds.')
  return Array.from({ length }, (_, index) => first + index * step)
}
