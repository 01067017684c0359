import { define, WrongArgument } from './function.ts'
import { addressText, cidrText, isOf, netmask, network, parseAddress, tryNetwork } from './network.ts'

const kind = (value: unknown): 32 | 128 | undefined =>
  typeof value === 'string' ? parseAddress(value)?.bits : undefined

function nth(cidr: string, index: number): string {
  const { bits, first, last } = network(cidr)
  if (!Number.isInteger(index))
    throw new WrongArgument('ipNth needs a whole number', undefined, 'ipNth(cidr, 1) is the first usable address.')
  const value = index < 0 ? last + 1n + BigInt(index) : first + BigInt(index)
  if (value < first || value > last)
    throw new WrongArgument(
      `${cidr} has no address number ${index}`,
      undefined,
      `It has ${last - first + 1n} addresses, counted from 0.`,
    )
  return addressText(bits, value)
}

export const address = [
  define('isIp(value: any)', {
    test: 'ip_address',
    doc: 'Whether it is an IPv4 or IPv6 address, without a prefix.',
    example: ["isIp('10.0.0.1')", true],
    fn: (value: unknown) => kind(value) !== undefined,
  }),
  define('isIpv4(value: any)', {
    test: 'ipv4_address',
    doc: 'Whether it is an IPv4 address.',
    example: ["isIpv4('::1')", false],
    fn: (value: unknown) => kind(value) === 32,
  }),
  define('isIpv6(value: any)', {
    test: 'ipv6_address',
    doc: 'Whether it is an IPv6 address.',
    example: ["isIpv6('::1')", true],
    fn: (value: unknown) => kind(value) === 128,
  }),
  define('isCidr(value: any)', {
    doc: 'Whether it is a network with its prefix length.',
    example: ["isCidr('10.0.0.0/8')", true],
    fn: (value: unknown) => typeof value === 'string' && value.includes('/') && tryNetwork(value) !== undefined,
  }),
  define('ipAddress(cidr: text)', {
    doc: 'The address without its prefix length.',
    example: ["ipAddress('10.1.2.3/16')", '10.1.2.3'],
    fn: (cidr: string) => {
      const found = network(cidr)
      return addressText(found.bits, found.address)
    },
  }),
  define('ipNetwork(cidr: text)', {
    doc: "The network's address.",
    example: ["ipNetwork('10.1.2.3/16')", '10.1.0.0'],
    fn: (cidr: string) => {
      const found = network(cidr)
      return addressText(found.bits, found.first)
    },
  }),
  define('ipSubnet(cidr: text)', {
    doc: 'The network with its prefix length.',
    example: ["ipSubnet('10.1.2.3/16')", '10.1.0.0/16'],
    fn: (cidr: string) => {
      const found = network(cidr)
      return cidrText(found, found.first)
    },
  }),
  define('ipPrefix(cidr: text)', {
    doc: 'The prefix length.',
    example: ["ipPrefix('10.1.0.0/16')", 16],
    fn: (cidr: string) => network(cidr).prefix,
  }),
  define('ipNetmask(cidr: text)', {
    doc: 'The netmask.',
    example: ["ipNetmask('10.1.0.0/16')", '255.255.0.0'],
    fn: (cidr: string) => {
      const found = network(cidr)
      return addressText(found.bits, netmask(found))
    },
  }),
  define('ipBroadcast(cidr: text)', {
    doc: 'The last address of the network.',
    example: ["ipBroadcast('10.1.0.0/16')", '10.1.255.255'],
    fn: (cidr: string) => {
      const { bits, last } = network(cidr)
      return addressText(bits, last)
    },
  }),
  define('ipNth(cidr: text, index: number)', {
    doc: 'The address of that number in a network; negative ones count from the end.',
    example: ["ipNth('10.96.0.0/16', 1)", '10.96.0.1'],
    fn: nth,
  }),
  define('cidrContains(cidr: text, other: text)', {
    doc: 'Whether an address or network lies wholly inside a network.',
    example: ["cidrContains('10.0.0.0/8', '10.96.0.1')", true],
    fn: isWithin,
  }),
  define('cidrOverlaps(a: text, b: text)', {
    doc: 'Whether two networks share an address.',
    example: ["cidrOverlaps('10.0.0.0/8', '10.96.0.0/16')", true],
    fn: (one: string, other: string) => {
      const a = network(one)
      const b = network(other)
      return a.bits === b.bits && a.first <= b.last && b.first <= a.last
    },
  }),
  define('in_network(value: text, network: text)', {
    doc: 'Whether an address or network lies wholly in a network.',
    example: ["in_network('10.0.1.0/24', '10.0.0.0/16')", true],
    test: 'in_network subnet_of',
    fn: (inner: string, outer: string) => isWithin(outer, inner),
  }),
  define('in_any_network(value: text, networks: list)', {
    doc: 'Whether it lies wholly in one of several networks.',
    example: ["in_any_network('10.0.1.1', ['10.1.0.0/16', '10.0.0.0/16'])", true],
    test: 'in_any_network',
    fn: (inner: string, outer: string[]) => outer.some((one) => isWithin(String(one), inner)),
  }),
  define('supernet_of(network: text, other: text)', {
    doc: 'Whether a network holds all of another.',
    example: ["supernet_of('10.0.0.0/16', '10.0.1.0/24')", true],
    test: 'supernet_of',
    fn: isWithin,
  }),
  define('is_private(address: text)', {
    doc: 'Whether an address is one of those for private networks.',
    example: ["is_private('192.168.1.1')", true],
    test: 'private',
    fn: (value: string) => isOf(network(value), 'private'),
  }),
  define('is_loopback(address: text)', {
    doc: 'Whether an address is one of the host itself.',
    example: ["is_loopback('::1')", true],
    test: 'loopback',
    fn: (value: string) => isOf(network(value), 'loopback'),
  }),
  define('is_multicast(address: text)', {
    doc: 'Whether an address is for many.',
    example: ["is_multicast('224.0.0.1')", true],
    test: 'multicast',
    fn: (value: string) => isOf(network(value), 'multicast'),
  }),
]

function isWithin(outer: string, inner: string): boolean {
  const a = network(outer)
  const b = network(inner)
  return a.bits === b.bits && b.first >= a.first && b.last <= a.last
}
