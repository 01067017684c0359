import { define, describe, WrongArgument } from './function.ts'

function int(value: unknown, base = 10): number {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') {
    const text = value.trim()
    const digits = /^[-+]?[0-9a-z_]+$/i.test(text) ? Number.parseInt(text.replaceAll('_', ''), base) : Number.NaN
    const back = Number.isNaN(digits) ? '' : Math.abs(digits).toString(base)
    if (
      back !== '' &&
      text
        .replace(/^[-+]?0*(?=.)/, '')
        .replaceAll('_', '')
        .toLowerCase() === back
    )
      return digits
    if (base === 10 && /^[-+]?\d*\.\d+$/.test(text)) return Math.trunc(Number(text))
  }
  throw new WrongArgument(
    `int cannot make a number of ${describe(value)}`,
    undefined,
    'Give digits; default(x, 0) helps when it may be missing.',
  )
}

export const number = [
  define('int(value: any, base?: number)', {
    doc: 'A whole number, cut off, out of a number or a text of digits.',
    example: ["int('42')", 42],
    fn: int,
  }),
  define('double(value: any)', {
    doc: 'A number out of a number or a text.',
    example: ["double('1.5')", 1.5],
    aliases: ['float'],
    fn: (value: unknown) => {
      const found =
        typeof value === 'boolean'
          ? Number(value)
          : typeof value === 'number'
            ? value
            : typeof value === 'string' && value.trim() !== ''
              ? Number(value)
              : Number.NaN
      if (Number.isNaN(found))
        throw new WrongArgument(
          `double cannot make a number of ${describe(value)}`,
          undefined,
          'Give a number, or a text like "1.5".',
        )
      return found
    },
  }),
  define('bool(value: any)', {
    doc: 'True or false out of yes/no, true/false, on/off, 1/0, in any case.',
    example: ["bool('yes')", true],
    fn: (value: unknown) => {
      const word = typeof value === 'string' ? value.trim().toLowerCase() : value
      if ([true, 1, 'yes', 'true', 'on', '1', 'y', 't'].includes(word as string)) return true
      if ([false, 0, 'no', 'false', 'off', '0', 'n', 'f', ''].includes(word as string)) return false
      throw new WrongArgument(
        `bool cannot make true or false of ${describe(value)}`,
        undefined,
        'Known are yes/no, true/false, on/off, 1/0.',
      )
    },
  }),
  define('abs(value: number)', { doc: 'Without its sign.', example: ['abs(-2)', 2], fn: Math.abs }),
  define('round(value: number, digits?: number)', {
    doc: 'Rounded to so many digits behind the point, 0 unless given.',
    example: ['round(1.26, 1)', 1.3],
    fn: (value: number, digits = 0) => Number(`${Math.round(Number(`${value}e${digits}`))}e${-digits}`),
  }),
  define('ceil(value: number)', { doc: 'Rounded up.', example: ['ceil(1.2)', 2], fn: Math.ceil }),
  define('floor(value: number)', { doc: 'Rounded down.', example: ['floor(1.8)', 1], fn: Math.floor }),
  define('add(a: number, b: number)', {
    doc: 'The sum: for templates.',
    example: ['add(1, 2)', 3],
    fn: (a: number, b: number) => a + b,
  }),
  define('subtract(a: number, b: number)', {
    doc: 'The difference: for templates.',
    example: ['subtract(3, 2)', 1],
    aliases: ['sub'],
    fn: (a: number, b: number) => a - b,
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
      if (b === 0) throw new WrongArgument('division by zero', undefined, 'Guard it with a condition.')
      return a / b
    },
  }),
  define('mod(a: number, b: number)', {
    doc: 'The remainder: for templates.',
    example: ['mod(5, 3)', 2],
    fn: (a: number, b: number) => {
      if (b === 0) throw new WrongArgument('division by zero', undefined, 'Guard it with a condition.')
      return a % b
    },
  }),
  define('isEven(value: number)', {
    doc: 'Whether 2 divides it.',
    example: ['isEven(4)', true],
    fn: (value: number) => value % 2 === 0,
  }),
  define('isOdd(value: number)', {
    doc: 'Whether 2 does not divide it.',
    example: ['isOdd(3)', true],
    fn: (value: number) => Math.abs(value % 2) === 1,
  }),
  define('humanBytes(value: number)', {
    doc: 'A number of bytes as people write it.',
    example: ['humanBytes(1536)', '1.5 KiB'],
    fn: (value: number) => {
      const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
      const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10))
      return `${Number((value / 1024 ** power).toFixed(1))} ${units[power]}`
    },
  }),
]
