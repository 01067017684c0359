import type { FactsAnswer } from './answer.ts'

type Interface = Record<string, unknown>

const TYPES: Record<string, string> = {
  '1': 'ether',
  '32': 'infiniband',
  '512': 'ppp',
  '772': 'loopback',
  '65534': 'tunnel',
}

export function networkFacts(answer: FactsAnswer): Record<string, unknown> {
  const interfaces = new Map<string, Interface>()
  for (const path of answer.paths('/sys/class/net/')) {
    const name = path.split('/')[4]!
    if (!interfaces.has(name)) interfaces.set(name, device(answer, name))
  }
  const default4 = route(answer.lines('route4')[0], '8.8.8.8')
  const default6 = route(answer.lines('route6')[0], '2404:6800:400a:800::1012')
  const all4: string[] = []
  const all6: string[] = []
  let current = ''
  for (const line of answer.lines('addresses')) {
    const head = /^\d+: ([^:@\s]+)/.exec(line)
    if (head) {
      current = head[1]!
      if (!interfaces.has(current)) interfaces.set(current, { device: current })
      continue
    }
    const words = line.trim().split(/\s+/)
    const own = interfaces.get(current)
    if (!own) continue
    if (words[0] === 'inet') addIPv4(words, current, interfaces, own, default4, all4)
    else if (words[0] === 'inet6') addIPv6(words, own, default6, all6)
  }
  // A colon in a name cannot be written in templates.
  const named = [...interfaces].map(([name, facts]) => [name.replaceAll(':', '_'), facts] as const)
  return {
    default_ipv4: default4,
    default_ipv6: default6,
    all_ipv4_addresses: all4,
    all_ipv6_addresses: all6,
    interfaces: [...interfaces.keys()].sort(),
    ...Object.fromEntries(named.map(([name, facts]) => [name.replaceAll('-', '_'), facts])),
  }
}

function device(answer: FactsAnswer, name: string): Interface {
  const value = (file: string) => answer.value(`/sys/class/net/${name}/${file}`)
  const facts: Interface = { device: name }
  const address = value('address')
  if (address && address !== '00:00:00:00:00:00') facts.macaddress = address
  if (value('mtu')) facts.mtu = Number(value('mtu'))
  if (value('operstate')) facts.active = value('operstate') !== 'down'
  const type = value('type')
  if (type) facts.type = TYPES[type] ?? 'unknown'
  const links = answer
    .lines('netmodule')
    .map((line) => line.split(' '))
    .find((words) => words[0] === `/sys/class/net/${name}/device`)
  if (links?.[1]) facts.pciid = links[1].split('/').at(-1)
  if (links?.[2]) facts.module = links[2].split('/').at(-1)
  const bridge = value('bridge/bridge_id')
  if (bridge) {
    const members = answer.lines('brif').filter((path) => path.startsWith(`/sys/class/net/${name}/brif/`))
    Object.assign(facts, {
      type: 'bridge',
      id: bridge,
      stp: value('bridge/stp_state') === '1',
      interfaces: members.map((path) => path.split('/').at(-1)),
    })
  }
  if (value('bonding/mode')) {
    Object.assign(facts, {
      type: 'bonding',
      slaves: value('bonding/slaves')?.split(/\s+/) ?? [],
      mode: value('bonding/mode')?.split(' ')[0],
      miimon: value('bonding/miimon')?.split(' ')[0],
      lacp_rate: value('bonding/lacp_rate')?.split(' ')[0],
      ...(value('bonding/primary') ? { primary: value('bonding/primary') } : {}),
    })
  }
  if (value('speed')) facts.speed = Number(value('speed'))
  const flags = value('flags')
  if (flags) facts.promisc = (Number.parseInt(flags, 16) & 0x100) > 0
  return facts
}

function route(line: string | undefined, to: string): Record<string, unknown> {
  const words = line?.trim().split(/\s+/) ?? []
  if (words[0] !== to) return {}
  const found: Record<string, unknown> = {}
  for (const [index, word] of words.entries()) {
    const next = words[index + 1]
    if (next === undefined) break
    if (word === 'dev') found.interface = next
    else if (word === 'src') found.address = next
    else if (word === 'via') found.gateway = next
  }
  return found
}

function addIPv4(
  words: string[],
  current: string,
  interfaces: Map<string, Interface>,
  own: Interface,
  fallback: Record<string, unknown>,
  all: string[],
): void {
  const [address = '', length = '32'] = words[1]!.split('/')
  const broadcast = words[2] === 'brd' ? (words[3] ?? '') : ''
  const mask = length === '0' ? 0 : (0xffffffff << (32 - Number(length))) >>> 0
  const entry = {
    address,
    broadcast,
    netmask: dotted(mask),
    network: dotted((number(address) & mask) >>> 0),
    prefix: length,
  }
  // `label eth0:1` is an interface of its own to people.
  const label = words.at(-1)!
  const named = label === current || !label.startsWith(`${current}:`) ? own : (interfaces.get(label) ?? {})
  if (named !== own) interfaces.set(label, named)
  const secondary = words.includes('secondary')
  if (!secondary && named.ipv4 === undefined) named.ipv4 = entry
  else named.ipv4_secondaries = [...((named.ipv4_secondaries as unknown[]) ?? []), entry]
  if (secondary && named !== own) own.ipv4_secondaries = [...((own.ipv4_secondaries as unknown[]) ?? []), entry]
  if (fallback.address === address) {
    const { address: _, ...rest } = entry
    Object.assign(fallback, rest, {
      ...(own.macaddress === undefined ? {} : { macaddress: own.macaddress }),
      mtu: own.mtu,
      type: own.type ?? 'unknown',
      alias: label,
    })
  }
  if (!address.startsWith('127.')) all.push(address)
}

function addIPv6(words: string[], own: Interface, fallback: Record<string, unknown>, all: string[]): void {
  const peer = words[2] === 'peer'
  const address = words[1]!.split('/')[0]!
  const prefix = (peer ? words[3]! : words[1]!).split('/')[1] ?? '128'
  const scope = words[words.indexOf('scope') + 1] ?? ''
  own.ipv6 = [...((own.ipv6 as unknown[]) ?? []), { address, prefix, scope }]
  if (fallback.address === address)
    Object.assign(fallback, { prefix, scope, macaddress: own.macaddress, mtu: own.mtu, type: own.type ?? 'unknown' })
  if (address !== '::1') all.push(address)
}

function number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}
