import {
  changeIptables,
  defineModule,
  emptyIptables,
  type IptablesChains,
  type IptablesRule,
  iptablesChains,
  iptablesRule,
  iptablesTarget,
  iptablesWords,
  type Plan,
  quote,
  setIptablesPolicy,
  whyChainStays,
} from 'tsplay'

interface Params extends IptablesRule {
  chain?: string | undefined
  table: string
  state: 'present' | 'absent'
  action: 'append' | 'insert'
  rule_num?: string | undefined
  chain_management: boolean
  flush: boolean
  policy?: string | undefined
  set_counters?: string | undefined
  wait?: string | undefined
}

interface State {
  /** Where the host has no such command: its name. */
  readonly lacks?: string | undefined
  readonly chains: IptablesChains
  /** Whether the rule is there on the host now; a text says why iptables cannot take it. */
  readonly there: boolean | string
}

const text = (description: string) => ({ type: 'string', format: 'line', minLength: 1, description }) as const
const texts = (description: string) => ({ type: 'array', items: text(''), default: [], description }) as const
/** No blanks, nothing that a shell or iptables takes for something else; the kernel takes names of 28 bytes. */
const NAME = '^[A-Za-z0-9_.:@#+=~%/][A-Za-z0-9_.:@#+=~%/-]*$'
const name = (description: string) => ({ type: 'string', pattern: NAME, maxLength: 28, description }) as const

const LEVEL_NUMBERS = ['0', '1', '2', '3', '4', '5', '6', '7'] as const
const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'] as const

