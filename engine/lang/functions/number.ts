import { define, describe, Moment, WrongArgument } from './function.ts'
import { momentOperation } from './moment.ts'

/** Jinja2's int: cut off, and the default (0) for what is no number. */
function int(value: unknown, fallback: unknown = 0, base = 10): unknown {
  if (value instanceof Moment) return Math.trunc(Number(value))
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : fallback
  if (typeof value !== 'string') return fallback
  const text = value
    .trim()
    .toLowerCase()
    .replace(/(?<=[0-9a-z])_(?=[0-9a-z])/g, '')
  const [, sign = '', digits = ''] = /^([-+]?)(.*)$/s.exec(text)!
  const prefix = { 2: '0b', 8: '0o', 16: '0x' }[base]
  const bare = prefix && digits.startsWith(prefix) ? digits.slice(2) : digits
  const allowed = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, base)
  if (bare !== '' && [...bare].every((digit) => allowed.includes(digit)))
    return Number(sign + String(Number.parseInt(bare, base)))
  const float = floatOf(value)
  return float === undefined || !Number.isFinite(float) ? fallback : Math.trunc(float)
}

function floatOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value)) return undefined
  return Number(value)
}

/** To so many digits, halves to the even digit, as the number is to the last bit. */
function rounded(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value
  if (digits < 0) return rounded(value / 10 ** -digits, 0) * 10 ** -digits
  const exact = Math.abs(value).toFixed(Math.min(100, digits + 60))
  const point = exact.indexOf('.')
  const rest = exact.slice(point + 1 + digits)
  const isTie = /^50*$/.test(rest)
  if (!isTie) return Number(value.toFixed(digits))
  const kept = exact.slice(0, point + 1 + digits)
  const isEven = Number(kept.replace('.', '').at(-1)) % 2 === 0
  const cut = Number(kept)
  const result = isEven ? cut : Number((cut + 10 ** -digits).toFixed(digits))
  return value < 0 ? -result : result
}

function summed(operator: '+' | '-', a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return operator === '+' ? a + b : a - b
  const found = momentOperation(operator, a, b)
  if (found !== undefined) return found
  const hint = 'Add and subtract numbers, or times and durations.'
  throw new WrongArgument(`${describe(a)} ${operator} ${describe(b)} means nothing`, undefined, hint)
}

const needsBoth = 'Guard it with a condition.'

function logarithm(value: number, base = Math.E): number {
  if (value <= 0) throw new WrongArgument(`log of ${value}`, undefined, 'Only positive numbers have logarithms.')
  if (base === 10) return Math.log10(value)
  if (base === 2 && Number.isInteger(Math.log2(value))) return Math.log2(value)
  return base === Math.E ? Math.log(value) : Math.log(value) / Math.log(base)
}

