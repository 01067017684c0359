import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { equal, order } from './equal.ts'
import { define, describe, isMap, WrongArgument } from './function.ts'

/** Handlebars' and Python's idea of truth: empty texts, lists and maps, 0 and null are false. */
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
  define('default(value: any, fallback?: any, when_false?: bool)', {
    doc: 'The value, or the fallback (an empty text unless given) when it is undefined; with true also when it is empty, null, 0 or false.',
    example: ['default(missing, 5)', 5],
    filter: 'default d',
    acceptsUndefined: 'first',
    acceptsUnknown: 'inside',
    fn: (value: unknown, fallback: unknown = '', whenFalse = false) =>
      value === undefined || (whenFalse && !truthy(value)) ? fallback : value,
  }),
  define('defined(value: any)', {
    doc: 'Whether the variable, or the key at the end of the path, exists.',
    example: ['defined(missing.key)', false],
    test: 'defined',
    acceptsUndefined: 'all',
    acceptsUnknown: 'anywhere',
    fn: (value: unknown) => value !== undefined,
  }),
  define('is_undefined(value: any)', {
    doc: 'Whether it does not exist.',
    example: ['is_undefined(missing.key)', true],
    test: 'undefined',
    acceptsUndefined: 'all',
    acceptsUnknown: 'anywhere',
    fn: (value: unknown) => value === undefined,
  }),
  define('mandatory(value: any, message?: text)', {
    doc: 'The value, or an error, with a message of yours, when it is undefined.',
    example: ['mandatory(5)', 5],
    filter: 'mandatory',
    acceptsUndefined: 'first',
    acceptsUnknown: 'inside',
    fn: (value: unknown, message = 'a mandatory value is not defined') => {
      if (value === undefined)
        throw new WrongArgument(message, undefined, 'Define it in the inventory, a vars file or with -e.')
      return value
    },
  }),
  define('coalesce(...values: any)', {
    doc: 'The first value that is neither undefined nor null; null when there is none.',
    example: ["coalesce(missing, null, 'x')", 'x'],
    acceptsUndefined: 'all',
    acceptsUnknown: 'inside',
    fn: (values: unknown[]) => values.find((value) => value !== undefined && value !== null) ?? null,
  }),
  define('ternary(condition: any, yes: any, no: any, none?: any)', {
    doc: 'The second value when the condition is true (not empty, not 0), else the third; the fourth when it is null.',
    example: ["ternary(2 > 1, 'more', 'less')", 'more'],
    filter: 'ternary',
    acceptsUnknown: 'inside',
    fn: (condition: unknown, yes: unknown, no: unknown, none?: unknown) =>
      condition === null && none !== undefined && none !== null ? none : truthy(condition) ? yes : no,
  }),
  define('eq(a: any, b: any)', {
    doc: 'Whether both are equal, lists and maps by content.',
    example: ['eq([1, 2], [1, 2])', true],
    test: 'eq equalto ==',
    acceptsUnknown: 'inside',
    fn: (a: unknown, b: unknown) => equal(a, b),
  }),
  define('ne(a: any, b: any)', {
    doc: 'Whether they differ.',
    example: ["ne('a', 'b')", true],
    test: 'ne !=',
    acceptsUnknown: 'inside',
    fn: (a: unknown, b: unknown) => !equal(a, b),
  }),
  define('lt(a: any, b: any)', {
    doc: 'Less than: two numbers or two texts.',
    example: ['lt(1, 2)', true],
    test: 'lt lessthan <',
    fn: (a: unknown, b: unknown) => compare('lt', a, b) < 0,
  }),
  define('le(a: any, b: any)', {
    doc: 'Less than or equal.',
    example: ['le(2, 2)', true],
    aliases: ['lte'],
    test: 'le <=',
    fn: (a: unknown, b: unknown) => compare('le', a, b) <= 0,
  }),
  define('gt(a: any, b: any)', {
    doc: 'Greater than.',
    example: ['gt(1, 2)', false],
    test: 'gt greaterthan >',
    fn: (a: unknown, b: unknown) => compare('gt', a, b) > 0,
  }),
  define('ge(a: any, b: any)', {
    doc: 'Greater than or equal.',
    example: ['ge(2, 2)', true],
    aliases: ['gte'],
    test: 'ge >=',
    fn: (a: unknown, b: unknown) => compare('ge', a, b) >= 0,
  }),
  define('sameas(a: any, b: any)', {
    doc: 'Whether both are the same true, false, null, number or text.',
    example: ['sameas(true, 1)', false],
    test: 'sameas',
    fn: (a: unknown, b: unknown) => a === b,
  }),
  define('and(...values: any)', {
    doc: 'The first value that is false or empty, else the last: for templates.',
    example: ['and(true, 1)', 1],
    acceptsUnknown: 'inside',
    fn: (values: unknown[]) => chosen(values, (value) => !truthy(value)),
  }),
  define('or(...values: any)', {
    doc: 'The first value that is true or not empty, else the last: for templates.',
    example: ["or('', 'b')", 'b'],
    acceptsUnknown: 'inside',
    fn: (values: unknown[]) => chosen(values, truthy),
  }),
  define('not(value: any)', {
    doc: 'Whether the value is false, empty, null or 0.',
    example: ['not([])', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown) => !truthy(value),
  }),
  define('truthy(value: any, convert_bool?: bool)', {
    doc: 'Whether the value is true or not empty; with convert_bool, "no", "off" and "false" are false.',
    example: ["truthy('a')", true],
    test: 'truthy',
    acceptsUnknown: 'inside',
    fn: converted,
  }),
  define('falsy(value: any, convert_bool?: bool)', {
    doc: 'The opposite.',
    example: ["falsy('no', true)", true],
    test: 'falsy',
    acceptsUnknown: 'inside',
    fn: (value: unknown, convert?: boolean) => !converted(value, convert),
  }),
]

function converted(value: unknown, convert = false): boolean {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (convert && ['no', 'off', 'false', '0', 'n', 'f'].includes(word as string)) return false
  return truthy(value)
}

/** The first that fits, which may be null or false; else the last. */
function chosen(values: readonly unknown[], fits: (value: unknown) => boolean): unknown {
  const index = values.findIndex(fits)
  return values.at(index)
}
