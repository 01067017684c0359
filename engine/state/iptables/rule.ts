/** What a packet must be like, and what becomes of it then: Ansible's parameters. */
export interface IptablesRule {
  readonly ip_version: 'ipv4' | 'ipv6'
  readonly protocol?: string | undefined
  readonly source?: string | undefined
  readonly destination?: string | undefined
  readonly in_interface?: string | undefined
  readonly out_interface?: string | undefined
  readonly fragment?: string | undefined
  readonly match: readonly string[]
  readonly source_port?: string | undefined
  readonly destination_port?: string | undefined
  readonly destination_ports: readonly string[]
  readonly tcp_flags: { readonly flags?: readonly string[]; readonly flags_set?: readonly string[] }
  readonly syn: 'ignore' | 'match' | 'negate'
  readonly icmp_type?: string | undefined
  readonly ctstate: readonly string[]
  readonly src_range?: string | undefined
  readonly dst_range?: string | undefined
  readonly match_set?: string | undefined
  readonly match_set_flags?: string | undefined
  readonly limit?: string | undefined
  readonly limit_burst?: string | undefined
  readonly uid_owner?: string | undefined
  readonly gid_owner?: string | undefined
  readonly comment?: string | undefined
  readonly jump?: string | undefined
  readonly goto?: string | undefined
  readonly gateway?: string | undefined
  readonly log_prefix?: string | undefined
  readonly log_level?: string | undefined
  readonly reject_with?: string | undefined
  readonly to_source?: string | undefined
  readonly to_destination?: string | undefined
  readonly to_ports?: string | undefined
  readonly set_dscp_mark?: string | undefined
  readonly set_dscp_mark_class?: string | undefined
}

/** The target of a rule; those that have options of their own need not be named. */
export function iptablesTarget(rule: IptablesRule): string | undefined {
  if (rule.jump !== undefined || rule.goto !== undefined) return rule.jump
  if (rule.log_prefix !== undefined || rule.log_level !== undefined) return 'LOG'
  return rule.reject_with === undefined ? undefined : 'REJECT'
}

/** The words of a rule as iptables takes them: none of them is shell text yet. */
export function iptablesWords(rule: IptablesRule): string[] {
  const words: string[] = []
  const say = (flag: string, value: string | undefined, ...more: string[]) => {
    if (value === undefined) return
    const inverted = value.startsWith('!')
    words.push(...(inverted ? ['!'] : []), flag, inverted ? value.slice(1).trim() : value, ...more)
  }
  const list = (flag: string, values: readonly string[] | undefined) =>
    say(flag, values === undefined || values.length === 0 ? undefined : values.join(','))
  const load = (match: string, needed: unknown) => {
    if (needed !== undefined && !rule.match.includes(match)) words.push('-m', match)
  }

  say('-p', rule.protocol)
  say('-s', rule.source)
  say('-d', rule.destination)
  say('-i', rule.in_interface)
  say('-o', rule.out_interface)
  if (rule.fragment !== undefined) words.push(...(rule.fragment.startsWith('!') ? ['!', '-f'] : ['-f']))
  for (const match of rule.match) words.push('-m', match)
  if (rule.tcp_flags.flags && rule.tcp_flags.flags_set)
    words.push('--tcp-flags', rule.tcp_flags.flags.join(','), rule.tcp_flags.flags_set.join(','))
  if (rule.syn !== 'ignore') words.push(...(rule.syn === 'negate' ? ['!', '--syn'] : ['--syn']))
  say('--source-port', rule.source_port)
  say('--destination-port', rule.destination_port)
  load('multiport', rule.destination_ports[0])
  list('--dports', rule.destination_ports)
  say(rule.ip_version === 'ipv4' ? '--icmp-type' : '--icmpv6-type', rule.icmp_type)
  const old = rule.match.includes('state') && !rule.match.includes('conntrack')
  load('conntrack', old ? undefined : rule.ctstate[0])
  list(old ? '--state' : '--ctstate', rule.ctstate)
  load('iprange', rule.src_range ?? rule.dst_range)
  say('--src-range', rule.src_range)
  say('--dst-range', rule.dst_range)
  load('set', rule.match_set)
  say('--match-set', rule.match_set, rule.match_set_flags ?? '')
  load('limit', rule.limit ?? rule.limit_burst)
  say('--limit', rule.limit)
  say('--limit-burst', rule.limit_burst)
  load('owner', rule.uid_owner ?? rule.gid_owner)
  say('--uid-owner', rule.uid_owner)
  say('--gid-owner', rule.gid_owner)
  load('comment', rule.comment)
  // A comment may begin with an exclamation mark.
  if (rule.comment !== undefined) words.push('--comment', rule.comment)

  say('-j', iptablesTarget(rule))
  say('-g', rule.goto)
  say('--gateway', rule.gateway)
  if (rule.log_prefix !== undefined) words.push('--log-prefix', rule.log_prefix)
  say('--log-level', rule.log_level)
  say('--reject-with', rule.reject_with)
  say('--to-source', rule.to_source)
  say('--to-destination', rule.to_destination)
  say('--to-ports', rule.to_ports)
  say('--set-dscp', rule.set_dscp_mark)
  say('--set-dscp-class', rule.set_dscp_mark_class)
  return words
}
