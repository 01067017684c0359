import { equal } from './equal.ts'
import { define } from './function.ts'

const unique = (list: readonly unknown[]) => {
  const primitives = new Set<unknown>()
  const others: unknown[] = []
  return list.filter((item) => {
    const known =
      typeof item === 'object' && item !== null ? others.some((other) => equal(other, item)) : primitives.has(item)
    if (!known) typeof item === 'object' && item !== null ? others.push(item) : primitives.add(item)
    return !known
  })
}

const has = (list: readonly unknown[], item: unknown) => list.some((other) => equal(other, item))

export const set = [
  define('unique(list: list)', {
    doc: 'Without repetitions, in the order of first appearance.',
    example: ['unique([1, 2, 1])', [1, 2]],
    aliases: ['distinct'],
    fn: (value: unknown[]) => unique(value),
  }),
  define('union(a: list, b: list)', {
    doc: 'What is in one or the other, once.',
    example: ['union([1, 2], [2, 3])', [1, 2, 3]],
    fn: (a: unknown[], b: unknown[]) => unique([...a, ...b]),
  }),
  define('intersect(a: list, b: list)', {
    doc: 'What is in both.',
    example: ['intersect([1, 2], [2, 3])', [2]],
    fn: (a: unknown[], b: unknown[]) => unique(a.filter((item) => has(b, item))),
  }),
  define('difference(a: list, b: list)', {
    doc: 'What is in the first only.',
    example: ['difference([1, 2], [2, 3])', [1]],
    fn: (a: unknown[], b: unknown[]) => unique(a.filter((item) => !has(b, item))),
  }),
  define('isSubset(part: list, whole: list)', {
    doc: 'Whether every item of one list is in the other.',
    example: ['isSubset([1], [1, 2])', true],
    aliases: ['subset'],
    fn: (part: unknown[], whole: unknown[]) => part.every((item) => has(whole, item)),
  }),
]