export const number = [
  define('int(value: any, default?: any, base?: number)', {
    doc: 'A whole number, cut off, out of a number or a text of digits; the default, 0 unless given, for anything else.',
    example: ["int('42')", 42],
    filter: 'int',
    fn: int,
  }),
  define('float(value: any, default?: any)', {
    doc: 'A number out of a number or a text; the default, 0 unless given, for anything else.',
    example: ["float('1.5')", 1.5],
    filter: 'float',
    fn: (value: unknown, fallback: unknown = 0) => floatOf(value) ?? fallback,
  }),
  define('double(value: any)', {
    doc: 'A number out of a number or a text; an error for anything else.',
    example: ["double('1.5')", 1.5],
    fn: (value: unknown) => {
      const found = floatOf(value)
      if (found !== undefined) return found
      throw new WrongArgument(
        `double cannot make a number of ${describe(value)}`,
        undefined,
        'Give a number, or a text like "1.5".',
      )
    },
  }),
  define('bool(value: any)', {
    doc: 'True out of true, yes, on and 1, in any case; false out of anything else.',
    example: ["bool('yes')", true],
    filter: 'bool',
    fn: (value: unknown) =>
      [true, 1, 'yes', 'true', 'on', '1'].includes(typeof value === 'string' ? value.toLowerCase() : (value as string)),
  }),
  define('abs(value: number)', { doc: 'Without its sign.', example: ['abs(-2)', 2], filter: 'abs', fn: Math.abs }),
  define('round(value: number, digits?: number, method?: text)', {
    doc: 'Rounded to so many digits behind the point, 0 unless given; the method is common (halves to the even digit), ceil or floor.',
    example: ['round(1.26, 1)', 1.3],
    filter: 'round',
    fn: (value: number, digits = 0, method = 'common') => {
      if (method === 'common') return rounded(value, digits)
      const scale = 10 ** digits
      if (method === 'ceil') return Math.ceil(value * scale) / scale
      if (method === 'floor') return Math.floor(value * scale) / scale
      throw new WrongArgument(`round knows no method ${method}`, undefined, 'Known are common, ceil and floor.')
    },
  }),
  define('uint(value: any)', {
    doc: 'A whole number from 0, or an error: what CEL has beside int.',
    example: ["uint('5')", 5],
    fn: (value: unknown) => {
      const found = int(value, Number.NaN)
      if (typeof found === 'number' && found >= 0) return found
      throw new WrongArgument(`uint cannot make a number of ${describe(value)}`, undefined, 'Give a number from 0.')
    },
  }),
  define('sign(value: number)', {
    doc: 'Whether it is above, at or below 0, as 1, 0 or -1.',
    example: ['sign(-5)', -1],
    fn: Math.sign,
  }),
  define('ceil(value: number)', { doc: 'Rounded up.', example: ['ceil(1.2)', 2], fn: Math.ceil }),
  define('floor(value: number)', { doc: 'Rounded down.', example: ['floor(1.8)', 1], fn: Math.floor }),
  define('log(value: number, base?: number)', {
    doc: 'The logarithm, the natural one unless a base is given.',
    example: ['log(100, 10)', 2],
    filter: 'log',
    fn: logarithm,
  }),
  define('pow(value: number, exponent: number)', {
    doc: 'The power.',
    example: ['pow(2, 10)', 1024],
    filter: 'pow',
    fn: (value: number, exponent: number) => value ** exponent,
  }),
  define('root(value: number, base?: number)', {
    doc: 'The square root, or another.',
    example: ['root(9)', 3],
    filter: 'root',
    fn: (value: number, base = 2) => {
      if (value < 0) throw new WrongArgument(`root of ${value}`, undefined, 'Only numbers from 0 have roots.')
      return base === 2 ? Math.sqrt(value) : value ** (1 / base)
    },
  }),
  define('add(a: number|time, b: number|time)', {
    doc: 'The sum: for templates.',
    example: ['add(1, 2)', 3],
    fn: (a: number, b: number) => summed('+', a, b),
  }),
  define('subtract(a: number|time, b: number|time)', {
    doc: 'The difference: for templates.',
    example: ['subtract(3, 2)', 1],
    aliases: ['sub'],
    fn: (a: number, b: number) => summed('-', a, b),
  }),
  define('multiply(a: number, b: number)', {
    doc: 'The product: for templates.',
    example: ['multiply(3, 2)', 6],
    aliases: ['mul'],
    fn: (a: number, b: number) => a * b,
  }),
  define('divide(a: number, b: number)', {
    doc: 'The quotient, with its fraction: for templates.',
    example: ['divide(3, 2)', 1.5],
    aliases: ['div'],
    fn: (a: number, b: number) => {
      if (b === 0) throw new WrongArgument('division by zero', undefined, needsBoth)
      return a / b
    },
  }),
  define('mod(a: number, b: number)', {
    doc: 'The remainder: for templates.',
    example: ['mod(5, 3)', 2],
    fn: (a: number, b: number) => {
      if (b === 0) throw new WrongArgument('division by zero', undefined, needsBoth)
      return a % b
    },
  }),
  define('even(value: number)', {
    doc: 'Whether 2 divides it.',
    example: ['even(4)', true],
    test: 'even',
    fn: (value: number) => value % 2 === 0,
  }),
  define('odd(value: number)', {
    doc: 'Whether 2 does not divide it.',
    example: ['odd(3)', true],
    test: 'odd',
    fn: (value: number) => Math.abs(value % 2) === 1,
  }),
  define('divisibleby(value: number, divisor: number)', {
    doc: 'Whether a number divides it.',
    example: ['divisibleby(9, 3)', true],
    test: 'divisibleby',
    fn: (value: number, divisor: number) => value % divisor === 0,
  }),
  define('nan(value: any)', {
    doc: 'Whether it is the number that is none.',
    example: ['nan(1)', false],
    test: 'nan isnan',
    fn: (value: unknown) => Number.isNaN(value),
  }),
]
