import { WrongArgument } from './function.ts'
import { Timestamp } from './moment.ts'

const pad = (value: number, width = 2, filling = '0') => String(value).padStart(width, filling)
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

/** A date whose UTC fields are the fields of the zone at work. */
interface Fields {
  readonly date: Date
  readonly epoch: number
  readonly micros: number
  /** Minutes east of UTC. */
  readonly offset: number
  readonly zone: string
}

const dayOfYear = ({ date }: Fields) =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
const weekOf = (fields: Fields, firstDay: number) =>
  Math.floor((dayOfYear(fields) + 6 - ((fields.date.getUTCDay() - firstDay + 7) % 7)) / 7)
const hour12 = ({ date }: Fields) => date.getUTCHours() % 12 || 12

function isoWeek({ date }: Fields): { year: number; week: number } {
  const thursday = new Date(date)
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7))
  const year = thursday.getUTCFullYear()
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1 }
}

const codes: Readonly<Record<string, (fields: Fields) => string>> = {
  Y: ({ date }) => String(date.getUTCFullYear()),
  C: ({ date }) => pad(Math.floor(date.getUTCFullYear() / 100)),
  m: ({ date }) => pad(date.getUTCMonth() + 1),
  d: ({ date }) => pad(date.getUTCDate()),
  e: ({ date }) => pad(date.getUTCDate(), 2, ' '),
  H: ({ date }) => pad(date.getUTCHours()),
  I: (fields) => pad(hour12(fields)),
  k: ({ date }) => pad(date.getUTCHours(), 2, ' '),
  l: (fields) => pad(hour12(fields), 2, ' '),
  M: ({ date }) => pad(date.getUTCMinutes()),
  S: ({ date }) => pad(date.getUTCSeconds()),
  p: ({ date }) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: ({ date }) => (date.getUTCHours() < 12 ? 'am' : 'pm'),
  y: ({ date }) => pad(date.getUTCFullYear() % 100),
  j: (fields) => pad(dayOfYear(fields), 3),
  U: (fields) => pad(weekOf(fields, 0)),
  W: (fields) => pad(weekOf(fields, 1)),
  V: (fields) => pad(isoWeek(fields).week),
  G: (fields) => String(isoWeek(fields).year),
  g: (fields) => pad(isoWeek(fields).year % 100),
  w: ({ date }) => String(date.getUTCDay()),
  u: ({ date }) => String(date.getUTCDay() || 7),
  f: ({ micros }) => pad(micros, 6),
  s: ({ epoch }) => String(epoch),
  Z: ({ zone }) => zone,
  z: ({ offset }) => `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60))}${pad(Math.abs(offset) % 60)}`,
  A: ({ date }) => days[date.getUTCDay()]!,
  a: ({ date }) => days[date.getUTCDay()]!.slice(0, 3),
  B: ({ date }) => months[date.getUTCMonth()]!,
  b: ({ date }) => months[date.getUTCMonth()]!.slice(0, 3),
  h: ({ date }) => months[date.getUTCMonth()]!.slice(0, 3),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
}
const wholes: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  D: '%m/%d/%y',
  c: '%a %b %e %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
}

/** A time in letters, in the controller's zone or in UTC. */
export function strftime(time: Timestamp, format: string, utc: boolean): string {
  const offset = utc ? 0 : -time.date.getTimezoneOffset()
  const fields: Fields = {
    date: new Date(time.date.getTime() + offset * 60_000),
    epoch: Math.floor(time.micros / 1e6),
    micros: ((time.micros % 1e6) + 1e6) % 1e6,
    offset,
    zone: utc ? 'UTC' : (/\(([^)]+)\)/.exec(String(time.date))?.[1] ?? ''),
  }
  return format
    .replace(/%([FTRrDcxX])/g, (_, code: string) => wholes[code]!)
    .replace(/%(-)?(.)/gs, (whole, bare: string | undefined, code: string) => {
      const make = Object.hasOwn(codes, code) ? codes[code] : undefined
      if (!make)
        throw new WrongArgument(
          `a date has no ${whole}`,
          undefined,
          `Known are ${[...Object.keys(codes), ...Object.keys(wholes)].map((known) => `%${known}`).join(' ')}.`,
        )
      const made = make(fields)
      return bare ? made.replace(/^[0 ]+(?=.)/, '') : made
    })
}

