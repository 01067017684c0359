import { define, describe, WrongArgument } from './function.ts'
import { asked, query, usableAt } from './ip-query.ts'
import { addressText, cidrText, type Network, network, networkOf, parseAddress, usable } from './network.ts'

/** The network of a value, an address alone being its own; undefined for what is neither. */
function tryNet(value: unknown): Network | undefined {
  return asked(value)?.net
}

const holds = (outer: { first: bigint; last: bigint }, inner: { first: bigint; last: bigint }) =>
  outer.first <= inner.first && inner.last <= outer.last

const inside = (outer: unknown, inner: unknown, part: (net: Network) => { first: bigint; last: bigint }) => {
  const [a, b] = [tryNet(outer), tryNet(inner)]
  return a !== undefined && b !== undefined && a.bits === b.bits && holds(part(a), b)
}

function merged(values: readonly unknown[]): string[] {
  const sorted = values
    .map((value) => network(String(value)))
    .sort((a, b) => a.bits - b.bits || (a.first < b.first ? -1 : a.first > b.first ? 1 : a.prefix - b.prefix))
  const ranges: { bits: 32 | 128; first: bigint; last: bigint }[] = []
  for (const { bits, first, last } of sorted) {
    const before = ranges.at(-1)
    if (before && before.bits === bits && first <= before.last + 1n)
      before.last = last > before.last ? last : before.last
    else ranges.push({ bits, first, last })
  }
  return ranges.flatMap(({ bits, first, last }) => {
    const found: string[] = []
    for (let at = first; at <= last; ) {
      let prefix: number = bits
      while (prefix > 0) {
        const wider = networkOf(bits, at, prefix - 1)
        if (wider.first !== at || wider.last > last) break
        prefix--
      }
      const net = networkOf(bits, at, prefix)
      found.push(cidrText(net, net.first))
      at = net.last + 1n
    }
    return found
  })
}

function spanned(values: readonly unknown[]): string | null {
  const [first, ...more] = values.map((value) => network(String(value)))
  if (!first) return null
  if (more.length === 0) return cidrText(first, first.address)
  let span = networkOf(first.bits, first.first, first.prefix)
  while (!more.every((net) => net.bits === span.bits && holds(span, net))) {
    if (span.prefix === 0)
      throw new WrongArgument('cidr_merge: IPv4 and IPv6 have no common network', undefined, 'Split the list.')
    span = networkOf(span.bits, span.first, span.prefix - 1)
  }
  return cidrText(span, span.first)
}

/** The size that is asked for, the number of such networks, or one of them by its index. */
function subnet(value: unknown, size: string | number, index?: number | null): unknown {
  const found = asked(value)
  if (!found) return false
  const single = found.net.size === 1n
  const net = single ? found.net : networkOf(found.net.bits, found.net.first, found.net.prefix)
  if (size === '') return cidrText(net, net.first)
  if (!/^\d+$/.test(String(size))) return placeIn(net, String(size))
  const prefix = Number(size)
  if (prefix > net.bits) return false
  if (single) {
    const nets = Array.from({ length: net.bits - prefix }, (_, more) => networkOf(net.bits, net.address, prefix + more))
    const chosen = nets.at(index ?? 0)
    return chosen ? cidrText(chosen, chosen.first) : false
  }
  if (prefix < net.prefix)
    throw new WrongArgument(
      `a network of /${net.prefix} has no part of /${prefix}`,
      undefined,
      'Ask for longer prefixes.',
    )
  const count = 1n << BigInt(prefix - net.prefix)
  if (index === undefined || index === null) return count.toString()
  const place = index < 0 ? BigInt(index) + count : BigInt(index)
  if (place < 0n || place >= count) return false
  const part = networkOf(net.bits, net.first + (place << BigInt(net.bits - prefix)), prefix)
  return cidrText(part, part.first)
}

/** Which of the networks of its size inside another, from 1. */
function placeIn(net: Network, outer: string): string {
  const around = network(outer)
  if (around.bits !== net.bits || !holds(around, net))
    throw new WrongArgument(`${cidrText(net, net.first)} is not in ${outer}`, undefined, 'Give a network around it.')
  return String(((net.first - around.first) >> BigInt(net.bits - net.prefix)) + 1n)
}

