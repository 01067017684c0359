import { Problem } from '../base/problem.ts'

const MILLISECONDS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}
const DAY = 24 * 3_600_000
/** Go keeps nanoseconds in 63 bits: about 292 years. */
const LONGEST = Number(2n ** 63n) / 1e6

/**
 * A length of time in milliseconds, written as Go's: `87600h`, `1h30m`, `1.5h`. With `days`, `30d` and `2w` are read
 * too
 * (not for what cfssl reads: it would refuse the same file). Throws a Problem 'pki' that names `what`.
 */
export function parseDuration(written: unknown, what: string, options: { days?: boolean } = {}): number {
  const units = options.days ? { ...MILLISECONDS, d: DAY, w: 7 * DAY } : MILLISECONDS
  const refuse = (why: string): never => {
    throw new Problem('pki', `${what} is ${JSON.stringify(written)}, ${why}`, {
      hint: `Write a number with a unit (${Object.keys(units)
        .filter((unit) => unit.charCodeAt(0) < 128)
        .join(', ')}), such as "8760h" for a year.`,
    })
  }
  if (typeof written !== 'string') return refuse('which is not a text')
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(written) ?? []
  if (rest === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)[a-zµμ]+)+$/.test(rest)) return refuse('which is not a length of time')
  let total = 0
  for (const [, number, unit] of rest.matchAll(/(\d+\.?\d*|\.\d+)([a-zµμ]+)/g)) {
    const factor = units[unit as keyof typeof units]
    if (factor === undefined) return refuse(`and "${unit}" is no unit of time`)
    total += Number(number) * factor
  }
  if (total >= LONGEST) return refuse('which is longer than the 292 years that can be told')
  return sign === '-' ? -total : total
}

/** A length of time for people, in its largest whole unit that is not zero: `12 days`, `1 hour`, `40 seconds`. */
export function sayDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [size, name] =
    seconds >= 86_400
      ? [86_400, 'day']
      : seconds >= 3600
        ? [3600, 'hour']
        : seconds >= 60
          ? [60, 'minute']
          : [1, 'second']
  const count = Math.floor(seconds / (size as number))
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