export default defineModule({
  summary: 'Keep rules of iptables: in the running kernel, one rule a task.',
  description:
    'A rule that is there stays where it is. Nothing is kept for the next boot: netfilter-persistent, or a unit of your own, does that.',
  params: {
    type: 'object',
    properties: {
      chain: name('The chain: INPUT, FORWARD, OUTPUT, PREROUTING, POSTROUTING, or one of your own.'),
      table: { enum: ['filter', 'nat', 'mangle', 'raw', 'security'], default: 'filter' },
      state: { enum: ['present', 'absent'], default: 'present', description: 'Of the rule, or the chain.' },
      action: { enum: ['append', 'insert'], default: 'append', description: 'Where a rule that is missing goes.' },
      rule_num: {
        type: 'string',
        pattern: '^[1-9][0-9]*$',
        description: 'With insert: as which rule. Default: the first.',
      },
      ip_version: { enum: ['ipv4', 'ipv6'], default: 'ipv4' },
      chain_management: {
        type: 'boolean',
        default: false,
        description: 'Make the chain where it is missing; with state absent and no rule, delete it.',
      },
      flush: {
        type: 'boolean',
        default: false,
        description: 'Remove all rules of the chain; without one, of the table.',
      },
      policy: {
        enum: ['ACCEPT', 'DROP', 'QUEUE', 'RETURN'],
        description:
          'What becomes of packets that no rule of a built-in chain decides about; all else is left out then.',
      },
      protocol: text('tcp, udp, icmp, ipv6-icmp, esp, …, a number, or all; "!tcp": any other.'),
      source: text('An address, a network, a name that is resolved at once; with ! before it, any other.'),
      destination: text('As source.'),
      in_interface: text('Where it came in; "eth+": all that begin so; with ! before it, any other.'),
      out_interface: text('Where it goes out.'),
      fragment: {
        type: 'string',
        pattern: '^(true|yes|!)$',
        description: 'true: only what follows the first part of a packet in pieces; "!": all but that.',
      },
      source_port: text('A port, its name, or a range, 8000:8080; with ! before it, any other.'),
      destination_port: text('As source_port.'),
      destination_ports: texts('Several ports and ranges (multiport).'),
      tcp_flags: {
        type: 'object',
        properties: {
          flags: { type: 'array', items: text(''), minItems: 1, description: 'Those looked at.' },
          flags_set: { type: 'array', items: text(''), minItems: 1, description: 'Those of them that are set.' },
        },
        dependentRequired: { flags: ['flags_set'], flags_set: ['flags'] },
        additionalProperties: false,
        default: {},
        description: 'SYN, ACK, FIN, RST, URG, PSH, ALL, NONE.',
      },
      syn: {
        enum: ['ignore', 'match', 'negate'],
        default: 'ignore',
        description: 'match: only what begins a connection.',
      },
      icmp_type: text('A type of ICMP, by number or name: echo-request.'),
      match: { type: 'array', items: name(''), default: [], description: 'More extensions to load, by name.' },
      ctstate: texts('States of the connection: NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED, SNAT, DNAT.'),
      src_range: text('Addresses from-to: 192.168.1.100-192.168.1.199.'),
      dst_range: text('As src_range.'),
      match_set: text('A set of ipset; with ! before it, what is not in it.'),
      match_set_flags: {
        enum: ['src', 'dst', 'src,dst', 'dst,src', 'src,src', 'dst,dst'],
        description: "Which of the packet's addresses are looked up in the set.",
      },
      limit: text('At most so often: 5/minute.'),
      limit_burst: text('So many before the limit counts.'),
      uid_owner: text('Packets of this user; with ! before it, of any other.'),
      gid_owner: text('Packets of this group.'),
      comment: { ...text('Shown beside the rule.'), maxLength: 255 },
      jump: name('What becomes of it: ACCEPT, DROP, REJECT, LOG, MASQUERADE, …, or a chain.'),
      goto: name('A chain to go on in, without coming back.'),
      gateway: text('With jump TEE: the host that copies go to.'),
      log_prefix: { ...text('With LOG: before each line of the log.'), maxLength: 29 },
      log_level: {
        enum: [...LEVEL_NUMBERS, ...LEVELS],
        description: 'With LOG.',
      },
      reject_with: text('With REJECT: what is answered, icmp-port-unreachable, tcp-reset, …'),
      to_source: text('With SNAT: the new address.'),
      to_destination: text('With DNAT: the new address, and port.'),
      to_ports: text('With REDIRECT or MASQUERADE: the new port, or a range.'),
      set_dscp_mark: text('With DSCP: the mark, a number.'),
      set_dscp_mark_class: text('With DSCP: the mark, by its class.'),
      set_counters: {
        type: 'string',
        pattern: '^[0-9]+[, ][0-9]+$',
        description: 'Packets and bytes that a new rule begins with: "0,0".',
      },
      wait: { type: 'string', pattern: '^[0-9]+$', description: 'Seconds to wait for another program that is at it.' },
      numeric: {
        type: 'boolean',
        default: false,
        description: 'Accepted for Ansible playbooks; names are never asked for when looking.',
      },
    },
    if: { properties: { flush: { const: true } }, required: ['flush'] },
    else: { required: ['chain'] },
    allOf: [
      { not: { properties: { flush: { const: true } }, required: ['flush', 'policy'] } },
      { not: { required: ['set_dscp_mark', 'set_dscp_mark_class'] } },
      { not: { required: ['jump', 'goto'] } },
    ],
    dependentRequired: {
      policy: ['chain'],
      match_set: ['match_set_flags'],
      match_set_flags: ['match_set'],
      gateway: ['jump'],
    },
    additionalProperties: false,
  },
  returns: {
    chain: 'the chain',
    chain_management: 'as asked',
    flush: 'as asked',
    ip_version: 'as asked',
    rule: 'the words of the rule',
    state: 'as asked',
    table: 'the table',
  },
  examples: [
    {
      title: 'Let in who asks for SSH, and the answers to what this host asks',
      given: '- apt: {name: iptables}',
      yaml: '- iptables:\n    chain: INPUT\n    protocol: tcp\n    destination_port: 22\n    syn: match\n    jump: ACCEPT\n    comment: SSH\n- iptables:\n    chain: INPUT\n    ctstate: [ESTABLISHED, RELATED]\n    jump: ACCEPT\n    action: insert',
    },
    {
      title: 'A chain of its own, that logs and drops',
      given: '- apt: {name: iptables}',
      yaml: '- iptables:\n    chain: LOGDROP\n    chain_management: true\n    log_prefix: "dropped: "\n    limit: 5/minute\n- iptables:\n    chain: LOGDROP\n    jump: DROP\n- iptables:\n    chain: FORWARD\n    source: 192.0.2.0/24\n    jump: LOGDROP',
    },
    {
      title: 'Packets that go through this host are dropped unless a rule lets them',
      given: '- apt: {name: iptables}',
      yaml: '- iptables:\n    chain: FORWARD\n    policy: DROP',
    },
    {
      title: 'What came in for port 80 goes to 8080; what was in the raw table goes',
      given: '- apt: {name: iptables}',
      yaml: '- iptables:\n    table: nat\n    chain: PREROUTING\n    protocol: tcp\n    destination_port: 80\n    jump: REDIRECT\n    to_ports: 8080\n- iptables:\n    table: raw\n    flush: true',
    },
  ],
  async probe(host, given): Promise<State> {
    const params = given as Params
    const { chain, table, ip_version, wait } = params
    const words = iptablesWords(params)
    const asks = chain !== undefined && words.length > 0 && !params.flush && params.policy === undefined
    const tool = ip_version === 'ipv6' ? 'ip6tables' : 'iptables'
    const [path, chains, there] = await Promise.all([
      host.command(tool),
      host.read(iptablesChains, { ip_version, table, wait }),
      asks ? host.read(iptablesRule, { ip_version, table, wait, chain, words }) : false,
    ])
    return { lacks: path === null || chains === null ? tool : undefined, chains: chains ?? {}, there }
  },
  plan(state: State, given): Plan {
    const params = given as Params
    const { chain, table, flush, ip_version, chain_management } = params
    const rule = iptablesWords(params).join(' ')
    const result = { ip_version, table, chain, flush, rule, state: params.state, chain_management }
    return { ...decide(state, params), result }
  },
})

