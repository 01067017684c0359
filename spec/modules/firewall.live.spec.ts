import { expect } from 'chai'
import { down, exec, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import type { HostOutcome, HostTask } from './on-host.ts'

const HOST = 'spec-firewall'

async function run(tasks: readonly HostTask[]): Promise<HostOutcome[]> {
  const words = [process.execPath, '--conditions=tsplay-source', '--import', 'tsx', 'spec/modules/on-host.ts', HOST]
  const { status, stdout, stderr } = await exec([...words, JSON.stringify(tasks)])
  expect(status, String(stderr)).to.equal(0)
  return JSON.parse(String(stdout))
}

async function look(script: string): Promise<string> {
  const { status, stdout, stderr } = await ssh(HOST, [script])
  expect(status, String(stderr)).to.equal(0)
  return String(stdout).trim()
}

const changed = (outcomes: readonly HostOutcome[]) =>
  outcomes.map(({ result, problem }) => result?.['msg'] ?? problem?.message ?? result!['changed'])

describe('the firewall of a host', function () {
  this.timeout(180_000)

  before(async function () {
    needsLab.call(this)
    await up([`${HOST}=192.168.1.93`])
    await fresh(HOST)
    await look('apt-get -qq update && apt-get -qq install -y iptables nftables >/dev/null 2>&1')
  })
  after(() => down([HOST]))

  for (const variant of ['nft', 'legacy']) {
    describe(`iptables (${variant})`, () => {
      before(() =>
        look(
          `update-alternatives --quiet --set iptables /usr/sbin/iptables-${variant}; iptables -N own; iptables -X own`,
        ),
      )
      afterEach(() => look('iptables -F; iptables -X own 2>/dev/null; iptables -P FORWARD ACCEPT'))

      const comment = 'it\'s "here": $(touch /root/came) `touch /root/came` \\'
      const rules: Record<string, Record<string, unknown>> = {
        'a port, by name': { protocol: 'tcp', destination_port: 'ssh', jump: 'ACCEPT' },
        'a comment of odd marks': { comment, jump: 'ACCEPT' },
        'ports and states': { protocol: 'tcp', destination_ports: ['80', '443'], ctstate: ['NEW'], jump: 'ACCEPT' },
        'flags, inverted': {
          protocol: 'tcp',
          source: '!192.0.2.0/24',
          tcp_flags: { flags: ['SYN', 'ACK'], flags_set: ['SYN'] },
          jump: 'DROP',
        },
        'a log with a limit': { log_prefix: 'in: ', log_level: 'info', limit: '5/minute', limit_burst: 9 },
        'what begins a connection': { protocol: 'tcp', syn: 'match', reject_with: 'tcp-reset' },
        'pieces, with counters': { fragment: true, set_counters: '1 2', jump: 'ACCEPT' },
        'ranges and owners': { chain: 'OUTPUT', uid_owner: 'root', dst_range: '192.0.2.1-192.0.2.9', jump: 'ACCEPT' },
      }
      // Packets of the lab's own interface are let alone: the host must stay reachable.
      const given = Object.values(rules).map((rule) =>
        rule['chain'] ? rule : { chain: 'INPUT', in_interface: 'eth9', ...rule },
      )
      const task = (params: Record<string, unknown>) => ({ module: 'iptables', params })

      it('keeps rules and takes them away again, as a dry run foretold', async () => {
        const saved = 'iptables-save | grep "^[*:-]" | sed "s/ .[0-9]*:[0-9]*.$//"'
        const before = await look(saved)
        const foretold = await run(given.map((rule) => ({ ...task(rule), checking: true })))
        expect(await look(saved)).to.equal(before)
        const outcomes = await run(
          given.flatMap((rule) => {
            const absent = { ...rule, state: 'absent' }
            return [task(rule), task(rule), task(absent), task(absent)]
          }),
        )
        for (const [index, what] of Object.keys(rules).entries()) {
          const [made, again, ...gone] = outcomes.slice(index * 4, index * 4 + 4)
          expect(changed([made!, again!, ...gone]), what).to.deep.equal([true, false, true, false])
          expect(foretold[index]!.result!['diff'], what).to.deep.equal(made!.result!['diff'])
          expect(again!.trips, what).to.equal(1)
        }
        expect(await look(`${saved}; ls /root/came 2>/dev/null || :`)).to.equal(before)
      })

      it('goes through a whole dry run as through the run', async () => {
        const toOwn = { chain: 'INPUT', source: '192.0.2.9', jump: 'own' }
        const tasks: HostTask[] = [
          { module: 'iptables', params: { ...toOwn, state: 'absent' } },
          { module: 'iptables', params: { chain: 'own', chain_management: true, jump: 'DROP' } },
          { module: 'iptables', params: toOwn },
          {
            module: 'iptables',
            params: { chain: 'INPUT', protocol: 'icmp', jump: 'DROP', action: 'insert', rule_num: 2 },
          },
          { module: 'iptables', params: { chain: 'FORWARD', policy: 'DROP' } },
          { module: 'iptables', params: { chain: 'own', flush: true } },
          { module: 'iptables', params: { chain: 'own', jump: 'DROP' } },
          { module: 'iptables', params: { chain: 'INPUT', flush: true } },
          { module: 'iptables', params: { chain: 'own', flush: true } },
          { module: 'iptables', params: { chain: 'own', chain_management: true, state: 'absent' } },
        ]
        const foretold = await run(tasks.map((task, index) => ({ ...task, checking: true, after: index > 0 })))
        const done = await run(tasks)
        expect(changed(done)).to.deep.equal([false, true, true, true, true, true, true, true, true, true])
        expect(changed(foretold)).to.deep.equal(changed(done))
        expect(await look('iptables -S')).to.equal('-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT')
      })

      it('takes away a rule that is there three times, and tells what iptables holds against one', async () => {
        await look('for i in 1 2 3; do iptables -A INPUT -s 192.0.2.7/32 -j DROP; done')
        const rule = { chain: 'INPUT', source: '192.0.2.7', jump: 'DROP', state: 'absent' }
        const [gone, refused] = await run([
          { module: 'iptables', params: rule },
          { module: 'iptables', params: { chain: 'INPUT', jump: 'NOWHERE' } },
        ])
        expect(gone!.result!['changed']).to.equal(true)
        expect(await look('iptables -S INPUT')).to.equal('-P INPUT ACCEPT')
        expect(refused!.result!['msg']).to.match(/^iptables cannot take the rule -j NOWHERE: .*NOWHERE/)
      })
    })
  }

  describe('nftables', () => {
    const DYNAMIC = `set seen {
  type ipv4_addr
  flags dynamic, timeout
  timeout 1h
}
set known { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
chain in {
  type filter hook input priority filter; policy accept;
  tcp dport { ssh, 80 } counter add @seen { ip saddr } accept comment "it's $(touch /root/came)" # }
  ip saddr @known meta skuid root jump more
}
chain more {
  limit rate 5/minute log prefix "more: "
  iif "eth0" ip daddr 192.0.2.9 reject with icmp type admin-prohibited
}`
    const tables: Record<string, Record<string, unknown>> = {
      'sets, chains, an interface by its index': { content: DYNAMIC },
      'what a device lets in': {
        family: 'netdev',
        content: 'chain in {\n  type filter hook ingress device eth0 priority 0; policy accept;\n}\n',
      },
      nothing: { content: '' },
    }
    for (const [what, table] of Object.entries(tables)) {
      it(`${what}: foretold, kept, and taken away`, async () => {
        const params = { name: 'own', ...table }
        const absent = { name: 'own', family: table['family'] ?? 'inet', state: 'absent' }
        const seen = 'nft -s list ruleset; ip -o link'
        const before = await look(seen)
        const [foretold] = await run([{ module: 'nftables', params, checking: true }])
        expect(await look(seen)).to.equal(before)
        const outcomes = await run([
          { module: 'nftables', params },
          { module: 'nftables', params },
          { module: 'nftables', params: absent },
          { module: 'nftables', params: absent },
        ])
        expect(changed(outcomes)).to.deep.equal([true, false, true, false])
        expect(foretold!.result!['diff']).to.deep.equal(outcomes[0]!.result!['diff'])
        expect(outcomes[1]!.trips).to.equal(1)
        expect(await look(`${seen}; ls /root/came 2>/dev/null || :`)).to.equal(before)
      })
    }

    it('sees what others changed, not what packets filled in; replaces all of it', async () => {
      const params = { name: 'own', content: DYNAMIC }
      await run([{ module: 'nftables', params }])
      await look('nft add element inet own seen { 192.0.2.77 timeout 5m }')
      const [still] = await run([{ module: 'nftables', params }])
      await look('nft add element inet own known { 192.0.2.3 }; nft add table inet other')
      const [back] = await run([{ module: 'nftables', params }])
      expect(changed([still!, back!])).to.deep.equal([false, true])
      expect(await look('nft list set inet own known | grep elements; nft list tables | grep -v "ip filter"')).to.equal(
        'elements = { 192.0.2.1, 192.0.2.2 }\ntable inet other\ntable inet own',
      )
    })

    it('says in a dry run what nft would not take, with its line', async () => {
      const [wrong, more] = await run([
        {
          module: 'nftables',
          params: { name: 'own', content: 'chain a {\n}\nchain b {\n  nonsense\n}' },
          checking: true,
        },
        { module: 'nftables', params: { name: 'own', content: '}\nflush ruleset\ntable inet own {' }, checking: true },
      ])
      expect(wrong!.result!['msg']).to.match(/^nft cannot take the table inet own: line 4: syntax error/)
      expect(more!.result!['msg']).to.equal('The braces of the text for the table inet own do not match.')
    })
  })
})
