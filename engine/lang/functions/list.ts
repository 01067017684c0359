import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { equal, order } from './equal.ts'
import { define, describe, isMap, WrongArgument } from './function.ts'
import { truthy } from './logic.ts'

const has = (list: readonly unknown[], item: unknown) => list.some((other) => equal(other, item))

/** The value at `a.b.0` inside another; undefined when some part is missing. */
function at(value: unknown, path: string): unknown {
  let found = value
  for (const part of path.split('.')) {
    if (isUnknown(found)) throw new TouchedUnknown(found)
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, part)) return undefined
    found = (found as Record<string, unknown>)[part]
  }
  return found
}

function needed(item: unknown, path: string, name: string): unknown {
  const value = at(item, path)
  if (value === undefined)
    throw new WrongArgument(
      `${name}: an item has no ${path} (it is ${describe(item)})`,
      undefined,
      'Every item must have it; in expressions, filter(x, has(x.key)) leaves the others out.',
    )
  return value
}

function sort(list: readonly unknown[], by?: string): unknown[] {
  const keyed = list.map((item) => ({ item, key: by === undefined ? item : needed(item, by, 'sort') }))
  keyed.sort((a, b) => {
    const found = order(a.key, b.key)
    if (found === undefined)
      throw new WrongArgument(
        `sort cannot compare ${describe(a.key)} with ${describe(b.key)}`,
        undefined,
        'Sort numbers or texts, or name the key to sort by.',
      )
    return found
  })
  return keyed.map(({ item }) => item)
}

function extreme(name: string, wanted: number, values: readonly unknown[]): unknown {
  const list = values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values
  if (list.length === 0)
    throw new WrongArgument(`${name} of an empty list`, undefined, 'Guard it, or add a value to the list.')
  return list.reduce((best, item) => {
    const found = order(item, best)
    if (found === undefined)
      throw new WrongArgument(
        `${name} cannot compare ${describe(item)} with ${describe(best)}`,
        undefined,
        'All must be numbers, or all texts.',
      )
    return found === wanted ? item : best
  })
}

