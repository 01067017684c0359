import { didYouMean } from '../../base/suggest.ts'
import { WrongArgument } from './function.ts'
import {
  addressText,
  cidrText,
  hostmask,
  isOf,
  type Network,
  netmask,
  networkOf,
  tryNetwork,
  usable,
} from './network.ts'

/** What a query looks at: the network, how it was written, and the value as it was given. */
interface Asked {
  readonly net: Network
  readonly kind: 'address' | 'network'
  readonly value: string
}

type Query = (asked: Asked) => unknown

const text = (net: Network, value: bigint) => addressText(net.bits, value)
const whole = (net: Network) => cidrText(net, net.address)
const atNetwork = (net: Network) => net.address === net.first
/** netaddr gives IPv4 networks of one or two addresses no broadcast. */
const hasBroadcast = (net: Network) => net.bits === 128 || net.size > 2n

function asNetwork({ net, kind }: Asked): Network {
  if (kind === 'network') return net
  throw new WrongArgument(
    `${text(net, net.address)} is an address, not a network`,
    undefined,
    'Give it with the length of its prefix, as in 10.0.0.5/24.',
  )
}

const only =
  (kind: string): Query =>
  ({ net, value }) =>
    isOf(net, kind) && value

function neighbour(asked: Asked, offset: bigint): string | null {
  const net = asNetwork(asked)
  return usableAt(net, net.address + offset)
}

/** An address in letters, when hosts of the network may have it. */
export function usableAt(net: Network, address: bigint): string | null {
  const range = usable(net)
  return range && address >= range.first && address <= range.last ? text(net, address) : null
}

function isPublic(net: Network): boolean {
  const one = networkOf(net.bits, net.address, net.bits)
  if (['multicast', 'private', 'loopback'].some((kind) => isOf(one, kind))) return false
  const all = (1n << BigInt(net.bits)) - 1n
  const isHostmask = (net.address & (net.address + 1n)) === 0n
  const inverse = all ^ net.address
  return !isHostmask && (inverse & (inverse + 1n)) !== 0n
}

function reverseName(net: Network): string {
  if (net.bits === 32) return `${text(net, net.address).split('.').reverse().join('.')}.in-addr.arpa.`
  const digits = net.address.toString(16).padStart(32, '0')
  return `${[...digits].reverse().join('.')}.ip6.arpa.`
}

function sixToFour({ net, value }: Asked): unknown {
  const prefix = networkOf(128, 0x2002n << 112n, 16)
  if (net.bits === 128) return net.address >= prefix.first && net.address <= prefix.last && value
  if ((net.size > 1n && atNetwork(net)) || !(isPublic(net) || isOf(networkOf(32, net.address, 32), 'private')))
    return false
  const hex = net.address.toString(16).padStart(8, '0')
  return `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1/48`
}

function peer(asked: Asked): string {
  const net = asNetwork(asked)
  const wrong = (why: string) =>
    new WrongArgument(`${whole(net)} has no peer: ${why}`, undefined, 'Give an address of a /30 or /31.')
  if (net.size === 2n) return text(net, net.address ^ 1n)
  if (net.size !== 4n) throw wrong('it is no point-to-point network')
  const place = net.address % 4n
  if (place === 0n) throw wrong('it is the address of the network')
  if (place === 3n) throw wrong('it is the broadcast address')
  return text(net, net.address ^ 3n)
}

/** IPv4 inside IPv6 and back. */
function toV4({ net, value }: Asked): unknown {
  if (net.bits === 32) return value
  const isIn = net.address >> 32n === 0xffffn || (net.address >> 32n === 0n && net.address > 0xffffn)
  return isIn && `${addressText(32, net.address & 0xffffffffn)}/${Math.max(0, net.prefix - 96)}`
}

const toV6: Query = ({ net, value }) =>
  net.bits === 128 ? value : `${addressText(128, (0xffffn << 32n) | net.address)}/${net.prefix + 96}`

const hostAndPrefix: Query = ({ net }) => {
  const isEdge = atNetwork(net) || (hasBroadcast(net) && net.address === net.last)
  return !(net.size > 2n && isEdge) && whole(net)
}
const address: Query = ({ net }) =>
  net.size === 1n || net.bits === 128 || !atNetwork(net) || !hasBroadcast(net) ? text(net, net.address) : null
const ifHost =
  (make: Query): Query =>
  (asked) =>
    asked.net.size === 2n || (asked.net.size > 1n && !atNetwork(asked.net)) ? make(asked) : null

