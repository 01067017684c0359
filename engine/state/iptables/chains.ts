import { Problem } from '../../base/problem.ts'
import { quote } from '../../wire/quote.ts'
import { defineRead } from '../read.ts'

/** One table of iptables or ip6tables, and how long to wait for who else is at it. */
export interface IptablesTable {
  readonly ip_version: 'ipv4' | 'ipv6'
  readonly table: string
  /** Seconds. */
  readonly wait?: string | undefined
}

export interface IptablesChain {
  /** Of built-in chains. */
  readonly policy?: string
  /** As `iptables -S` has them, `-A CHAIN …`; those that a dry run would add are said as they were asked for. */
  readonly rules: readonly string[]
  /** Dry run: rules by their words, and whether they are there then. */
  readonly foretold?: Readonly<Record<string, boolean>>
  /** Dry run: what was there before is gone then. */
  readonly emptied?: boolean
  /** Dry run: a rule was taken out, and only iptables knows which lines it was. */
  readonly fewer?: boolean
}

export type IptablesChains = Readonly<Record<string, IptablesChain>>

/** The words up to the command: `iptables -w 5 -t nat`. */
export function iptablesCommand({ ip_version, table, wait }: IptablesTable): string {
  const tool = ip_version === 'ipv6' ? 'ip6tables' : 'iptables'
  return `${tool}${wait === undefined ? '' : ` -w ${quote(wait)}`} -t ${quote(table)}`
}

/** The chains of a table; null when the host has no such command. */
export const iptablesChains = defineRead<IptablesTable, IptablesChains | null>({
  name: 'iptables',
  key: ({ ip_version, table }) => `${ip_version} ${table}`,
  items: (asks) => asks.map((ask) => `${iptablesCommand(ask)} -S`),
  parse: (replies, asks) =>
    asks.map((ask, index) => {
      const { status, stdout, stderr } = replies[index]!
      if (status === 127) return null
      if (status !== 0) return unreadable(ask, stderr.toString())
      return parseChains(stdout.toString())
    }),
  agrees: (predicted, seen) => seen !== null && agree(predicted as IptablesChains, seen),
})

export function parseChains(text: string): IptablesChains {
  const chains: Record<string, { policy?: string; rules: string[] }> = {}
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^-([PNA]) (\S+) ?(.*)$/.exec(line) ?? []
    if (kind === 'P') chains[name] = { policy: rest, rules: [] }
    else if (kind === 'N') chains[name] = { rules: [] }
    else if (kind === 'A') chains[name]?.rules.push(line)
  }
  return chains
}

function unreadable({ ip_version, table }: IptablesTable, stderr: string): Problem {
  const said = iptablesSaid(stderr)
  const hint = /permission denied|must be root/i.test(stderr)
    ? 'The task may need "become: true".'
    : /xtables lock/.test(stderr)
      ? 'Another program is at it: "wait: 10" waits ten seconds for it.'
      : undefined
  const problem = `The table ${table} (${ip_version}) cannot be read: ${said}`
  return new Problem('task-failed', problem, hint === undefined ? {} : { hint })
}

/** What is wrong, without the program's name, version and advice. */
export function iptablesSaid(stderr: string): string {
  const line = stderr.split('\n').find((one) => one.trim() !== '' && !one.startsWith('#')) ?? 'it does not say why'
  return line.replace(/^ip6?tables(-\w+)*( v[\d.]+ \([\w-]+\))?: +/, '').trim()
}

/** Which lines a rule becomes only iptables knows, so chains, policies and how many rules there are must agree. */
function agree(predicted: IptablesChains, seen: IptablesChains): boolean {
  const names = Object.keys(predicted)
  return (
    names.length === Object.keys(seen).length &&
    names.every((name) => {
      const [wanted, there] = [predicted[name]!, seen[name]]
      if (there === undefined || there.policy !== wanted.policy) return false
      return wanted.fewer ? there.rules.length < wanted.rules.length : there.rules.length === wanted.rules.length
    })
  )
}

export interface IptablesCheck extends IptablesTable {
  readonly chain: string
  readonly words: readonly string[]
}

/** Whether a rule is there now, whatever a dry run would have done; a text: why iptables cannot take it. */
export const iptablesRule = defineRead<IptablesCheck, boolean | string>({
  name: 'iptables-rule',
  key: ({ ip_version, table, chain, words }) => `${ip_version} ${table} ${[chain, ...words].map(quote).join(' ')}`,
  items: (asks) => asks.map((ask) => `${iptablesCommand(ask)} -C ${[ask.chain, ...ask.words].map(quote).join(' ')}`),
  parse: (replies) =>
    replies.map(({ status, stderr }) => (status === 0 ? true : status === 2 ? iptablesSaid(stderr.toString()) : false)),
})
