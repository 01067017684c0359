import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Result } from '../../engine/base/result.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import cert from '../../modules/cert.ts'
import member from '../../modules/etcd-member.ts'
import { EtcdCluster, etcdPrograms, freePorts } from './etcd-cluster.ts'
import { planOf, runOn } from './harness.ts'

/** Members by their state: v well, d down, l a learner, s a learner that does not answer, u a voter never started. */
const cluster = (letters: string) => ({
  members: [...letters].map((letter, index) => ({
    id: `${index + 1}a`,
    name: letter === 'u' ? null : `etcd-${index + 1}`,
    peer_urls: [`https://10.0.0.${index + 1}:2380`],
    client_urls: [],
    learner: 'ls'.includes(letter),
    leader: index === 0,
    healthy: 'vl'.includes(letter),
  })),
})
const url = (number: number) => [`https://10.0.0.${number}:2380`]

const decisions: [what: string, members: string, given: Record<string, unknown>, comes: string | RegExp | null][] = [
  ['adds a voter to two', 'vv', { name: 'x', peer_urls: url(9) }, 'member add x --peer-urls=https://10.0.0.9:2380'],
  [
    'adds no voter to one',
    'v',
    { name: 'x', peer_urls: url(9) },
    /Adding x .* 1 of 2 voting members healthy, 2 needed/,
  ],
  ['unless told', 'v', { name: 'x', peer_urls: url(9), force: true }, 'member add x --peer-urls=https://10.0.0.9:2380'],
  [
    'adds a learner to one',
    'v',
    { name: 'x', peer_urls: url(9), learner: true },
    'member add x --peer-urls=https://10.0.0.9:2380 --learner',
  ],
  [
    'adds none where one of two is down',
    'vd',
    { name: 'x', peer_urls: url(9) },
    /no quorum, so its members cannot be changed: 1 of 2/,
  ],
  [
    'adds none where one of three is down',
    'vvd',
    { name: 'x', peer_urls: url(9) },
    /2 of 4 voting members healthy, 3 needed/,
  ],
  ['asks for peer URLs', 'vvv', { name: 'x' }, /has no member x/],
  ['leaves one that is there', 'vvv', { name: 'etcd-2' }, null],
  ['knows one that never ran by its URL', 'vvvu', { name: 'x', peer_urls: url(4) }, null],
  [
    'changes peer URLs',
    'vvv',
    { name: 'etcd-2', peer_urls: url(9) },
    'member update 2a --peer-urls=https://10.0.0.9:2380',
  ],
  [
    'takes no URL of another',
    'vvv',
    { name: 'etcd-2', peer_urls: url(3) },
    /etcd-2 .* and etcd-3 .*: not the one member/,
  ],
  ['takes no URL of another for a new one', 'vvv', { name: 'x', peer_urls: url(3) }, /etcd-3 .*: not the one member/],
  ['promotes a learner', 'vvl', { name: 'etcd-3' }, 'member promote 3a'],
  ['leaves a learner', 'vvl', { name: 'etcd-3', learner: true }, null],
  ['takes no vote away', 'vvv', { name: 'etcd-3', learner: true }, null],
  ['promotes none that is down', 'vvs', { name: 'etcd-3' }, /learner that does not answer/],
  ['promotes the second of two', 'vl', { name: 'etcd-2' }, 'member promote 2a'],
  ['removes one of three', 'vvv', { name: 'etcd-2', state: 'absent' }, 'member remove 2a'],
  ['removes the one that is down', 'vvd', { name: 'etcd-3', state: 'absent' }, 'member remove 3a'],
  [
    'removes none of those left',
    'vvd',
    { name: 'etcd-2', state: 'absent' },
    /Removing etcd-2 .* 1 of 2 voting members healthy, 2 needed/,
  ],
  ['unless told', 'vvd', { name: 'etcd-2', state: 'absent', force: true }, 'member remove 2a'],
  ['removes one of two', 'vv', { name: 'etcd-2', state: 'absent' }, 'member remove 2a'],
  ['never removes the last', 'vl', { name: 'etcd-1', state: 'absent', force: true }, /only voting member/],
  ['removes a learner', 'vl', { name: 'etcd-2', state: 'absent' }, 'member remove 2a'],
  ['removes by URL', 'vvvu', { peer_urls: url(4), state: 'absent' }, 'member remove 4a'],
  ['has nothing to remove', 'vvv', { name: 'x', state: 'absent' }, null],
]

