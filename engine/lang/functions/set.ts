import { equal } from './equal.ts'
import { define } from './function.ts'
import { itemsOf, neededPart } from './part.ts'

/** Items none of which equals another by its key, in the order of first appearance. */
function unique(list: readonly unknown[], keyOf: (item: unknown) => unknown = (item) => item): unknown[] {
  const primitives = new Set<unknown>()
  const others: unknown[] = []
  return list.filter((item) => {
    const key = keyOf(item)
    const isObject = typeof key === 'object' && key !== null
    const known = isObject ? others.some((other) => equal(other, key)) : primitives.has(key)
    if (!known) isObject ? others.push(key) : primitives.add(key)
    return !known
  })
}

const has = (list: readonly unknown[], item: unknown) => list.some((other) => equal(other, item))
const minus = (a: readonly unknown[], b: readonly unknown[]) => unique(a.filter((item) => !has(b, item)))

export const set = [
  define('unique(list: list|text, case_sensitive?: bool, attribute?: text)', {
    doc: 'Without repetitions, in the order of first appearance; as in Ansible, case does not count in a list of texts unless case_sensitive.',
    example: ['unique([1, 2, 1])', [1, 2]],
    aliases: ['distinct'],
    filter: 'unique',
    fn: (value: unknown, caseSensitive?: boolean, attribute?: string) => {
      const items = itemsOf(value)
      // Ansible falls back to plain comparison as soon as an item is a list or map.
      const plain = attribute === undefined && items.some((item) => typeof item === 'object' && item !== null)
      return unique(items, (item) => {
        const key = attribute === undefined ? item : neededPart(item, attribute, 'unique')
        return typeof key === 'string' && !caseSensitive && !plain ? key.toLowerCase() : key
      })
    },
  }),
  define('union(a: list, b: list)', {
    doc: 'What is in one or the other, once.',
    example: ['union([1, 2], [2, 3])', [1, 2, 3]],
    filter: 'union',
    fn: (a: unknown[], b: unknown[]) => unique([...a, ...b]),
  }),
  define('intersect(a: list, b: list)', {
    doc: 'What is in both.',
    example: ['intersect([1, 2], [2, 3])', [2]],
    filter: 'intersect',
    fn: (a: unknown[], b: unknown[]) => unique(a.filter((item) => has(b, item))),
  }),
  define('difference(a: list, b: list)', {
    doc: 'What is in the first only.',
    example: ['difference([1, 2], [2, 3])', [1]],
    filter: 'difference',
    fn: minus,
  }),
  define('symmetric_difference(a: list, b: list)', {
    doc: 'What is in one of them only.',
    example: ['symmetric_difference([1, 2], [2, 3])', [1, 3]],
    filter: 'symmetric_difference',
    fn: (a: unknown[], b: unknown[]) => unique([...minus(a, b), ...minus(b, a)]),
  }),
  define('intersects(a: list, b: list)', {
    doc: 'Whether they have an item in common.',
    example: ['intersects([1, 2], [2, 3])', true],
    fn: (a: unknown[], b: unknown[]) => a.some((item) => has(b, item)),
  }),
  define('equivalent(a: list, b: list)', {
    doc: 'Whether they have the same items, order and repetitions aside.',
    example: ['equivalent([1, 2, 2], [2, 1])', true],
    fn: (a: unknown[], b: unknown[]) => minus(a, b).length === 0 && minus(b, a).length === 0,
  }),
  define('subset(part: list|text, whole: list|text)', {
    doc: 'Whether every item of one list is in the other.',
    example: ['subset([1], [1, 2])', true],
    test: 'subset issubset',
    fn: (part: unknown, whole: unknown) => itemsOf(part).every((item) => has(itemsOf(whole), item)),
  }),
  define('superset(whole: list|text, part: list|text)', {
    doc: 'The same asked the other way round.',
    example: ['superset([1, 2], [1])', true],
    test: 'superset issuperset',
    fn: (whole: unknown, part: unknown) => itemsOf(part).every((item) => has(itemsOf(whole), item)),
  }),
]
