import { expect } from 'chai'
import { Problems } from '../../engine/base/problem.ts'
import { type IptablesChains, iptablesChains, iptablesRule } from '../../engine/state/iptables/chains.ts'
import { type FakeHost, fakeHost } from '../../engine/testing/fake-host.ts'
import { planFor, settles } from '../../engine/testing/plan-for.ts'
import iptables from '../../modules/iptables.ts'
import { params } from './harness.ts'

const LISTED = `-P INPUT ACCEPT
-P FORWARD DROP
-N web
-N idle
-A INPUT -p tcp -m tcp --dport 80 -j web
-A web -m comment --comment "from \\"here\\"" -j ACCEPT
-A web -j DROP
`
const REFUSED = "iptables v1.8.9 (nf_tables): invalid port/service `nosuch' specified\nTry `iptables -h' …\n"

/** A host whose filter table is `listed`; the rule at hand is answered by `checked`. */
function host(rule = '', checked: number | { status: number; stderr: string } = 1, listed = LISTED): FakeHost {
  return fakeHost({
    commands: ['iptables', 'ip6tables'],
    queries: {
      'iptables -t filter -S': listed,
      'ip6tables -w 5 -t filter -S': listed,
      [`iptables -t filter -C ${rule}`]: typeof checked === 'number' ? { status: checked } : checked,
    },
  })
}

const script = async (given: object, on: FakeHost) => {
  const { steps, failed } = await planFor(iptables, { ...given }, on)
  expect(failed).to.equal(undefined)
  return steps?.map((step) => step.script) ?? []
}

