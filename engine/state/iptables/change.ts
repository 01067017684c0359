import { quote } from '../../wire/quote.ts'
import type { Decision } from '../decision.ts'
import { exec } from '../steps/exec.ts'
import { type IptablesChains, type IptablesTable, iptablesChains, iptablesCommand, iptablesRule } from './chains.ts'

interface IptablesPlace extends IptablesTable {
  readonly chain?: string | undefined
}

/** Lines that are told as what was and what is then. */
interface Told {
  readonly before?: string | undefined
  readonly after?: string | undefined
}

/**
 * Gives commands to iptables (`-A INPUT …`, shell words each), in one step. `after` are the chains that are there then. What
 * is told are the commands themselves, where nothing else is said.
 */
export function changeIptables(
  place: IptablesPlace,
  commands: readonly string[],
  after: IptablesChains,
  told: Told = { after: commands.join('\n') },
): Decision {
  const { ip_version, table } = place
  const command = iptablesCommand(place)
  const scripts = commands.map((words) => `${command} ${words} || exit 1`)
  // The same rule may be there several times; each -D takes one.
  for (const words of commands.filter((one) => one.startsWith('-D ')))
    scripts.push(`while ${command} -C ${words.slice(3)} 2>/dev/null; do ${command} ${words} || exit 1; done`)
  const where = [ip_version === 'ipv6' ? 'ip6tables' : 'iptables', table, place.chain ?? ''].join(' ').trim()
  return {
    // Texts of lines, so that differences are shown as such.
    changes: [{ path: where, before: told.before && `${told.before}\n`, after: told.after && `${told.after}\n` }],
    steps: [
      exec({
        show: `change ${where}: ${commands.join('; ')}`,
        script: scripts.join('\n'),
        effects: [
          { read: iptablesChains.name, key: iptablesChains.key(place), gives: after },
          { forgets: iptablesRule.name },
        ],
      }),
    ],
  }
}

/** Takes all rules out of the chain, or out of the table's chains where none is named; nothing to do where there are none. */
export function emptyIptables(place: IptablesPlace, all: IptablesChains): Decision {
  const { chain } = place
  const which = Object.entries(all).filter(([name]) => chain === undefined || name === chain)
  const rules = which.flatMap(([, { rules }]) => rules)
  if (rules.length === 0) return {}
  const empty = which.map(([name, { policy }]) => [
    name,
    { ...(policy === undefined ? {} : { policy }), rules: [], emptied: true },
  ])
  const words = chain === undefined ? '-F' : `-F ${quote(chain)}`
  return changeIptables(place, [words], { ...all, ...Object.fromEntries(empty) }, { before: rules.join('\n') })
}

/** What becomes of packets that no rule of a chain decides about. */
export function setIptablesPolicy(place: IptablesPlace, policy: string, chain: string, all: IptablesChains): Decision {
  const known = all[chain]!
  if (known.policy === undefined) return { failed: `${chain} is not built in, and only such chains have a policy.` }
  if (known.policy === policy) return {}
  const [before, after] = [known.policy, policy].map((one) => `-P ${quote(chain)} ${one}`)
  return changeIptables(place, [after!], { ...all, [chain]: { ...known, policy } }, { before, after })
}

/** Why a chain cannot be deleted. */
export function whyChainStays(name: string, all: IptablesChains): string | undefined {
  const chain = all[name]!
  if (chain.policy !== undefined) return `${name} is built in, and cannot be deleted.`
  if (chain.rules.length > 0 && !chain.fewer)
    return `The chain ${name} has rules (${chain.rules.length}): "flush: true" removes them.`
  const leadsThere = (rule: string) => [`-j ${name}`, `-g ${name}`].some((words) => `${rule} `.includes(` ${words} `))
  const from = Object.entries(all).find(([, { rules, fewer }]) => !fewer && rules.some(leadsThere))?.[0]
  return from === undefined ? undefined : `A rule of ${from} still leads to the chain ${name}.`
}