/** Every query of ansible.utils.ipaddr: what it gives; false or null where the value is not of that kind. */
export const queries: Readonly<Record<string, Query>> = {
  '': ({ net, kind }) => (kind === 'address' ? text(net, net.address) : whole(net)),
  '6to4': sixToFour,
  address,
  'address/prefix': hostAndPrefix,
  bool: () => true,
  broadcast: ({ net }) => (net.size > 2n ? text(net, net.last) : null),
  cidr: ({ net }) => whole(net),
  first_usable: (asked) => {
    const net = asNetwork(asked)
    return net.size === 1n ? null : text(net, net.size === 2n ? net.first : net.first + 1n)
  },
  gateway: hostAndPrefix,
  gw: hostAndPrefix,
  host: ({ net }) => (net.size === 1n || !atNetwork(net) || !hasBroadcast(net) ? whole(net) : null),
  'host/prefix': hostAndPrefix,
  hostmask: ({ net }) => text(net, hostmask(net)),
  hostnet: hostAndPrefix,
  int: ({ net, kind }) => (kind === 'address' ? number(net.address) : `${net.address}/${net.prefix}`),
  ip: address,
  'ip/prefix': ifHost(({ net }) => whole(net)),
  ip_netmask: ifHost(({ net }) => `${text(net, net.address)} ${text(net, netmask(net))}`),
  ipv4: toV4,
  ipv6: toV6,
  last_usable: (asked) => {
    const range = usable(asNetwork(asked))
    return range ? text(asked.net, range.last) : null
  },
  'link-local': ({ net, value }) => isOf(networkOf(net.bits, net.address, net.bits), 'link-local') && value,
  lo: ({ net, value }) => isOf(networkOf(net.bits, net.address, net.bits), 'loopback') && value,
  loopback: ({ net, value }) => isOf(networkOf(net.bits, net.address, net.bits), 'loopback') && value,
  multicast: only('multicast'),
  net: ({ net }) => (net.size > 1n && atNetwork(net) ? whole(net) : null),
  netmask: ({ net }) => text(net, netmask(net)),
  network: ({ net }) => text(net, net.first),
  network_id: ({ net }) => text(net, net.first),
  'network/prefix': ({ net }) => cidrText(net, net.first),
  network_netmask: ({ net }) => `${text(net, net.first)} ${text(net, netmask(net))}`,
  network_wildcard: ({ net }) => `${text(net, net.first)} ${text(net, hostmask(net))}`,
  next_usable: (asked) => neighbour(asked, 1n),
  peer,
  prefix: ({ net }) => net.prefix,
  previous_usable: (asked) => neighbour(asked, -1n),
  private: only('private'),
  public: ({ net, value }) => isPublic(net) && value,
  range_usable: (asked) => {
    const range = usable(asNetwork(asked))
    return range ? `${text(asked.net, range.first)}-${text(asked.net, range.last)}` : null
  },
  revdns: ({ net }) => reverseName(net),
  router: hostAndPrefix,
  size: ({ net }) => number(net.size),
  size_usable: ({ net }) => number(net.size === 1n ? 0n : net.size === 2n ? 2n : net.size - 2n),
  subnet: ({ net }) => cidrText(net, net.first),
  type: ({ net }) => (net.size === 1n || !atNetwork(net) ? 'address' : 'network'),
  unicast: ({ net, value }) => !isOf(net, 'multicast') && value,
  v4: toV4,
  v6: toV6,
  version: ({ net }) => (net.bits === 32 ? 4 : 6),
  wildcard: ({ net }) => text(net, hostmask(net)),
  wrap: ({ net, kind, value }) => {
    if (net.bits === 32) return value
    return kind === 'address' ? `[${text(net, net.address)}]` : `[${text(net, net.address)}]/${net.prefix}`
  },
}

/** A number, as exact as JavaScript has them; larger ones as text. */
const number = (value: bigint) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString())

/** An address or network as it was given: text, or a whole number. */
export function asked(value: unknown): Asked | undefined {
  const given = typeof value === 'number' ? String(value) : value
  if (typeof given !== 'string' || given === '') return undefined
  const whole = /^(\d+)(?:\/(\d+))?$/.exec(given)
  if (whole) {
    const address = BigInt(whole[1]!)
    const bits = address < 1n << 32n ? 32 : 128
    const prefix = whole[2] === undefined ? bits : Number(whole[2])
    if (address >= 1n << 128n || prefix > bits) return undefined
    const net = networkOf(bits, address, prefix)
    return { net, kind: whole[2] === undefined ? 'address' : 'network', value: cidrText(net, address) }
  }
  const net = tryNetwork(given)
  return net && { net, kind: given.includes('/') ? 'network' : 'address', value: given }
}

/** Asks one value, or every item of a list, leaving out those that are not of the kind. */
export function query(value: unknown, name: string | number, version?: 4 | 6): unknown {
  if (Array.isArray(value)) return value.map((item) => query(item, name, version)).filter(Boolean)
  const found = asked(value)
  if (!found || (version && (found.net.bits === 32 ? 4 : 6) !== version)) return false
  const word = String(name)
  if (Object.hasOwn(queries, word)) return queries[word]!(found)
  if (/^-?\d+$/.test(word)) return nth(found, BigInt(word))
  const range = asked(word)
  if (!range)
    throw new WrongArgument(
      `ipaddr knows no query "${word}"`,
      undefined,
      didYouMean(word, Object.keys(queries)) ??
        'Usual ones are address, network, netmask, prefix, broadcast, subnet, size, host, a number, or a network.',
    )
  const { net } = found
  return net.bits === range.net.bits && net.first >= range.net.first && net.last <= range.net.last && found.value
}

function nth({ net, kind }: Asked, index: bigint): unknown {
  if (net.size === 1n) return kind === 'address' ? text(net, net.address) : whole(net)
  const place = index < 0n ? net.size + index : index
  return place >= 0n && place < net.size && cidrText(net, net.first + place)
}