describe('iptables', () => {
  const words: [what: string, given: object, expected: string][] = [
    ['a port', { protocol: 'tcp', destination_port: 22, jump: 'ACCEPT' }, '-p tcp --destination-port 22 -j ACCEPT'],
    ['another source', { source: '!10.0.0.0/8', jump: 'DROP' }, "'!' -s 10.0.0.0/8 -j DROP"],
    [
      'interfaces, and pieces',
      { in_interface: 'eth+', out_interface: '! lo', fragment: '!', jump: 'x' },
      "-i eth+ '!' -o lo '!' -f -j x",
    ],
    [
      'ports, states and a comment, each with what it rests on',
      { protocol: 'tcp', destination_ports: ['80', '8000:8010'], ctstate: 'NEW,RELATED', comment: '! $(id) "it\'s"' },
      "-p tcp -m multiport --dports 80,8000:8010 -m conntrack --ctstate NEW,RELATED -m comment --comment '! $(id) \"it'\\''s\"'",
    ],
    ['states of old', { match: ['state'], ctstate: ['NEW'], goto: 'web' }, '-m state --state NEW -g web'],
    ['nothing twice', { match: ['comment'], comment: 'x' }, '-m comment --comment x'],
    [
      'flags',
      { protocol: 'tcp', tcp_flags: { flags: 'ALL', flags_set: ['ACK', 'RST'] }, syn: 'negate', jump: 'DROP' },
      "-p tcp --tcp-flags ALL ACK,RST '!' --syn -j DROP",
    ],
    [
      'a log',
      { log_prefix: 'in: ', log_level: 'info', limit: '5/minute', limit_burst: 9 },
      "-m limit --limit 5/minute --limit-burst 9 -j LOG --log-prefix 'in: ' --log-level info",
    ],
    ['an answer', { reject_with: 'tcp-reset', protocol: 'tcp' }, '-p tcp -j REJECT --reject-with tcp-reset'],
    [
      'a set',
      { match_set: '!bad', match_set_flags: 'src,dst', jump: 'ACCEPT' },
      "-m set '!' --match-set bad src,dst -j ACCEPT",
    ],
    [
      'ranges and owners',
      { src_range: '10.0.0.1-10.0.0.9', uid_owner: '!root', gid_owner: 'adm' },
      "-m iprange --src-range 10.0.0.1-10.0.0.9 -m owner '!' --uid-owner root --gid-owner adm",
    ],
    [
      'a new address',
      { jump: 'DNAT', to_destination: '10.0.0.2:80', protocol: 'tcp' },
      '-p tcp -j DNAT --to-destination 10.0.0.2:80',
    ],
    ['a mark', { jump: 'DSCP', set_dscp_mark_class: 'CS1' }, '-j DSCP --set-dscp-class CS1'],
    ['a copy', { jump: 'TEE', gateway: '10.0.0.3' }, '-j TEE --gateway 10.0.0.3'],
    ['a kind of ICMP', { protocol: 'icmp', icmp_type: 'echo-request' }, '-p icmp --icmp-type echo-request'],
  ]
  for (const [what, given, expected] of words)
    it(`says ${what}`, async () =>
      expect(await script({ chain: 'INPUT', ...given }, host(`INPUT ${expected}`))).to.deep.equal([
        `iptables -t filter -A INPUT ${expected} || exit 1`,
      ]))

  it('asks and tells ip6tables, and waits for others', async () => {
    const on = fakeHost({
      commands: ['ip6tables'],
      queries: {
        'ip6tables -w 5 -t filter -S': LISTED,
        'ip6tables -w 5 -t filter -C INPUT -p ipv6-icmp --icmpv6-type 128': { status: 1 },
      },
    })
    const given = { chain: 'INPUT', ip_version: 'ipv6', wait: 5, protocol: 'ipv6-icmp', icmp_type: 128 }
    expect(await script(given, on)).to.deep.equal([
      'ip6tables -w 5 -t filter -A INPUT -p ipv6-icmp --icmpv6-type 128 || exit 1',
    ])
  })

  const rule = { chain: 'INPUT', protocol: 'udp', jump: 'DROP' }
  const decisions: [what: string, given: object, checked: number, expected: string[]][] = [
    ['leaves what is there', rule, 0, []],
    ['inserts', { ...rule, action: 'insert' }, 1, ['-I INPUT -p udp -j DROP']],
    ['inserts at a place', { ...rule, action: 'insert', rule_num: 2 }, 1, ['-I INPUT 2 -p udp -j DROP']],
    ['begins with counters', { ...rule, set_counters: '3 4' }, 1, ['-A INPUT -c 3,4 -p udp -j DROP']],
    ['leaves out what is not there', { ...rule, state: 'absent' }, 1, []],
    ['makes the chain', { ...rule, chain: 'own', chain_management: true }, 1, ['-N own', '-A own -p udp -j DROP']],
    ['needs no chain to have no rule in it', { ...rule, chain: 'own', state: 'absent' }, 1, []],
    ['makes a chain alone', { chain: 'own', chain_management: true }, 1, ['-N own']],
    ['leaves a chain that is there', { chain: 'web', chain_management: true }, 1, []],
    ['deletes an empty chain', { chain: 'idle', chain_management: true, state: 'absent' }, 1, ['-X idle']],
    ['sets a policy', { chain: 'INPUT', policy: 'DROP' }, 1, ['-P INPUT DROP']],
    ['leaves a policy', { chain: 'FORWARD', policy: 'DROP' }, 1, []],
    ['empties a chain', { chain: 'web', flush: true }, 1, ['-F web']],
    ['has nothing to empty', { chain: 'idle', flush: true }, 1, []],
    ['empties a table', { flush: true }, 1, ['-F']],
  ]
  for (const [what, given, checked, expected] of decisions)
    it(`${what}, and a second look agrees`, async () => {
      const chain = (given as { chain?: string }).chain
      const on = host(`${chain} -p udp -j DROP`, checked)
      const { steps } = await settles(iptables, { ...given }, on)
      const commands = steps?.[0]?.script.split('\n') ?? []
      expect(commands).to.deep.equal(expected.map((one) => `iptables -t filter ${one} || exit 1`))
    })

  it('removes a rule as often as it is there', async () => {
    const { steps, changes } = await settles(iptables, { ...rule, state: 'absent' }, host('INPUT -p udp -j DROP', 0))
    const all = 'iptables -t filter'
    expect(steps?.[0]?.script.split('\n')).to.deep.equal([
      `${all} -D INPUT -p udp -j DROP || exit 1`,
      `while ${all} -C INPUT -p udp -j DROP 2>/dev/null; do ${all} -D INPUT -p udp -j DROP || exit 1; done`,
    ])
    expect(changes).to.deep.equal([
      { path: 'iptables filter INPUT', before: '-A INPUT -p udp -j DROP\n', after: undefined },
    ])
  })

  it('tells a flush by the rules that go', async () => {
    const { changes } = await planFor(iptables, { chain: 'web', flush: true }, host())
    expect(changes?.[0]?.before).to.equal('-A web -m comment --comment "from \\"here\\"" -j ACCEPT\n-A web -j DROP\n')
  })

  it('tells its words in the result', async () => {
    const { result } = await planFor(iptables, rule, host('INPUT -p udp -j DROP'))
    expect(result).to.deep.include({ rule: '-p udp -j DROP', chain: 'INPUT', table: 'filter', ip_version: 'ipv4' })
  })

  it('in a dry run knows the chains, rules and flushes of the tasks before it', async () => {
    const jump = { chain: 'INPUT', jump: 'own' }
    const on = host('INPUT -j own', { status: 2, stderr: "iptables v1.8.9 (nf_tables): Chain 'own' does not exist\n" })
    expect((await planFor(iptables, jump, on)).failed).to.equal(
      "iptables cannot take the rule -j own: Chain 'own' does not exist",
    )
    await settles(iptables, { chain: 'own', chain_management: true }, on)
    await settles(iptables, jump, on)
    expect((await planFor(iptables, { chain: 'own', chain_management: true, state: 'absent' }, on)).failed).to.equal(
      'A rule of INPUT still leads to the chain own.',
    )
    await settles(iptables, { flush: true, chain: 'INPUT' }, on)
    expect((await planFor(iptables, jump, on)).steps).to.have.length(1)
    await settles(iptables, { chain: 'own', chain_management: true, state: 'absent' }, on)
    const chains: IptablesChains | null = await on.read(iptablesChains, { ip_version: 'ipv4', table: 'filter' })
    expect(Object.keys(chains!)).to.deep.equal(['INPUT', 'FORWARD', 'web', 'idle'])
  })

  const refusals: [what: string, given: object, failed: string][] = [
    ['a chain that is not there', { chain: 'own', jump: 'DROP' }, 'The table filter has no chain own.'],
    ['a flush of it', { chain: 'own', flush: true }, 'The table filter has no chain own.'],
    ['a policy of it', { chain: 'own', policy: 'DROP' }, 'The table filter has no chain own.'],
    [
      'a policy of a chain that has none',
      { chain: 'web', policy: 'DROP' },
      'web is not built in, and only such chains have a policy.',
    ],
    [
      'a built-in chain to go',
      { chain: 'INPUT', state: 'absent', chain_management: true },
      'INPUT is built in, and cannot be deleted.',
    ],
    [
      'a chain with rules to go',
      { chain: 'web', state: 'absent', chain_management: true },
      'The chain web has rules (2): "flush: true" removes them.',
    ],
    [
      'a chain to go without leave',
      { chain: 'idle', state: 'absent' },
      'The chain idle is there, and no rule is given.',
    ],
    [
      'a log that is none',
      { chain: 'INPUT', jump: 'DROP', log_prefix: 'x' },
      'Logging options can only be used with the LOG jump target.',
    ],
    ['a copy to nobody', { chain: 'INPUT', jump: 'TEE' }, 'The target TEE needs "gateway".'],
    [
      'a place that is none',
      { chain: 'INPUT', protocol: 'udp', jump: 'DROP', action: 'insert', rule_num: 3 },
      'It cannot be rule 3 of INPUT, which has 1.',
    ],
  ]
  for (const [what, given, failed] of refusals)
    it(`refuses ${what}`, async () => {
      const chain = (given as { chain: string }).chain
      const lines = ['-p udp -j DROP', '-j DROP', '-j TEE', '-j DROP --log-prefix x'].map((one) => `${chain} ${one}`)
      const on = fakeHost({
        commands: ['iptables'],
        queries: {
          'iptables -t filter -S': LISTED,
          ...Object.fromEntries(lines.map((line) => [`iptables -t filter -C ${line}`, { status: 1 }])),
        },
      })
      expect((await planFor(iptables, { ...given }, on)).failed).to.equal(failed)
    })

  it('tells what iptables holds against a rule', async () => {
    const on = host('INPUT -p tcp --destination-port nosuch', { status: 2, stderr: REFUSED })
    expect(
      (await planFor(iptables, { chain: 'INPUT', protocol: 'tcp', destination_port: 'nosuch' }, on)).failed,
    ).to.equal(
      "iptables cannot take the rule -p tcp --destination-port nosuch: invalid port/service `nosuch' specified",
    )
  })

  it('says what a host lacks, and what a task lacks', async () => {
    const none = fakeHost({ commands: [], answers: { 'iptables ipv4 filter': null } })
    expect((await planFor(iptables, { chain: 'INPUT', policy: 'DROP' }, none)).failed).to.equal(
      'This host has no command iptables.',
    )
    const reply = {
      status: 4,
      stdout: Buffer.alloc(0),
      stderr: Buffer.from(
        'iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n',
      ),
    }
    const [said] = iptablesChains.parse([reply], [{ ip_version: 'ipv4', table: 'nat' }])
    expect(said).to.include({
      message:
        'The table nat (ipv4) cannot be read: Could not fetch rule set generation id: Permission denied (you must be root)',
      hint: 'The task may need "become: true".',
    })
  })

  const mistakes: [given: object, message: string][] = [
    [{}, 'module needs "chain".'],
    [{ chain: 'INPUT', jump: 'A', goto: 'B' }, '"jump" and "goto" of module exclude each other.'],
    [{ chain: 'INPUT', flush: true, policy: 'DROP' }, '"flush: true" and "policy" of module exclude each other.'],
    [{ chain: 'INPUT', match_set: 'x' }, '"match_set" of module needs "match_set_flags" beside it.'],
    [{ chain: 'INPUT', tcp_flags: { flags: ['SYN'] } }, '"flags" of module needs "flags_set" beside it.'],
    [{ chain: 'IN PUT' }, '"chain" of module cannot be "IN PUT".'],
    [{ chain: '-F' }, '"chain" of module cannot be "-F".'],
    [{ chain: 'INPUT', jump: '$(reboot)' }, '"jump" of module cannot be "$(reboot)".'],
    [{ chain: 'INPUT', jump: 'ACCEPT"' }, '"jump" of module cannot be "ACCEPT\\"".'],
    [{ chain: 'INPUT', comment: 'a\nb' }, '"comment" of module must be one line, not "a\\nb".'],
    [
      { chain: 'INPUT', source: '10.0.0.1\n-j ACCEPT' },
      '"source" of module must be one line, not "10.0.0.1\\n-j ACCEPT".',
    ],
    [{ chain: 'INPUT', rule_num: '0' }, '"rule_num" of module cannot be "0".'],
    [{ chain: 'INPUT', rule_num: '1; reboot' }, '"rule_num" of module cannot be "1; reboot".'],
  ]
  for (const [given, message] of mistakes)
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(() => params(iptables, { ...given })).to.throw(Problems, message)
    })

  it('takes what is dangerous in a shell for what it is', () => {
    const words = ['-s', "$(touch /tmp/x)';reboot"]
    const [item] = iptablesRule.items([{ ip_version: 'ipv4', table: 'nat', chain: 'INPUT', words }])
    expect(item).to.equal("iptables -t nat -C INPUT -s '$(touch /tmp/x)'\\'';reboot'")
  })
})
