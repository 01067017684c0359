import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { order } from './equal.ts'
import { define, describe, WrongArgument } from './function.ts'
import { itemsOf, neededPart, partAt } from './part.ts'

const folded = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value)

/** Below 0 when a comes first: numbers, texts, true and false, lists item by item. */
function compare(name: string, a: unknown, b: unknown): number {
  if (isUnknown(a)) throw new TouchedUnknown(a)
  if (isUnknown(b)) throw new TouchedUnknown(b)
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      const found = compare(name, a[index], b[index])
      if (found !== 0) return found
    }
    return a.length - b.length
  }
  const number = (value: unknown) => (typeof value === 'boolean' ? Number(value) : value)
  const found = order(number(a), number(b))
  if (found === undefined)
    throw new WrongArgument(
      `${name} cannot compare ${describe(a)} with ${describe(b)}`,
      undefined,
      'All must be numbers, or all texts; maps need the attribute to compare by.',
    )
  return found
}

/** What an item is compared by: itself, or its value at a path, texts in lower case unless case counts. */
function keyOf(name: string, attribute: string | undefined, caseSensitive: boolean | undefined) {
  const fold = caseSensitive ? (value: unknown) => value : folded
  return (item: unknown): unknown => {
    if (attribute === undefined) return fold(item)
    const paths = attribute.split(',')
    const values = paths.map((path) => fold(neededPart(item, path.trim(), name)))
    return paths.length === 1 ? values[0] : values
  }
}

function sort(list: unknown, reverse?: boolean | string, caseSensitive?: boolean, attribute?: string): unknown[] {
  const by = typeof reverse === 'string' ? reverse : attribute
  const key = keyOf('sort', by, caseSensitive)
  const sign = reverse === true ? -1 : 1
  return itemsOf(list)
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => sign * compare('sort', a.key, b.key))
    .map(({ item }) => item)
}

function extreme(name: string, wanted: number, values: readonly unknown[], caseSensitive?: boolean, by?: string) {
  const list = values.length === 1 && typeof values[0] === 'object' && values[0] !== null ? itemsOf(values[0]) : values
  const key = keyOf(name, by, caseSensitive)
  if (list.length === 0) return undefined
  return list.reduce((best, item) => (compare(name, key(item), key(best)) * wanted > 0 ? item : best))
}

export const ordered = [
  define('sort(list: list|map|text, reverse?: bool|text, case_sensitive?: bool, attribute?: text)', {
    doc: 'In order: numbers, texts (case does not count unless asked), or maps by an attribute or several, `a,b.c`.',
    example: [
      "sort(nodes, with({'attribute': 'rank'}))",
      [{ rank: 1 }, { rank: 2 }],
      { nodes: [{ rank: 2 }, { rank: 1 }] },
    ],
    filter: 'sort',
    fn: sort,
  }),
  define('dictsort(map: map, case_sensitive?: bool, by?: text, reverse?: bool)', {
    doc: 'The pairs of key and value of a map, in the order of the keys or, by "value", of the values.',
    example: [
      "dictsort({'b': 1, 'a': 2})",
      [
        ['a', 2],
        ['b', 1],
      ],
    ],
    filter: 'dictsort',
    fn: (map: object, caseSensitive?: boolean, by = 'key', reverse = false) => {
      if (by !== 'key' && by !== 'value')
        throw new WrongArgument(`dictsort sorts by key or value, not by ${by}`, undefined, 'Write by="value".')
      return sort(Object.entries(map), reverse, caseSensitive, by === 'key' ? '0' : '1')
    },
  }),
  define('groupby(list: list, attribute: text, default?: any, case_sensitive?: bool)', {
    doc: 'Pairs of a value and the list of the items that have it at a key, in the order of the values.',
    example: [
      "groupby(nodes, 'zone')",
      [
        ['a', [{ zone: 'a' }]],
        ['b', [{ zone: 'b' }]],
      ],
      { nodes: [{ zone: 'b' }, { zone: 'a' }] },
    ],
    filter: 'groupby',
    fn: (list: unknown[], attribute: string, fallback?: unknown, caseSensitive?: boolean) => {
      const fold = caseSensitive ? (value: unknown) => value : folded
      const value = (item: unknown) =>
        fallback === undefined ? neededPart(item, attribute, 'groupby') : (partAt(item, attribute) ?? fallback)
      const groups: { key: unknown; first: unknown; items: unknown[] }[] = []
      const keyed = list.map((item) => ({ item, value: value(item) }))
      for (const { item, value } of keyed.sort((a, b) => compare('groupby', fold(a.value), fold(b.value)))) {
        const last = groups.at(-1)
        if (last && compare('groupby', last.key, fold(value)) === 0) last.items.push(item)
        else groups.push({ key: fold(value), first: value, items: [item] })
      }
      return groups.map(({ first, items }) => [first, items])
    },
  }),
  define('min(...values: any, case_sensitive?: bool, attribute?: text)', {
    doc: 'The least of a list or of the arguments; nothing of an empty list.',
    example: ['min([3, 1])', 1],
    filter: 'min',
    fn: (values: unknown[], caseSensitive?: boolean, by?: string) => extreme('min', -1, values, caseSensitive, by),
  }),
  define('max(...values: any, case_sensitive?: bool, attribute?: text)', {
    doc: 'The greatest of a list or of the arguments; nothing of an empty list.',
    example: ['max(3, 1)', 3],
    filter: 'max',
    fn: (values: unknown[], caseSensitive?: boolean, by?: string) => extreme('max', 1, values, caseSensitive, by),
  }),
]
