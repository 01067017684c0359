import ipaddr from 'ipaddr.js'
import { WrongArgument } from './function.ts'

/** An address with the network it is in: `10.1.2.3/16`; alone, a network of its own. */
export interface Network {
  readonly bits: 32 | 128
  readonly address: bigint
  readonly prefix: number
  readonly first: bigint
  readonly last: bigint
  readonly size: bigint
}

export function networkOf(bits: 32 | 128, address: bigint, prefix: number): Network {
  const rest = BigInt(bits - prefix)
  const first = (address >> rest) << rest
  return { bits, address, prefix, first, last: first | ((1n << rest) - 1n), size: 1n << rest }
}

export function parseAddress(text: string): { bits: 32 | 128; value: bigint } | undefined {
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(text)
  if (!isV4 && !(text.includes(':') && ipaddr.IPv6.isValid(text) && !text.includes('%'))) return undefined
  const parsed = ipaddr.parse(text)
  return {
    bits: parsed.kind() === 'ipv4' ? 32 : 128,
    value: parsed.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
  }
}

/** The address in letters; those of IPv6 that hold one of IPv4 end as it is written. */
export function addressText(bits: 32 | 128, value: bigint): string {
  const bytes = Array.from({ length: bits / 8 }, (_, index) =>
    Number((value >> BigInt(bits - 8 * (index + 1))) & 0xffn),
  )
  const mapped = bits === 128 && value >> 32n === 0xffffn
  const compatible = bits === 128 && value >> 32n === 0n && value > 0xffffn
  if (mapped || compatible) return `::${mapped ? 'ffff:' : ''}${bytes.slice(12).join('.')}`
  return ipaddr.fromByteArray(bytes).toString()
}

/** The length of a prefix written as a number, or as a netmask or wildcard of IPv4. */
function prefixOf(text: string, bits: 32 | 128): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= bits ? Number(text) : undefined
  const mask = parseAddress(text)
  if (mask?.bits !== bits) return undefined
  const all = (1n << BigInt(bits)) - 1n
  for (let prefix = 0; prefix <= bits; prefix++) {
    const host = (1n << BigInt(bits - prefix)) - 1n
    if (mask.value === (all ^ host)) return prefix
  }
  for (let prefix = 0; prefix <= bits; prefix++) {
    if (mask.value === (1n << BigInt(bits - prefix)) - 1n) return prefix
  }
  return undefined
}

export function tryNetwork(text: string): Network | undefined {
  const [head = '', tail, more] = text.split('/')
  const found = parseAddress(head)
  if (!found || more !== undefined) return undefined
  const prefix = tail === undefined ? found.bits : prefixOf(tail, found.bits)
  return prefix === undefined ? undefined : networkOf(found.bits, found.value, prefix)
}

export function network(text: string): Network {
  const found = tryNetwork(text.trim())
  if (found) return found
  throw new WrongArgument(
    `"${text}" is no address or network`,
    undefined,
    'Write one like 10.96.0.0/16, 192.168.1.26 or fd00::/64.',
  )
}

export const cidrText = ({ bits, prefix }: Network, address: bigint) => `${addressText(bits, address)}/${prefix}`
export const netmask = ({ bits, prefix }: Network) => ((1n << BigInt(prefix)) - 1n) << BigInt(bits - prefix)
export const hostmask = ({ bits, prefix }: Network) => (1n << BigInt(bits - prefix)) - 1n

/** The addresses that hosts may have: all but the network's own and its broadcast, unless there are only two. */
export function usable(net: Network): { first: bigint; last: bigint } | undefined {
  if (net.size === 1n) return undefined
  return net.size === 2n ? net : { first: net.first + 1n, last: net.last - 1n }
}

/** Addresses whose meaning is fixed, as Python's netaddr knows them. */
const ranges: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  private: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '192.0.0.0/24',
    '198.18.0.0/15',
    '169.254.0.0/16',
    '100.64.0.0/10',
    '239.0.0.0/8',
    'fc00::/7',
    'fe80::/10',
    'fec0::/10',
  ],
}
const parsed = new Map<string, Network[]>()

/** Whether all of a network is of a kind: loopback, multicast, link-local, private. */
export function isOf(net: Network, kind: string): boolean {
  let list = parsed.get(kind)
  if (!list) {
    list = ranges[kind]!.map(network)
    parsed.set(kind, list)
  }
  return list.some((range) => range.bits === net.bits && net.first >= range.first && net.last <= range.last)
}
