import { define, WrongArgument } from './function.ts'
import { type Duration, durationOf, Timestamp, timestampOf } from './moment.ts'
import { strftime, strptime } from './strftime.ts'

/** A time whose UTC fields are those of a zone, by its IANA name or as +02:00. */
function inZone(time: Timestamp, zone: string | undefined): Date {
  if (zone === undefined || zone === 'UTC' || zone === 'Z') return time.date
  const fixed = /^([-+])?(\d\d):(\d\d)$/.exec(zone)
  if (fixed) {
    const minutes = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]))
    return new Date(time.date.getTime() + minutes * 60_000)
  }
  try {
    const made = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    }).format(time.date)
    return new Date(`${made.replace(' ', 'T')}Z`)
  } catch {
    throw new WrongArgument(`there is no time zone "${zone}"`, undefined, 'Write it like Europe/Berlin or +02:00.')
  }
}

/** CEL's getters of times; of a length of time the hours, minutes, seconds and milliseconds it comes to. */
function getter(name: string, what: string, gives: number, part: (date: Date) => number, size?: number) {
  return define(`${name}(value: time, zone?: text)`, {
    doc: `${what} of a time, in UTC unless a zone is given${size ? ', or of a length of time' : ''}.`,
    example: [`${name}(timestamp('2026-01-31T12:30:15Z'))`, gives],
    fn: (value: Timestamp | Duration, zone?: string) => {
      if (value instanceof Timestamp) return part(inZone(value, zone))
      if (size === undefined) throw new WrongArgument(`a length of time has no ${name}`, undefined, 'Give a timestamp.')
      return Math.trunc(value.micros / size)
    },
  })
}

const yearStart = (date: Date) => Date.UTC(date.getUTCFullYear(), 0, 1)
const iso = '%Y-%m-%dT%H:%M:%SZ'

export const time = [
  define('now(utc?: bool|text, format?: text)', {
    doc: 'The time; with a format, as strftime writes it, in UTC.',
    example: ["now('%%')", '%'],
    impure: true,
    fn: (utc?: boolean | string, format?: string) => {
      const time = new Timestamp(Date.now() * 1000)
      const wanted = typeof utc === 'string' ? utc : format
      return wanted === undefined ? time : strftime(time, wanted, utc !== false)
    },
  }),
  define('strftime(format: text, seconds?: any, utc?: bool)', {
    doc: "A time, now or seconds since 1970, written in strftime's letters, in the controller's zone, or in UTC.",
    example: ["strftime('%Y-%m-%d', 0, true)", '1970-01-01'],
    filter: 'strftime',
    impure: true,
    fn: (format: string, seconds?: unknown, utc = false) => {
      const time = seconds === undefined || seconds === null ? new Timestamp(Date.now() * 1000) : numbered(seconds)
      return strftime(time, format, utc)
    },
  }),
  define('format_date(value: any, format?: text)', {
    doc: "A time, as seconds since 1970 or as ISO text, written in strftime's letters, in UTC.",
    example: ["format_date('2026-01-31T12:00:00Z', '%d.%m.%Y')", '31.01.2026'],
    fn: (value: unknown, format = iso) => strftime(timestampOf(value), format, true),
  }),
  define('to_datetime(value: text, format?: text)', {
    doc: 'The time that a text means, of the form %Y-%m-%d %H:%M:%S unless given; two of them subtract.',
    example: ["total_seconds(to_datetime('2026-01-02 00:00:00') - to_datetime('2026-01-01 00:00:00'))", 86400],
    filter: 'to_datetime',
    fn: (value: string, format = '%Y-%m-%d %H:%M:%S') => strptime(value, format),
  }),
  define('timestamp(value: any)', {
    doc: 'A time out of ISO text or seconds since 1970; it adds to a duration, and compares.',
    example: ["string(timestamp('2026-01-31T12:00:00Z') + duration('90m'))", '2026-01-31T13:30:00Z'],
    fn: timestampOf,
  }),
  define('duration(value: text)', {
    doc: 'A length of time out of text like 90s, 1h30m, 500ms.',
    example: ["total_seconds(duration('1h30m'))", 5400],
    fn: durationOf,
  }),
  define('total_seconds(value: time)', {
    doc: 'The seconds of a length of time, or of a time since 1970.',
    example: ["total_seconds(duration('1m'))", 60],
    aliases: ['epoch'],
    fn: (value: Timestamp | Duration) => value.micros / 1e6,
  }),
  getter('getFullYear', 'The year', 2026, (date) => date.getUTCFullYear()),
  getter('getMonth', 'The month, from 0,', 0, (date) => date.getUTCMonth()),
  getter('getDate', 'The day of the month, from 1,', 31, (date) => date.getUTCDate()),
  getter('getDayOfMonth', 'The day of the month, from 0,', 30, (date) => date.getUTCDate() - 1),
  getter('getDayOfWeek', 'The day of the week, Sunday being 0,', 6, (date) => date.getUTCDay()),
  getter('getDayOfYear', 'The day of the year, from 0,', 30, (date) =>
    Math.floor((date.getTime() - yearStart(date)) / 86_400_000),
  ),
  getter('getHours', 'The hours', 12, (date) => date.getUTCHours(), 3600e6),
  getter('getMinutes', 'The minutes', 30, (date) => date.getUTCMinutes(), 60e6),
  getter('getSeconds', 'The seconds', 15, (date) => date.getUTCSeconds(), 1e6),
  getter('getMilliseconds', 'The milliseconds', 0, (date) => date.getUTCMilliseconds(), 1e3),
]

function numbered(seconds: unknown): Timestamp {
  if (seconds instanceof Timestamp) return seconds
  const number = typeof seconds === 'string' && seconds.trim() !== '' ? Number(seconds) : seconds
  if (typeof number !== 'number' || Number.isNaN(number))
    throw new WrongArgument('strftime needs seconds since 1970', undefined, 'format_date takes ISO text.')
  return timestampOf(number)
}
