import { define, WrongArgument } from './function.ts'
import { itemsOf } from './part.ts'

const most = 1_000_000

/** Every way to take one item of each list, the last list turning fastest. */
function product(lists: readonly unknown[]): unknown[][] {
  const columns = lists.map(itemsOf)
  checkSize(
    'product',
    columns.reduce((size, column) => size * column.length, 1),
  )
  return columns.reduce<unknown[][]>(
    (rows, column) => rows.flatMap((row) => column.map((item) => [...row, item])),
    [[]],
  )
}

/** Ways to take so many items by index, in the order of the indexes; `next` says which indexes may follow. */
function take(items: readonly unknown[], count: number, next: (taken: readonly number[]) => number[]): unknown[][] {
  const found: unknown[][] = []
  const go = (taken: number[]) => {
    if (taken.length === count) {
      found.push(taken.map((index) => items[index]))
      if (found.length > most) checkSize('this', found.length)
      return
    }
    for (const index of next(taken)) go([...taken, index])
  }
  if (count >= 0 && count <= items.length) go([])
  return found
}

function checkSize(name: string, size: number): void {
  if (size > most) throw new WrongArgument(`${name} gives more than a million lists`, undefined, 'Take fewer items.')
}

const transposed = (lists: readonly unknown[][], length: number, filling: unknown) =>
  Array.from({ length }, (_, row) => lists.map((list) => (row < list.length ? list[row] : filling)))

export const combinations = [
  define('zip(...lists: list|map|text)', {
    doc: 'Lists of the items at the same index, as long as the shortest list.',
    example: [
      "zip([1, 2], ['a', 'b'])",
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    filter: 'zip',
    acceptsUnknown: 'inside',
    fn: (lists: unknown[]) => {
      const columns = lists.map(itemsOf)
      return transposed(columns, columns.length === 0 ? 0 : Math.min(...columns.map(({ length }) => length)), null)
    },
  }),
  define('zip_longest(...lists: list|map|text, fillvalue?: any)', {
    doc: 'The same as long as the longest list, the others filled up, with null unless given.',
    example: [
      "zip_longest([1, 2], ['a'], with({'fillvalue': 'x'}))",
      [
        [1, 'a'],
        [2, 'x'],
      ],
    ],
    filter: 'zip_longest',
    acceptsUnknown: 'inside',
    fn: (lists: unknown[], filling: unknown = null) => {
      const columns = lists.map(itemsOf)
      return transposed(columns, Math.max(0, ...columns.map(({ length }) => length)), filling)
    },
  }),
  define('product(...lists: list|map|text)', {
    doc: 'Every way to take one item of each list.',
    example: [
      "product([1, 2], ['a'])",
      [
        [1, 'a'],
        [2, 'a'],
      ],
    ],
    filter: 'product',
    acceptsUnknown: 'inside',
    fn: product,
  }),
  define('permutations(list: list|map|text, size?: number)', {
    doc: 'Every order of so many of the items, of all unless given.',
    example: [
      'permutations([1, 2])',
      [
        [1, 2],
        [2, 1],
      ],
    ],
    filter: 'permutations',
    acceptsUnknown: 'inside',
    fn: (value: unknown, size?: number) => {
      const items = itemsOf(value)
      return take(items, size ?? items.length, (taken) => [...items.keys()].filter((index) => !taken.includes(index)))
    },
  }),
  define('combinations(list: list|map|text, size: number)', {
    doc: 'Every choice of so many of the items, order aside.',
    example: [
      "combinations(['a', 'b', 'c'], 2)",
      [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ],
    ],
    filter: 'combinations',
    acceptsUnknown: 'inside',
    fn: (value: unknown, size: number) => {
      const items = itemsOf(value)
      return take(items, size, (taken) => [...items.keys()].filter((index) => index > (taken.at(-1) ?? -1)))
    },
  }),
]
