import { Moment, WrongArgument } from './function.ts'

/** A point in time, to the microsecond, in UTC: what `timestamp` and `to_datetime` give. */
export class Timestamp extends Moment {
  /** Microseconds since 1970. */
  readonly micros: number

  constructor(micros: number) {
    super()
    this.micros = micros
  }

  get date(): Date {
    return new Date(Math.floor(this.micros / 1000))
  }

  override valueOf(): number {
    return this.micros / 1e6
  }

  /** RFC 3339. */
  toJSON(): string {
    const rest = ((this.micros % 1e6) + 1e6) % 1e6
    const fraction = rest === 0 ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`
    return `${this.date.toISOString().slice(0, 19)}${fraction}Z`
  }

  override toString(): string {
    return this.toJSON()
  }
}

/** A length of time: what `duration` and the difference of two times give. `days` and `seconds` are as Python's timedelta. */
export class Duration extends Moment {
  readonly micros: number

  constructor(micros: number) {
    super()
    this.micros = micros
  }

  get days(): number {
    return Math.floor(this.micros / 86_400e6)
  }

  /** Those beyond whole days. */
  get seconds(): number {
    return Math.floor((this.micros - this.days * 86_400e6) / 1e6)
  }

  get microseconds(): number {
    return ((this.micros % 1e6) + 1e6) % 1e6
  }

  override valueOf(): number {
    return this.micros / 1e6
  }

  toJSON(): string {
    return `${this.micros / 1e6}s`
  }

  override toString(): string {
    return this.toJSON()
  }
}

/** The key of a length of time; undefined when it has none of that name. */
export function momentPart(value: Moment, key: string): unknown {
  if (value instanceof Duration && ['days', 'seconds', 'microseconds'].includes(key))
    return value[key as 'days' | 'seconds' | 'microseconds']
  return undefined
}

/** What times come to under + - < and the like; undefined when the operator means nothing to them. */
export function momentOperation(operator: string, a: unknown, b: unknown): unknown {
  const [left, right] = [a, b].map((value) =>
    value instanceof Timestamp || value instanceof Duration ? value.micros : undefined,
  )
  if (left === undefined || right === undefined) return undefined
  const alike = a instanceof Timestamp === b instanceof Timestamp
  const length = b instanceof Duration
  if (operator === '+' && (length || a instanceof Duration))
    return alike ? new Duration(left + right) : new Timestamp(left + right)
  if (operator === '-' && alike) return new Duration(left - right)
  if (operator === '-' && length) return new Timestamp(left - right)
  if (!alike) return undefined
  if (operator === '<') return left < right
  if (operator === '<=') return left <= right
  if (operator === '>') return left > right
  return operator === '>=' ? left >= right : undefined
}

const units: Readonly<Record<string, number>> = { h: 3600e6, m: 60e6, s: 1e6, ms: 1e3, us: 1, µs: 1, ns: 1e-3 }

/** `1h30m`, `-1.5s`, `300ms`. */
export function durationOf(text: string): Duration {
  const [, sign, rest] = /^([-+]?)((?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+|0)$/.exec(text) ?? []
  if (rest === undefined)
    throw new WrongArgument(`"${text}" is no duration`, undefined, 'Write it like 90s, 1h30m or 500ms.')
  let micros = 0
  for (const [, count, unit] of rest.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g))
    micros += Number(count) * units[unit!]!
  return new Duration(sign === '-' ? -micros : micros)
}

/** Out of seconds since 1970 or an ISO text; a text without a zone is in UTC. */
export function timestampOf(value: unknown): Timestamp {
  if (value instanceof Timestamp) return value
  if (typeof value === 'number') return new Timestamp(Math.round(value * 1e6))
  const text = String(value).trim()
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s*(Z|[-+]\d\d:?\d\d)?)?$/i.exec(text)
  const zone = (found?.[4] ?? 'Z').toUpperCase().replace(/^([-+]\d\d)(\d\d)$/, '$1:$2')
  const millis = found ? Date.parse(`${found[1]}T${found[2] ?? '00:00'}${zone}`) : Number.NaN
  if (Number.isNaN(millis))
    throw new WrongArgument(
      `"${text}" is no date`,
      undefined,
      'Give seconds since 1970, or a text like 2026-01-31T12:00:00Z; to_datetime reads other forms.',
    )
  return new Timestamp(millis * 1000 + Math.floor(Number(`0.${found![3] ?? '0'}`) * 1e6 + 1e-6))
}
