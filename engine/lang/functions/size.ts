import { define, WrongArgument } from './function.ts'

const powers = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']

function readable(size: number | string, isBits = false, unit?: string | null): string {
  const value = Number(size)
  if (size === '' || Number.isNaN(value))
    throw new WrongArgument(
      `human_readable: "${size}" is no number`,
      undefined,
      'human_to_bytes reads texts like 10 MB.',
    )
  const base = isBits ? 'bits' : 'Bytes'
  let power = 0
  if (unit) power = Math.max(0, powers.indexOf(unit.charAt(0).toUpperCase()))
  else while (power < powers.length - 1 && value >= 1024 ** (power + 1)) power++
  const suffix = power === 0 ? base : powers[power]! + base.charAt(0)
  return `${(value / 1024 ** power).toFixed(2)} ${suffix}`
}

function bytesOf(size: string, defaultUnit?: string | null, isBits = false): number {
  const wrong = (hint = 'Write it like 10, 10K, 1.5 GB or 2MiB.') =>
    new WrongArgument(`human_to_bytes cannot read "${size}"`, undefined, hint)
  const found = /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?\s*$/.exec(size)
  if (!found || !/\d/.test(found[1]!)) throw wrong()
  const unit = found[2] ?? defaultUnit ?? ''
  if (unit === '') return Math.round(Number(found[1]))
  const first = unit.charAt(0).toUpperCase()
  const power = first === 'B' ? 0 : powers.indexOf(first)
  if (power < 0 || (power === 0 && first !== 'B')) throw wrong('Units are B, K, M, G, T, P, E, Z and Y.')
  const letter = isBits ? 'b' : 'B'
  const rest = unit.length > 1 && power > 0 ? unit.slice(1) : ''
  const words = isBits ? ['bit', 'bits'] : ['byte', 'bytes']
  if (rest !== '' && rest !== letter && rest !== `i${letter}` && !words.includes(unit.toLowerCase())) {
    throw wrong(isBits ? 'Bits are written b, as in 10Mb.' : 'Bytes are written B, as in 10MB.')
  }
  return Math.round(Number(found[1]) * 1024 ** power)
}

export const sizes = [
  define('human_readable(size: number|text, isbits?: bool, unit?: text)', {
    doc: 'A number of bytes (or bits) as people write it, in the largest unit that fits or in a given one.',
    example: ['human_readable(1536)', '1.50 KB'],
    filter: 'human_readable',
    fn: readable,
  }),
  define('human_to_bytes(size: text, default_unit?: text, isbits?: bool)', {
    doc: 'The number of bytes (or bits) that a text like 1.5 GB means; 1 K is 1024.',
    example: ["human_to_bytes('1.5 GB')", 1610612736],
    filter: 'human_to_bytes',
    fn: bytesOf,
  }),
  define('filesizeformat(size: number|text, binary?: bool)', {
    doc: 'A number of bytes as people write it, in steps of 1000, or of 1024 with binary.',
    example: ['filesizeformat(1500)', '1.5 kB'],
    filter: 'filesizeformat',
    fn: (size: number | string, binary = false) => {
      const bytes = Number(size)
      const base = binary ? 1024 : 1000
      if (bytes === 1) return '1 Byte'
      if (bytes < base) return `${Math.trunc(bytes)} Bytes`
      const units = binary
        ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']
        : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
      let power = 0
      while (power < units.length - 1 && bytes >= base ** (power + 2)) power++
      return `${(bytes / base ** (power + 1)).toFixed(1)} ${units[power]}`
    },
  }),
]
