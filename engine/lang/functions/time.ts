import { define, WrongArgument } from './function.ts'

const pad = (value: number, width = 2) => String(value).padStart(width, '0')
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const codes: Record<string, (date: Date) => string> = {
  Y: (date) => String(date.getUTCFullYear()),
  m: (date) => pad(date.getUTCMonth() + 1),
  d: (date) => pad(date.getUTCDate()),
  H: (date) => pad(date.getUTCHours()),
  M: (date) => pad(date.getUTCMinutes()),
  S: (date) => pad(date.getUTCSeconds()),
  y: (date) => pad(date.getUTCFullYear() % 100),
  f: (date) => `${pad(date.getUTCMilliseconds(), 3)}000`,
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  Z: () => 'UTC',
  z: () => '+0000',
  A: (date) => days[date.getUTCDay()]!,
  a: (date) => days[date.getUTCDay()]!.slice(0, 3),
  B: (date) => months[date.getUTCMonth()]!,
  b: (date) => months[date.getUTCMonth()]!.slice(0, 3),
  F: (date) => date.toISOString().slice(0, 10),
  T: (date) => date.toISOString().slice(11, 19),
  '%': () => '%',
}
const usual = '%Y-%m-%dT%H:%M:%SZ'

function strftime(date: Date, format: string): string {
  if (Number.isNaN(date.getTime()))
    throw new WrongArgument(
      'this is no date',
      undefined,
      'Give seconds since 1970, or a text like 2026-01-31T12:00:00Z.',
    )
  return format.replace(/%(.)/g, (whole, code: string) => {
    const make = Object.hasOwn(codes, code) ? codes[code] : undefined
    if (!make)
      throw new WrongArgument(
        `a date has no ${whole}`,
        undefined,
        `Known are ${Object.keys(codes)
          .map((known) => `%${known}`)
          .join(' ')}.`,
      )
    return make(date)
  })
}

export const time = [
  define('now(format?: text)', {
    doc: `The time, in UTC, as strftime writes it; ${usual} unless given.`,
    example: ["now('%%')", '%'],
    impure: true,
    fn: (format = usual) => strftime(new Date(), format),
  }),
  define('formatDate(value: any, format?: text)', {
    doc: 'A time, given as seconds since 1970 or as ISO text, written as strftime does, in UTC.',
    example: ["formatDate(0, '%Y-%m-%d')", '1970-01-01'],
    aliases: ['strftime'],
    fn: (value: unknown, format = usual) =>
      strftime(typeof value === 'number' ? new Date(value * 1000) : new Date(String(value)), format),
  }),
]