function decide({ lacks, chains, there }: State, params: Params): Plan {
  const { chain, table } = params
  if (lacks !== undefined)
    return { failed: `This host has no command ${lacks}.`, hint: 'Its package is called iptables.' }
  const target = iptablesTarget(params)
  if ((params.log_prefix ?? params.log_level) !== undefined && target !== 'LOG')
    return { failed: 'Logging options can only be used with the LOG jump target.' }
  if (target?.toUpperCase() === 'TEE' && params.gateway === undefined)
    return { failed: 'The target TEE needs "gateway".', hint: 'It is the host that copies go to.' }
  if (chain === undefined) return emptyIptables(params, chains)

  const known = Object.hasOwn(chains, chain) ? chains[chain] : undefined
  const words = iptablesWords(params)
  if (known === undefined) {
    if (params.state === 'absent' && !params.flush && params.policy === undefined) return {}
    const missing = `The table ${table} has no chain ${chain}.`
    if (params.flush || params.policy !== undefined) return { failed: missing }
    if (!params.chain_management) return { failed: missing, hint: '"chain_management: true" makes it.' }
  }
  if (params.flush) return emptyIptables(params, chains)
  if (params.policy !== undefined) return setIptablesPolicy(params, params.policy, chain, chains)
  if (words.length > 0) return decideRule(params, chain, words, chains, there)
  if (params.state === 'absent') return deleteChain(params, chain, chains)
  return known ? {} : changeIptables(params, [`-N ${quote(chain)}`], { ...chains, [chain]: { rules: [] } })
}

function deleteChain(params: Params, chain: string, chains: IptablesChains): Plan {
  const obstacle = whyChainStays(chain, chains)
  if (obstacle !== undefined) return { failed: obstacle }
  if (!params.chain_management)
    return {
      failed: `The chain ${chain} is there, and no rule is given.`,
      hint: '"chain_management: true" deletes it.',
    }
  const { [chain]: _, ...others } = chains
  return changeIptables(params, [`-X ${quote(chain)}`], others, { before: `-N ${quote(chain)}` })
}

function decideRule(
  params: Params,
  chain: string,
  words: readonly string[],
  chains: IptablesChains,
  there: boolean | string,
): Plan {
  const { state, action, rule_num } = params
  const rule = words.map(quote).join(' ')
  // A target that a dry run would have made is not known to the host yet.
  const jumpsTo = params.goto ?? iptablesTarget(params)
  const foreseen = jumpsTo !== undefined && Object.hasOwn(chains, jumpsTo)
  if (typeof there === 'string' && !foreseen) {
    // No rule can lead to a chain that is not there.
    if (state === 'absent' && jumpsTo !== undefined && there.includes(`${jumpsTo}'`)) return {}
    return { failed: `iptables cannot take the rule ${rule}: ${there}` }
  }
  const now = chains[chain] ?? { rules: [] }
  const is = now.foretold?.[rule] ?? (now.emptied ? false : there === true)
  if (is === (state === 'present')) return {}
  const named = quote(chain)
  const foretold = { ...now.foretold, [rule]: state === 'present' }
  if (state === 'absent') {
    const after = { ...chains, [chain]: { ...now, fewer: true, foretold } }
    return changeIptables(params, [`-D ${named} ${rule}`], after, { before: `-A ${named} ${rule}` })
  }

  const inserts = action === 'insert'
  const at = inserts ? Number(rule_num ?? 1) : now.rules.length + 1
  if (at > now.rules.length + 1 && !now.fewer)
    return {
      failed: `It cannot be rule ${at} of ${chain}, which has ${now.rules.length}.`,
      hint: 'The last number that can be had is one more.',
    }
  const verb = inserts ? `-I ${named}${rule_num === undefined ? '' : ` ${at}`}` : `-A ${named}`
  const counters = params.set_counters === undefined ? '' : `-c ${params.set_counters.replace(' ', ',')} `
  const commands = [...(chains[chain] ? [] : [`-N ${named}`]), `${verb} ${counters}${rule}`]
  const rules = [...now.rules.slice(0, at - 1), `-A ${named} ${rule}`, ...now.rules.slice(at - 1)]
  const late = '"rule_num" says where to insert; this rule is appended ("action: insert" inserts it).'
  return {
    ...changeIptables(params, commands, { ...chains, [chain]: { ...now, rules, foretold } }),
    warnings: rule_num !== undefined && !inserts ? [late] : [],
  }
}
