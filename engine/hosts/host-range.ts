import { isIPv6 } from 'node:net'

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** No inventory means this many; `[1:99999999]` is a slip that would eat the memory. */
const mostHosts = 100_000

export interface HostWord {
  readonly names: string[]
  readonly port: number | undefined
}

/** Reads a host as an inventory writes it, `web[01:20:2].example.org:2222`: names and port. Throws an Error that says what is wrong. */
export function readHostWord(word: string): HostWord {
  const { name, port } = splitPort(word)
  return { names: expandRange(name), port }
}

function splitPort(word: string): { name: string; port: number | undefined } {
  if (isIPv6(word)) return { name: word, port: undefined }
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(word)
  if (bracketed && isIPv6(bracketed[1]!))
    return { name: bracketed[1]!, port: bracketed[2] ? Number(bracketed[2]) : undefined }
  const tailed = /^((?:[^:[\]]|\[[^\]]*\])+):(\d{1,5})$/.exec(word)
  if (!tailed) return { name: word, port: undefined }
  const port = Number(tailed[2])
  if (port < 1 || port > 65535) throw new Error(`${port} is not a port: 1 to 65535`)
  return { name: tailed[1]!, port }
}

/** `db[1:3]-[a:b]` as the names it stands for; a name without a range is itself. */
export function expandRange(pattern: string): string[] {
  const found = /^(.*?)\[([^\]]*:[^\]]*)\](.*)$/.exec(pattern)
  if (!found) {
    if (/[[\]]/.test(pattern)) throw new Error(`a range is written [first:last] or [first:last:step]`)
    return [pattern]
  }
  const [, head, range, tail] = found
  const tails = expandRange(tail!)
  const names = sequence(range!).flatMap((part) => tails.map((rest) => `${head}${part}${rest}`))
  if (names.length > mostHosts)
    throw new Error(`this range stands for ${names.length} hosts; ${mostHosts} are the most`)
  return names
}

function sequence(range: string): string[] {
  const [first = '', last = '', stepText = '1', ...rest] = range.split(':')
  if (rest.length > 0) throw new Error('a range is written [first:last] or [first:last:step]')
  if (last === '') throw new Error('the range has no last value')
  const step = Number(stepText)
  if (!Number.isInteger(step) || step < 1)
    throw new Error(`the step of a range is a whole number from 1, not "${stepText}"`)
  const begin = first === '' ? '0' : first
  if (/^[A-Za-z]$/.test(begin) && /^[A-Za-z]$/.test(last)) return letterSequence(begin, last, step)
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(last)) {
    throw new Error(`the ends of a range are both numbers or both single letters, not "${begin}" and "${last}"`)
  }
  const padded = begin.length > 1 && begin.startsWith('0')
  if (padded && begin.length !== last.length)
    throw new Error(`"${begin}" and "${last}" must have the same number of digits`)
  const [from, to] = [Number(begin), Number(last)]
  if (from > to) throw new Error(`the range runs backwards: ${begin} comes after ${last}`)
  if ((to - from) / step >= mostHosts)
    throw new Error(`this range stands for too many hosts; ${mostHosts} are the most`)
  const names: string[] = []
  for (let at = from; at <= to; at += step) names.push(padded ? String(at).padStart(begin.length, '0') : String(at))
  return names
}

function letterSequence(first: string, last: string, step: number): string[] {
  const [from, to] = [letters.indexOf(first), letters.indexOf(last)]
  if (from > to) throw new Error(`the range runs backwards: ${first} comes after ${last}`)
  const names: string[] = []
  for (let at = from; at <= to; at += step) names.push(letters[at]!)
  return names
}
