import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { equal, order } from './equal.ts'
import { define, describe, isMap, WrongArgument } from './function.ts'

/** Handlebars' and Ansible's idea of truth: empty texts, lists and maps, 0 and null are false. */
export function truthy(value: unknown): boolean {
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (Array.isArray(value)) return value.length > 0
  if (isMap(value)) return Object.keys(value).length > 0
  return Boolean(value)
}

function compare(name: string, a: unknown, b: unknown): number {
  const found = order(a, b)
  if (found === undefined) {
    throw new WrongArgument(
      `${name} cannot compare ${describe(a)} with ${describe(b)}`,
      undefined,
      'Compare two numbers or two texts; int and string convert.',
    )
  }
  return found
}

export const logic = [
  define('default(value: any, fallback: any, whenEmpty?: bool)', {
    doc: 'The value, or the fallback when it is undefined (with whenEmpty: or empty, null, 0, false).',
    example: ['default(missing, 5)', 5],
    acceptsUndefined: 'first',
    acceptsUnknown: 'inside',
    fn: (value: unknown, fallback: unknown, whenEmpty?: boolean) =>
      value === undefined || (whenEmpty === true && !truthy(value)) ? fallback : value,
  }),
  define('defined(value: any)', {
    doc: 'Whether the variable, or the key at the end of the path, exists.',
    example: ['defined(missing.key)', false],
    acceptsUndefined: 'all',
    acceptsUnknown: 'anywhere',
    fn: (value: unknown) => value !== undefined,
  }),
  define('coalesce(...values: any)', {
    doc: 'The first value that is neither undefined nor null; null when there is none.',
    example: ["coalesce(missing, null, 'x')", 'x'],
    acceptsUndefined: 'all',
    acceptsUnknown: 'inside',
    fn: (...values: unknown[]) => values.find((value) => value !== undefined && value !== null) ?? null,
  }),
  define('ternary(condition: any, yes: any, no: any)', {
    doc: 'The second value when the condition is true (not empty, not 0), else the third.',
    example: ["ternary(2 > 1, 'more', 'less')", 'more'],
    acceptsUnknown: 'inside',
    fn: (condition: unknown, yes: unknown, no: unknown) => (truthy(condition) ? yes : no),
  }),
  define('eq(a: any, b: any)', {
    doc: 'Whether both are equal, lists and maps by content.',
    example: ['eq([1, 2], [1, 2])', true],
    acceptsUnknown: 'inside',
    fn: (a: unknown, b: unknown) => equal(a, b),
  }),
  define('ne(a: any, b: any)', {
    doc: 'Whether they differ.',
    example: ["ne('a', 'b')", true],
    acceptsUnknown: 'inside',
    fn: (a: unknown, b: unknown) => !equal(a, b),
  }),
  define('lt(a: any, b: any)', {
    doc: 'Less than: two numbers or two texts.',
    example: ['lt(1, 2)', true],
    fn: (a: unknown, b: unknown) => compare('lt', a, b) < 0,
  }),
  define('le(a: any, b: any)', {
    doc: 'Less than or equal.',
    example: ['le(2, 2)', true],
    aliases: ['lte'],
    fn: (a: unknown, b: unknown) => compare('le', a, b) <= 0,
  }),
  define('gt(a: any, b: any)', {
    doc: 'Greater than.',
    example: ['gt(1, 2)', false],
    fn: (a: unknown, b: unknown) => compare('gt', a, b) > 0,
  }),
  define('ge(a: any, b: any)', {
    doc: 'Greater than or equal.',
    example: ['ge(2, 2)', true],
    aliases: ['gte'],
    fn: (a: unknown, b: unknown) => compare('ge', a, b) >= 0,
  }),
  define('and(...values: any)', {
    doc: 'The first value that is false or empty, else the last: for templates.',
    example: ['and(true, 1)', 1],
    acceptsUnknown: 'inside',
    fn: (...values: unknown[]) => values.find((value) => !truthy(value)) ?? falsyOr(values),
  }),
  define('or(...values: any)', {
    doc: 'The first value that is true or not empty, else the last: for templates.',
    example: ["or('', 'b')", 'b'],
    acceptsUnknown: 'inside',
    fn: (...values: unknown[]) => values.find(truthy) ?? values.at(-1),
  }),
  define('not(value: any)', {
    doc: 'Whether the value is false, empty, null or 0.',
    example: ['not([])', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => !truthy(value),
  }),
]

/** `find` cannot tell a found null from nothing found. */
function falsyOr(values: unknown[]): unknown {
  const index = values.findIndex((value) => !truthy(value))
  return index < 0 ? values.at(-1) : values[index]
}
