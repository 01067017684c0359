import { isIP } from 'node:net'
import { Problem } from '../base/problem.ts'
import { content, type Der, isTag, sequence, tagged } from './der.ts'

export type NameKind = 'DNS' | 'email' | 'IP' | 'URI'

/** One subject alternative name; an IP address is in its shortest form. */
export interface AlternativeName {
  readonly kind: NameKind
  readonly value: string
}

/** The order in which Go writes them, and their tags in GeneralName (RFC 5280, 4.2.1.6). */
const TAGS: readonly (readonly [NameKind, number])[] = [
  ['DNS', 2],
  ['email', 1],
  ['IP', 7],
  ['URI', 6],
]
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+"
const DOTTED = `${ATOM}(?:\\.${ATOM})*`
const LOCAL = `(?:${DOTTED}|"(?:[^"\\\\\\r\\n]|\\\\.)+")`
const ADDRESS = new RegExp(`^(?:${LOCAL}@${DOTTED})$`, 'u')
const NAMED = new RegExp(`^[^<>@]*<(${LOCAL}@${DOTTED})>$`, 'u')

/**
 * What cfssl makes of an entry of `hosts`: an IP address, else an e-mail address (also as `Name <a@b>`), else a URI,
 * else a DNS name.
 * A URI is one only with a scheme and `://` or as a urn. (cfssl before 1.4 wrote URIs as DNS names, where nothing
 * finds them.)
 */
export function alternativeName(host: string): AlternativeName {
  // Go knows no zone in an address, so `fe80::1%eth0` falls through.
  if (isIP(host) && !host.includes('%')) return { kind: 'IP', value: sayAddress(addressBytes(host)) }
  const email = ADDRESS.test(host) ? host : NAMED.exec(host)?.[1]
  if (email) return { kind: 'email', value: unquoted(email) }
  if (/^(?:[a-z][a-z0-9+.-]*:\/\/|urn:)\S+$/i.test(host)) return { kind: 'URI', value: host }
  return { kind: 'DNS', value: host }
}

/** Go keeps the local part as it is meant, without its quotes. */
const unquoted = (address: string): string =>
  address.replace(/^"(.*)"(?=@)/s, (_, local: string) => local.replace(/\\(.)/gs, '$1'))

/** All names of `hosts`, in the order they are written in. An authority keeps only addresses, as in cfssl. */
export function alternativeNames(hosts: readonly string[], isCa: boolean): AlternativeName[] {
  const all = hosts.map(alternativeName)
  return TAGS.filter(([kind]) => !isCa || kind === 'IP').flatMap(([kind]) => all.filter((name) => name.kind === kind))
}

export function encodeNames(names: readonly AlternativeName[]): Der {
  return sequence(
    ...names.map(({ kind, value }) => {
      const tag = TAGS.find(([one]) => one === kind)![1]
      return tagged(tag, kind === 'IP' ? addressBytes(value) : asciiBytes(value))
    }),
  )
}

/** The names of an encoded extension; kinds that cfssl cannot write are given as `other`. */
export function decodeNames(names: readonly Der[]): string[] {
  return names.map((name) => {
    const kind = TAGS.find(([, tag]) => isTag(name, tag))?.[0]
    if (!kind) return 'other'
    return sayAlternative({ kind, value: kind === 'IP' ? sayAddress(content(name)) : content(name).toString('latin1') })
  })
}

/** `DNS:localhost`, `IP:127.0.0.1`, `email:a@b.c`, `URI:spiffe://a/b`. */
export const sayAlternative = (name: AlternativeName): string => `${name.kind}:${name.value}`

function asciiBytes(value: string): Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(value)) return Buffer.from(value, 'latin1')
  throw new Problem('pki', `The host "${value}" has letters that a certificate cannot hold`, {
    hint: 'Write the name in its ASCII form (xn--…).',
  })
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::') as [string?, string?]
  const groups = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [Number.parseInt(group, 16)]
          const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number]
          return [a * 256 + b, c * 256 + d]
        })
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const whole = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back]
  const bytes = Buffer.from(whole.flatMap((group) => [group >> 8, group & 255]))
  const mapped = bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'))
  return mapped ? bytes.subarray(12) : bytes
}

function sayAddress(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  if (bytes.length !== 16) return bytes.toString('hex')
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':')
  return new URL(`http://[${groups}]`).hostname.slice(1, -1)
}