describe('etcd-member', () => {
  for (const [what, members, given, comes] of decisions) {
    it(`${what} (${members})`, () => {
      const { failed, steps = [] } = planOf(member, cluster(members), given)
      if (comes instanceof RegExp) expect(failed).to.match(comes)
      else {
        expect(failed).to.equal(undefined)
        expect(steps.map(({ show }) => show)).to.deep.equal(comes === null ? [] : [`run etcdctl ${comes}`])
      }
    })
  }

  it('says what the new member must know', () => {
    const { result } = planOf(member, cluster('vvu'), { name: 'x', peer_urls: url(9), force: true })
    expect(result!['initial_cluster']).to.equal(
      'etcd-1=https://10.0.0.1:2380,etcd-2=https://10.0.0.2:2380,x=https://10.0.0.9:2380',
    )
    expect(result!['quorum']).to.equal(3)
  })

  describe('on a real cluster that grows', function () {
    this.timeout(120_000)
    const connection = new LocalConnection('here')
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-etcd-member-'))
    const at = (...parts: string[]) => join(folder, ...parts)
    let ports: number[]
    let etcd: EtcdCluster
    let etcdctl: string
    const run = (
      module: typeof cert,
      given: Record<string, unknown>,
      options: { checking?: boolean; memory?: HostMemory } = {},
    ) => runOn(module, given, { connection, ...options, controller: { pkiFolder: at('controller') } })
    const access = () => ({
      endpoints: etcd.endpoints.slice(0, 1),
      cacert: at('pki/ca.crt'),
      cert: at('pki/server.crt'),
      key: at('pki/server.key'),
      etcdctl,
      command_timeout: 3,
    })
    const ask = async (given: Record<string, unknown>, options = {}) =>
      (await run(member, { ...access(), ...given }, options)).result
    const peer = (number: number) => `https://127.0.0.1:${ports[number * 2 - 1]}`
    /** The members without ids, which nobody can foretell. */
    const shape = (result: Result) =>
      (result['members'] as Record<string, unknown>[]).map(({ name, peer_urls, learner }) => ({
        name,
        peer_urls,
        learner,
      }))
    /** A dry run, a run that must come to the same, and a second run that has nothing to do. */
    const settle = async (given: Record<string, unknown>) => {
      const planned = await ask(given, { checking: true })
      const done = await ask(given)
      expect(done.msg).to.equal(undefined)
      expect(done.changed).to.equal(true)
      expect(planned.diff).to.deep.equal(done.diff)
      expect(shape(planned)).to.deep.equal(shape(done))
      expect((await ask(given)).changed).to.equal(false)
      return done
    }
    const start = (number: number, joins: unknown) =>
      etcd.join({
        name: `etcd-${number}`,
        clientPort: ports[number * 2 - 2]!,
        peerPort: ports[number * 2 - 1]!,
        joins: String(joins),
      })
    /** Until all members are well. */
    const well = async () => {
      for (let tries = 0; tries < 60; tries++) {
        const { members } = await ask({ state: 'list' })
        if ((members as { healthy: boolean }[]).every(({ healthy }) => healthy)) return
        await sleep(500)
      }
      throw new Error('the cluster does not become well')
    }

    before(async () => {
      const programs = etcdPrograms()
      etcdctl = programs.etcdctl
      for (const name of ['pki', 'data']) mkdirSync(at(name))
      const key = { algo: 'ecdsa', size: 256 }
      await run(cert, { authority: 'etcd', csr: { CN: 'etcd', key, ca: { expiry: '87600h' } }, path: at('pki/ca.crt') })
      const csr = { CN: 'kube-etcd', hosts: ['127.0.0.1', 'localhost'], key }
      await run(cert, { ca: 'etcd', csr, path: at('pki/server.crt'), key_path: at('pki/server.key') })
      ports = await freePorts(6)
      const first = { name: 'etcd-1', clientPort: ports[0]!, peerPort: ports[1]! }
      etcd = new EtcdCluster(programs.etcd, [first], { pki: at('pki'), data: at('data') })
      etcd.start()
    })
    after(async () => {
      await etcd?.stop()
      await connection.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('lists the members', async () => {
      for (let tries = 0; tries < 60 && (await ask({ state: 'list' })).failed; tries++) await sleep(500)
      const result = await ask({ state: 'list' })
      expect(result).to.deep.include({ changed: false, quorum: 1, initial_cluster: `etcd-1=${peer(1)}`, member: null })
      expect((result['members'] as object[])[0]).to.deep.include({
        name: 'etcd-1',
        peer_urls: [peer(1)],
        client_urls: etcd.endpoints,
        learner: false,
        leader: true,
        healthy: true,
      })
    })

    it('adds no voter that would cost the quorum', async () => {
      const result = await ask({ name: 'etcd-2', peer_urls: peer(2) })
      expect(result.msg).to.contain('Adding etcd-2 would leave the cluster without a quorum')
      expect(shape(await ask({ state: 'list' }))).to.have.length(1)
    })

    it('adds a learner, which a dry run sees as added', async () => {
      const given = { name: 'etcd-2', peer_urls: peer(2), learner: true }
      const memory = new HostMemory()
      await ask(given, { checking: true, memory })
      expect((await ask(given, { checking: true, memory })).changed).to.equal(false)
      const early = await ask({ name: 'etcd-2', peer_urls: peer(2) }, { checking: true, memory })
      expect(early.may_change).to.contain('learner that does not answer')
      const done = await settle(given)
      expect(done['initial_cluster']).to.equal(`etcd-1=${peer(1)},etcd-2=${peer(2)}`)
      expect((done['member'] as { id: string }).id).to.match(/^[0-9a-f]{8,16}$/)
      expect((await ask({ name: 'etcd-2', peer_urls: peer(2) })).msg).to.contain('learner that does not answer')
      start(2, done['initial_cluster'])
      await well()
    })

    it('promotes it when it has caught up', async () => {
      await settle({ name: 'etcd-2' })
      expect(await ask({ state: 'list' })).to.include({ quorum: 2 })
    })

    it('changes peer URLs', async () => {
      const more = [peer(2), peer(2).replace('127.0.0.1', 'localhost')]
      await settle({ name: 'etcd-2', peer_urls: more })
      await settle({ name: 'etcd-2', peer_urls: [peer(2)] })
    })

    it('adds a voter to two', async () => {
      const done = await settle({ name: 'etcd-3', peer_urls: peer(3) })
      start(3, done['initial_cluster'])
      await well()
      expect(shape(await ask({ state: 'list' }))).to.have.length(3)
    })

    it('removes the member that is lost, and none that is needed', async () => {
      await etcd.kill('etcd-3')
      expect((await ask({ name: 'etcd-2', state: 'absent' })).msg).to.contain(
        'Removing etcd-2 would leave the cluster without a quorum: 1 of 2 voting members healthy, 2 needed.',
      )
      await settle({ name: 'etcd-3', state: 'absent' })
      expect((await ask({ state: 'list' }))['initial_cluster']).to.equal(`etcd-1=${peer(1)},etcd-2=${peer(2)}`)
    })

    it("tells etcd's own refusal", async () => {
      const result = runOn(
        member,
        { ...access(), name: 'etcd-9', peer_urls: [peer(3)], learner: true },
        { connection, verify: false },
      )
      expect((await result).result.changed).to.equal(true)
      // 3.4 allows one learner at a time.
      const second = await run(member, {
        ...access(),
        name: 'etcd-8',
        peer_urls: 'https://127.0.0.1:1',
        learner: true,
      }).then(
        () => 'nothing',
        (problem: Error) => problem.message,
      )
      expect(second).to.contain('too many learner members')
      await settle({ peer_urls: [peer(3)], state: 'absent' })
    })

    it('changes nothing without a quorum', async () => {
      await etcd.kill('etcd-2')
      await sleep(1500)
      expect((await ask({ name: 'etcd-2', state: 'absent', force: true })).msg).to.contain('The cluster has no quorum')
      await etcd.kill('etcd-1')
      expect((await ask({ state: 'list' })).msg).to.match(
        /does not list its members: https:\S+: (connection refused|no answer in time)/,
      )
    })
  })
})