function hardware(value: string, form: string): unknown {
  const digits = value.replace(/[:.-]/g, '').toLowerCase()
  const isOne =
    /^[0-9a-f]{12}$/.test(digits) &&
    /^[0-9a-f]{1,2}(?:([:-])[0-9a-f]{2}){5}$|^[0-9a-f]{4}(?:[.:][0-9a-f]{4}){2}$|^[0-9a-f]{12}$|^[0-9a-f]{6}[-:][0-9a-f]{6}$/i.test(
      value,
    )
  if (!isOne) {
    if (form === '' || form === 'bool') return false
    throw new WrongArgument(`"${value}" is no hardware address`, undefined, 'Write it like 52:54:00:12:34:56.')
  }
  const by = (length: number) => digits.match(new RegExp(`.{${length}}`, 'g'))!
  const forms: Readonly<Record<string, () => unknown>> = {
    '': () => value,
    bare: () => digits.toUpperCase(),
    bool: () => true,
    int: () => Number.parseInt(digits, 16),
    cisco: () => by(4).join('.'),
    eui48: () => by(2).join('-').toUpperCase(),
    win: () => by(2).join('-').toUpperCase(),
    linux: () => by(2).join(':'),
    unix: () =>
      by(2)
        .map((two) => two.replace(/^0/, ''))
        .join(':'),
    pgsql: () => by(6).join(':'),
    postgresql: () => by(6).join(':'),
    psql: () => by(6).join(':'),
  }
  if (Object.hasOwn(forms, form)) return forms[form]!()
  throw new WrongArgument(
    `hwaddr knows no form ${form}`,
    undefined,
    `Known are ${Object.keys(forms).filter(Boolean).join(', ')}.`,
  )
}

const neighbour = (value: unknown, offset: number, sign: 1 | -1) => {
  const net = tryNet(value)
  if (!net) return false
  return net.size === 1n ? null : usableAt(net, net.address + BigInt(sign * offset))
}