export const list = [
  define('length(value: list|map|text)', {
    doc: 'How many items, keys or characters.',
    example: ['length([1, 2])', 2],
    aliases: ['size', 'count'],
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string | object) =>
      typeof value === 'string' ? [...value].length : Array.isArray(value) ? value.length : Object.keys(value).length,
  }),
  define('first(value: list|text)', {
    doc: 'The first item or character.',
    example: ['first([1, 2])', 1],
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string) => end('first', value, 0),
  }),
  define('last(value: list|text)', {
    doc: 'The last item or character.',
    example: ['last([1, 2])', 2],
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string) => end('last', value, -1),
  }),
  define('sort(list: list, by?: text)', {
    doc: 'In order: numbers, texts, or maps by a key.',
    example: ["sort([{'a': 2}, {'a': 1}], 'a')", [{ a: 1 }, { a: 2 }]],
    fn: sort,
  }),
  define('reverse(value: list|text)', {
    doc: 'The other way round.',
    example: ['reverse([1, 2])', [2, 1]],
    acceptsUnknown: 'inside',
    fn: (value: unknown[] | string) =>
      typeof value === 'string' ? [...value].reverse().join('') : [...value].reverse(),
  }),
  define('flatten(list: list, levels?: number)', {
    doc: 'Lists inside the list opened out, all of them or so many levels.',
    example: ['flatten([1, [2, [3]]])', [1, 2, 3]],
    acceptsUnknown: 'inside',
    fn: (value: unknown[], levels = Number.POSITIVE_INFINITY) => value.flat(levels as 1),
  }),
  define('map(list: list, attribute: text)', {
    doc: 'Of every item, the value at a key or path `a.b`.',
    example: ["map([{'a': 1}, {'a': 2}], 'a')", [1, 2]],
    acceptsUnknown: 'inside',
    fn: (value: unknown[], path: string) => value.map((item) => needed(item, path, 'map')),
  }),
  define('selectAttr(list: list, attribute: text, value?: any)', {
    doc: 'The items whose value at a key is the given one, or is true when none is given.',
    example: ["selectAttr([{'a': 1}, {'a': 2}], 'a', 2)", [{ a: 2 }]],
    aliases: ['selectattr'],
    acceptsUnknown: 'inside',
    fn: (items: unknown[], path: string, ...wanted: unknown[]) =>
      items.filter((item) =>
        wanted.length === 0 || wanted[0] === undefined ? truthy(at(item, path)) : equal(at(item, path), wanted[0]),
      ),
  }),
  define('rejectAttr(list: list, attribute: text, value?: any)', {
    doc: 'The items that selectAttr leaves out.',
    example: ["rejectAttr([{'a': 1}, {'a': 2}], 'a', 2)", [{ a: 1 }]],
    aliases: ['rejectattr'],
    acceptsUnknown: 'inside',
    fn: (items: unknown[], path: string, ...wanted: unknown[]) =>
      items.filter(
        (item) =>
          !(wanted.length === 0 || wanted[0] === undefined ? truthy(at(item, path)) : equal(at(item, path), wanted[0])),
      ),
  }),
  define('without(list: list, ...values: any)', {
    doc: 'Without the given values.',
    example: ["without(['a', 'b'], 'a')", ['b']],
    acceptsUnknown: 'inside',
    fn: (value: unknown[], ...out: unknown[]) => value.filter((item) => !has(out, item)),
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
    fn: (...lists: unknown[][]) => lists.flat(),
  }),
  define('slice(value: list|text, from: number, to?: number)', {
    doc: 'The items from one index (from 0) up to another, not included; negative ones count from the end.',
    example: ['slice([1, 2, 3], 1)', [2, 3]],
    aliases: ['substring'],
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
  define('zip(a: list, b: list)', {
    doc: 'Pairs of items at the same index, as long as the shorter list.',
    example: [
      "zip([1, 2], ['a', 'b'])",
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    acceptsUnknown: 'inside',
    fn: (a: unknown[], b: unknown[]) => a.slice(0, b.length).map((item, index) => [item, b[index]]),
  }),
  define('product(a: list, b: list)', {
    doc: 'Every pair of an item of one with an item of the other.',
    example: [
      "product([1, 2], ['a'])",
      [
        [1, 'a'],
        [2, 'a'],
      ],
    ],
    acceptsUnknown: 'inside',
    fn: (a: unknown[], b: unknown[]) => a.flatMap((item) => b.map((other) => [item, other])),
  }),
  define('batch(list: list, size: number)', {
    doc: 'Lists of so many items each.',
    example: ['batch([1, 2, 3], 2)', [[1, 2], [3]]],
    acceptsUnknown: 'inside',
    fn: (value: unknown[], size: number) => {
      if (!(size >= 1)) throw new WrongArgument('batch needs a size of 1 or more', undefined, 'Give a positive number.')
      return Array.from({ length: Math.ceil(value.length / size) }, (_, index) =>
        value.slice(index * size, (index + 1) * size),
      )
    },
  }),
  define('sum(list: list)', {
    doc: 'The sum of numbers.',
    example: ['sum([1, 2])', 3],
    fn: (value: unknown[]) =>
      value.reduce<number>((total, item) => {
        if (typeof item !== 'number')
          throw new WrongArgument(
            `sum needs numbers, and one item is ${describe(item)}`,
            undefined,
            'int converts texts to numbers.',
          )
        return total + item
      }, 0),
  }),
  define('min(...values: any)', {
    doc: 'The least of a list or of the arguments.',
    example: ['min([3, 1])', 1],
    fn: (...values: unknown[]) => extreme('min', -1, values),
  }),
  define('max(...values: any)', {
    doc: 'The greatest of a list or of the arguments.',
    example: ['max(3, 1)', 3],
    fn: (...values: unknown[]) => extreme('max', 1, values),
  }),
  define('range(from: number, to?: number, step?: number)', {
    doc: 'Numbers from one up to another, not included; from 0 when only one is given.',
    example: ['range(1, 4)', [1, 2, 3]],
    fn: range,
  }),
  define('allOf(list: list)', {
    doc: 'Whether every item is true or not empty.',
    example: ['allOf([true, 1])', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown[]) => value.every(truthy),
  }),
  define('anyOf(list: list)', {
    doc: 'Whether some item is true or not empty.',
    example: ['anyOf([false, 1])', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown[]) => value.some(truthy),
  }),
  define('toMap(list: list, key?: text, value?: text)', {
    doc: 'A map out of a list of maps with `key` and `value` (or keys of other names).',
    example: ["toMap([{'key': 'a', 'value': 1}])", { a: 1 }],
    aliases: ['items2dict', 'fromItems'],
    acceptsUnknown: 'inside',
    fn: (value: unknown[], key = 'key', part = 'value') =>
      Object.fromEntries(value.map((item) => [String(needed(item, key, 'toMap')), isMap(item) ? item[part] : null])),
  }),
]

function end(name: string, value: unknown[] | string, index: number): unknown {
  if (value.length === 0)
    throw new WrongArgument(
      `${name} of an empty ${typeof value === 'string' ? 'text' : 'list'}`,
      undefined,
      'There is no item to give: guard it with a condition on its size.',
    )
  return value.at(index)
}

function range(from: number, to?: number, step = 1): number[] {
  const [first, last] = to === undefined ? [0, from] : [from, to]
  if (step === 0) throw new WrongArgument('range needs a step other than 0', undefined, 'Leave the step out for 1.')
  const length = Math.max(0, Math.ceil((last - first) / step))
  if (length > 1_000_000)
    throw new WrongArgument('range of more than a million numbers', undefined, 'Use smaller bounds.')
  return Array.from({ length }, (_, index) => first + index * step)
}