const readers: Readonly<Record<string, readonly [pattern: string, key: string]>> = {
  Y: ['\\d{4}', 'year'],
  y: ['\\d{2}', 'short'],
  m: ['1[0-2]|0?[1-9]', 'month'],
  d: ['3[01]|[12]\\d|0?[1-9]| [1-9]', 'day'],
  H: ['2[0-3]|[01]?\\d', 'hour'],
  I: ['1[0-2]|0?[1-9]', 'hour12'],
  M: ['[0-5]?\\d', 'minute'],
  S: ['6[01]|[0-5]?\\d', 'second'],
  f: ['\\d{1,6}', 'fraction'],
  j: ['\\d{1,3}', 'dayOfYear'],
  p: ['[AaPp][Mm]', 'half'],
  z: ['[-+]\\d\\d:?\\d\\d|Z', 'zone'],
  Z: ['UTC|GMT|[A-Z]{3,4}', ''],
  A: [days.join('|'), ''],
  a: [days.map((day) => day.slice(0, 3)).join('|'), ''],
  B: [months.join('|'), 'name'],
  b: [months.map((month) => month.slice(0, 3)).join('|'), 'name'],
}

/** The time that a text in a form of strftime's letters means; without a zone, UTC. */
export function strptime(text: string, format: string): Timestamp {
  const keys: string[] = []
  const source = format
    .replace(/%([FTRrDcxX])/g, (_, code: string) => wholes[code]!)
    .replace(/%(.)|\s+|[.*+?^${}()|[\]\\]/gs, (whole, code: string | undefined) => {
      if (code === '%') return '%'
      if (code === undefined) return /^\s/.test(whole) ? '\\s+' : `\\${whole}`
      const reader = Object.hasOwn(readers, code) ? readers[code] : undefined
      if (!reader)
        throw new WrongArgument(
          `to_datetime cannot read ${whole}`,
          undefined,
          `Known are ${Object.keys(readers)
            .map((known) => `%${known}`)
            .join(' ')}.`,
        )
      keys.push(reader[1])
      return `(${reader[0]})`
    })
  const found = new RegExp(`^${source}$`, 'i').exec(text)
  if (!found)
    throw new WrongArgument(
      `to_datetime: "${text}" is not of the form ${format}`,
      undefined,
      'Give the form behind it, as in to_datetime(x, "%d.%m.%Y").',
    )
  const part = (key: string) => {
    const index = keys.lastIndexOf(key)
    return key === '' || index < 0 ? undefined : found[index + 1]
  }
  return new Timestamp(microsOf(part))
}

function microsOf(part: (key: string) => string | undefined): number {
  const number = (key: string, fallback: number) => Number(part(key) ?? fallback)
  const short = part('short')
  const year = short === undefined ? number('year', 1900) : Number(short) + (Number(short) < 69 ? 2000 : 1900)
  const name = part('name')?.slice(0, 3).toLowerCase()
  const month = name ? months.findIndex((one) => one.toLowerCase().startsWith(name)) : number('month', 1) - 1
  const half = part('half')?.toLowerCase()
  const hour = half ? (number('hour12', 12) % 12) + (half === 'pm' ? 12 : 0) : number('hour', number('hour12', 0))
  const [, sign, hours = '0', minutes = '0'] = /^([-+])(\d\d):?(\d\d)$/.exec(part('zone') ?? '') ?? []
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  const days = part('dayOfYear') === undefined ? number('day', 1) : number('dayOfYear', 1)
  const at = Date.UTC(
    year,
    part('dayOfYear') === undefined ? month : 0,
    days,
    hour,
    number('minute', 0),
    number('second', 0),
  )
  return (at - offset * 60_000) * 1000 + Number((part('fraction') ?? '0').padEnd(6, '0'))
}