export const ipaddr = [
  define('ipaddr(value: any, query?: text|number)', {
    doc: 'An address or network, or what a query asks of it (address, network, netmask, prefix, broadcast, subnet, size, type, a number, a network it must be in …, all of ansible.utils.ipaddr); false for anything else. Of a list, the items that are.',
    example: ["ipaddr('192.168.5.7/24', 'network')", '192.168.5.0'],
    filter: 'ipaddr',
    fn: (value: unknown, name: string | number = '') => query(value, name),
  }),
  define('ipv4(value: any, query?: text|number)', {
    doc: 'The same for IPv4 only.',
    example: ["ipv4(['10.0.0.1', '::1'])", ['10.0.0.1']],
    filter: 'ipv4',
    fn: (value: unknown, name: string | number = '') => query(value, name, 4),
  }),
  define('ipv6(value: any, query?: text|number)', {
    doc: 'The same for IPv6 only.',
    example: ["ipv6(['10.0.0.1', '::1'])", ['::1']],
    filter: 'ipv6',
    fn: (value: unknown, name: string | number = '') => query(value, name, 6),
  }),
  define('ipwrap(value: any)', {
    doc: 'An IPv6 address in brackets, as URLs need it; anything else as it is.',
    example: ["ipwrap('fd00::1')", '[fd00::1]'],
    filter: 'ipwrap',
    fn: (value: unknown) => {
      const wrap = (one: unknown) => (asked(one) ? query(query(one, ''), 'wrap') : one)
      return Array.isArray(value) ? value.map(wrap) : wrap(value)
    },
  }),
  define('ipmath(address: text, amount: number)', {
    doc: 'The address so many further on.',
    example: ["ipmath('10.0.0.5', 10)", '10.0.0.15'],
    filter: 'ipmath',
    fn: (value: string, amount: number) => {
      const net = network(value)
      const moved = net.address + BigInt(Math.trunc(amount))
      if (moved < 0n || moved >= 1n << BigInt(net.bits))
        throw new WrongArgument(
          `ipmath: there is no address ${amount} from ${value}`,
          undefined,
          'Use a smaller amount.',
        )
      return addressText(net.bits, moved)
    },
  }),
  define('ipsubnet(value: any, size?: text|number, index?: number)', {
    doc: 'The network; with a prefix length, how many networks of that size are in it; with an index too, that one of them. With a network, which of its parts this is.',
    example: ["ipsubnet('10.0.0.0/16', 24, 3)", '10.0.3.0/24'],
    filter: 'ipsubnet',
    fn: (value: unknown, size: string | number = '', index?: number) => subnet(value, size, index),
  }),
  define('nthhost(value: any, index: number)', {
    doc: 'The address of that number in a network; negative ones count from the end.',
    example: ["nthhost('10.0.0.0/8', 305)", '10.0.1.49'],
    filter: 'nthhost',
    fn: (value: unknown, index: number) => {
      const net = tryNet(value)
      if (!net || index === 0) return false
      const place = index < 0 ? net.size + BigInt(index) : BigInt(index)
      return place >= 0n && place < net.size && addressText(net.bits, net.first + place)
    },
  }),
  define('next_nth_usable(value: any, offset: number)', {
    doc: 'The address so many further on, when hosts of the network may have it; else null.',
    example: ["next_nth_usable('192.168.122.1/24', 2)", '192.168.122.3'],
    filter: 'next_nth_usable',
    fn: (value: unknown, offset: number) => neighbour(value, offset, 1),
  }),
  define('previous_nth_usable(value: any, offset: number)', {
    doc: 'The address so many before, when hosts of the network may have it; else null.',
    example: ["previous_nth_usable('192.168.122.10/24', 2)", '192.168.122.8'],
    filter: 'previous_nth_usable',
    fn: (value: unknown, offset: number) => neighbour(value, offset, -1),
  }),
  define('network_in_network(network: any, value: any)', {
    doc: 'Whether an address or network lies wholly in a network.',
    example: ["network_in_network('192.168.0.0/24', '192.168.0.255')", true],
    filter: 'network_in_network',
    fn: (outer: unknown, inner: unknown) => inside(outer, inner, (net) => net),
  }),
  define('network_in_usable(network: any, value: any)', {
    doc: 'Whether it lies among the addresses that hosts of the network may have.',
    example: ["network_in_usable('192.168.0.0/24', '192.168.0.255')", false],
    filter: 'network_in_usable',
    fn: (outer: unknown, inner: unknown) => inside(outer, inner, (net) => usable(net) ?? net),
  }),
  define('reduce_on_network(values: list, network: text)', {
    doc: 'The addresses of a list that lie in a network.',
    example: ["reduce_on_network(['10.1.0.1', '10.2.0.1'], '10.1.0.0/16')", ['10.1.0.1']],
    filter: 'reduce_on_network',
    fn: (values: unknown[], outer: string) => values.filter((value) => inside(outer, value, (net) => net)),
  }),
  define('cidr_merge(values: list, action?: text)', {
    doc: 'The fewest networks that hold the same addresses; with span, the smallest one that holds them all.',
    example: ["cidr_merge(['10.0.0.0/25', '10.0.0.128/25'])", ['10.0.0.0/24']],
    filter: 'cidr_merge',
    fn: (values: unknown[], action = 'merge') => {
      if (action === 'merge') return merged(values)
      if (action === 'span') return spanned(values)
      throw new WrongArgument(`cidr_merge knows no action ${action}`, undefined, 'Known are merge and span.')
    },
  }),
  define('usable_range(network: text)', {
    doc: 'The addresses of a network that hosts may have: their number and the list.',
    example: [
      "usable_range('10.0.0.0/30')",
      { number_of_ips: 4, usable_ips: ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3'] },
    ],
    filter: 'usable_range',
    fn: (value: string) => {
      const net = network(value)
      if (net.size > 65536n)
        throw new WrongArgument(
          `usable_range: ${value} has too many addresses to list`,
          undefined,
          'ipaddr counts with size.',
        )
      return {
        number_of_ips: Number(net.size),
        usable_ips: Array.from({ length: Number(net.size) }, (_, index) =>
          addressText(net.bits, net.first + BigInt(index)),
        ),
      }
    },
  }),
  define('ip4_hex(address: text, delimiter?: text)', {
    doc: 'An IPv4 address in hexadecimal.',
    example: ["ip4_hex('192.168.1.5')", 'c0a80105'],
    filter: 'ip4_hex',
    fn: (value: string, between = '') => {
      const found = parseAddress(value)
      if (found?.bits !== 32)
        throw new WrongArgument(
          `ip4_hex needs an IPv4 address, and this is ${describe(value)}`,
          undefined,
          'Write it like 10.0.0.1.',
        )
      return found.value.toString(16).padStart(8, '0').match(/../g)!.join(between)
    },
  }),
  define('slaac(network: text, hardware: text)', {
    doc: 'The address that a host with a hardware address gives itself in an IPv6 network.',
    example: ["slaac('fdcf:1894:23b5:d38c::/64', 'c2:31:b3:83:bf:2b')", 'fdcf:1894:23b5:d38c:c031:b3ff:fe83:bf2b'],
    filter: 'slaac',
    fn: (value: string, mac: string) => {
      const net = tryNet(value)
      const digits = hardware(mac, '') === false ? undefined : BigInt(`0x${mac.replace(/[:.-]/g, '')}`)
      if (net?.bits !== 128 || digits === undefined) return false
      const middle = ((digits >> 24n) << 40n) | (0xfffen << 24n) | (digits & 0xffffffn)
      return addressText(128, net.first + (middle ^ (1n << 57n)))
    },
  }),
  define('hwaddr(value: text, form?: text)', {
    doc: 'A hardware address, in a form of cisco, linux, unix, win, bare, pgsql, or as int; false for anything else.',
    example: ["hwaddr('1a:2b:3c:4d:5e:6f', 'cisco')", '1a2b.3c4d.5e6f'],
    filter: 'hwaddr macaddr',
    fn: (value: string, form = '') => hardware(value, form),
  }),
]
