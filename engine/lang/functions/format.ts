import { define, isMap, WrongArgument } from './function.ts'
import { numberText } from './python-text.ts'
import { asText } from './text.ts'

/** `%(name)s`, `%-10.2f`: the parts of one directive of printf. */
const directive = /%(?:\((\w+)\))?([-+0 #]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z%])/g

function format(template: string, values: readonly unknown[], named: Readonly<Record<string, unknown>>): string {
  const count = [...template.matchAll(directive)].filter(([, , , , , kind]) => kind !== '%').length
  // CEL's own spelling has the values in a list.
  const given = count > 1 && values.length === 1 && Array.isArray(values[0]) ? values[0] : values
  const [only] = given
  const names = Object.keys(named).length > 0 ? named : isMap(only) && given.length === 1 ? only : undefined
  let next = 0
  const take = (whole: string) => {
    if (next >= given.length)
      throw new WrongArgument(`format has no value for ${whole}`, undefined, 'Give a value for each % in the text.')
    return given[next++]
  }
  const done = template.replace(directive, (whole, name, flags: string, width, precision, kind: string) => {
    if (kind === '%') return '%'
    const size = width === '*' ? Number(take(whole)) : width === undefined ? 0 : Number(width)
    const places = precision === '*' ? Number(take(whole)) : precision === undefined ? undefined : Number(precision)
    if (name !== undefined && !Object.hasOwn(names ?? {}, name))
      throw new WrongArgument(`format has no value called ${name}`, undefined, `Give it by name: ${name}=….`)
    const value = name === undefined ? take(whole) : names?.[name]
    return padded(converted(value, whole, kind, places, flags), flags, size, 'srac'.includes(kind))
  })
  if (next < given.length && names === undefined)
    throw new WrongArgument('format has more values than % in its text', undefined, 'Remove a value, or add a %s.')
  return done
}

function padded(made: string, flags: string, width: number, isText: boolean): string {
  if (flags.includes('-')) return made.padEnd(width)
  if (!flags.includes('0') || isText) return made.padStart(width)
  const sign = /^[-+ ]?(?:0[xXo])?/.exec(made)![0]
  return sign + made.slice(sign.length).padStart(width - sign.length, '0')
}

function converted(value: unknown, whole: string, kind: string, places: number | undefined, flags: string): string {
  if (kind === 's' || kind === 'r' || kind === 'a') {
    const text = kind === 's' ? asText(value) : JSON.stringify(value)
    return places === undefined ? text : text.slice(0, places)
  }
  if (kind === 'c' && typeof value === 'string') return value
  const number = typeof value === 'number' ? value : Number(value)
  if (!Number.isFinite(number) || typeof value === 'object' || value === '')
    throw new WrongArgument(`format needs a number for ${whole}`, undefined, 'Use %s for texts.')
  if (kind === 'c') return String.fromCodePoint(number)
  const sign = number < 0 || Object.is(number, -0) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  return sign + digits(Math.abs(number), whole, kind, places, flags.includes('#'))
}

function digits(value: number, whole: string, kind: string, places: number | undefined, marked: boolean): string {
  const mark = marked ? ({ x: '0x', X: '0X', o: '0o' }[kind] ?? '') : ''
  const bases: Readonly<Record<string, number>> = { d: 10, i: 10, u: 10, x: 16, X: 16, o: 8 }
  const base = bases[kind]
  if (base !== undefined) {
    const text = BigInt(Math.trunc(value)).toString(base)
    return mark + (kind === 'X' ? text.toUpperCase() : text).padStart(places ?? 0, '0')
  }
  const exponent = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2')
  const lower = kind.toLowerCase()
  if (lower === 'f') return value.toFixed(places ?? 6)
  if (lower !== 'e' && lower !== 'g')
    throw new WrongArgument(`format knows no ${whole}`, undefined, 'Known are %s %d %x %X %o %f %e %g %c and %%.')
  const made = exponent(lower === 'e' ? value.toExponential(places ?? 6) : general(value, places ?? 6))
  return kind === lower ? made : made.toUpperCase()
}

function general(value: number, places: number): string {
  const most = Math.max(places, 1)
  const power = value === 0 ? 0 : Number(value.toExponential(most - 1).split('e')[1])
  const text = power < -4 || power >= most ? value.toExponential(most - 1) : value.toFixed(most - 1 - power)
  return text.replace(/\.?0+(?=e|$)/, (zeros, at: number) =>
    text.slice(0, at).includes('.') || zeros.startsWith('.') ? '' : zeros,
  )
}

export const formats = [
  define('format(template: text, ...values: any, **named: any)', {
    doc: 'As printf does: %s, %d, %05d, %x, %.2f, %-10s, %(name)s, %%.',
    example: ["format('%s-%02d', 'node', 7)", 'node-07'],
    filter: 'format',
    fn: format,
  }),
  define('string(value: any)', {
    doc: 'As text; lists and maps as JSON.',
    example: ['string(5)', '5'],
    filter: 'string',
    fn: (value: unknown) => (typeof value === 'number' ? numberText(value) : asText(value)),
  }),
]
