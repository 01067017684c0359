import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import cert from '../../modules/cert.ts'
import health from '../../modules/etcd-health.ts'
import { EtcdCluster, etcdPrograms, freePorts } from './etcd-cluster.ts'
import { planOf, runOn } from './harness.ts'

const ENDPOINTS = ['https://10.0.0.1:2379', 'https://10.0.0.2:2379', 'https://10.0.0.3:2379']
const IDS = ['4152761800982845400', '13676318340257796031', '16356583721116614180']

/** Answers in the shape of etcdctl's releases; 3.5 adds `logger` to its log, 3.6 storage version and quota to a status. */
function answers(
  version: string,
  change: {
    dead?: number[]
    status?: Record<string, unknown>[]
    alarms?: string
    members?: string
    ids?: string[]
  } = {},
): string {
  const { dead = [], ids = IDS } = change
  const up = ENDPOINTS.map((endpoint, index) => ({ endpoint, index })).filter(({ index }) => !dead.includes(index))
  const status = up.map(({ endpoint, index }) => {
    const facts = {
      version,
      dbSize: 24576,
      leader: '#LEADER',
      raftIndex: 9,
      raftTerm: 2,
      raftAppliedIndex: 9,
      dbSizeInUse: 16384,
      ...(version.startsWith('3.6') ? { storageVersion: '3.6.0', dbSizeQuota: 2147483648, downgradeInfo: {} } : {}),
      ...change.status?.[index],
    }
    const header = { cluster_id: '#CLUSTER', member_id: `#ID${index}`, revision: 1, raft_term: 2 }
    return { Endpoint: endpoint, Status: { header, ...facts } }
  })
  const logger = version.startsWith('3.4') ? {} : { logger: 'etcd-client' }
  const complaint = (index: number) => {
    const address = ENDPOINTS[index]!.slice('https://'.length)
    const target = version.startsWith('3.4')
      ? `endpoint://client-1/${address}`
      : `etcd-endpoints://0xc0001c6000/${address}`
    const error = `rpc error: code = DeadlineExceeded desc = latest balancer error: connection error: desc = "transport: Error while dialing dial tcp ${address}: connect: connection refused"`
    return JSON.stringify({
      level: 'warn',
      ts: '2026-01-01T00:00:00Z',
      ...logger,
      msg: 'retrying of unary invoker failed',
      target,
      attempt: 0,
      error,
    })
  }
  const healths = ENDPOINTS.map((endpoint, index) =>
    dead.includes(index)
      ? { endpoint, health: false, took: '3s', error: 'context deadline exceeded' }
      : { endpoint, health: true, took: '8ms' },
  )
  const members = ids.map(
    (id, index) =>
      `{"ID":${id},"name":"etcd-${index + 1}","peerURLs":["https://10.0.0.${index + 1}:2380"],"clientURLs":["${ENDPOINTS[index]}"]}`,
  )
  const numbers = JSON.stringify(status)
    .replaceAll('"#LEADER"', IDS[1]!)
    .replaceAll('"#CLUSTER"', '9745163193234235684')
    .replace(/"#ID(\d)"/g, (_, index: string) => IDS[Number(index)]!)
  return [
    '#tsplay health',
    ...dead.map(complaint),
    ...(dead.length > 0 ? ['Error: unhealthy cluster'] : []),
    JSON.stringify(healths),
    '#tsplay status',
    ...dead.map(complaint),
    ...dead.map((index) => `Failed to get the status of endpoint ${ENDPOINTS[index]} (context deadline exceeded)`),
    numbers,
    '#tsplay members',
    change.members ??
      `{"header":{"cluster_id":9745163193234235684,"member_id":${IDS[2]},"raft_term":2},"members":[${members.join(',')}]}`,
    '#tsplay alarms',
    change.alarms ?? '{}',
    '',
  ].join('\n')
}

const decide = (output: string, more: Record<string, unknown> = {}) =>
  planOf(health, { status: 0, output }, { endpoints: ENDPOINTS, ...more })

describe('etcd-health', () => {
  for (const version of ['3.4.23', '3.5.16', '3.6.6']) {
    it(`reads etcd ${version}`, () => {
      const plan = decide(answers(version))
      expect(plan.failed).to.equal(undefined)
      expect(plan.result).to.include({ healthy: true, leader: 'etcd-2', quorum: 2 })
      expect((plan.result!['members'] as unknown[])[1]).to.deep.equal({
        id: 'bdcc0b11fa39cfbf',
        name: 'etcd-2',
        peer_urls: ['https://10.0.0.2:2380'],
        client_urls: ['https://10.0.0.2:2379'],
        endpoint: 'https://10.0.0.2:2379',
        learner: false,
        leader: true,
        version,
        db_size: 24576,
        raft_index: 9,
        raft_applied: 9,
        healthy: true,
        error: null,
      })
    })

    it(`says which member of etcd ${version} is down, and why`, () => {
      const down = answers(version, { dead: [2] })
      expect(decide(down).failed).to.equal(
        'etcd is not healthy: etcd-3 (https://10.0.0.3:2379): connection refused: nothing listens there.',
      )
      expect(decide(down, { tolerate: 0 }).failed).to.equal(undefined)
      expect(decide(down, { tolerate: 0 }).warnings).to.deep.equal([
        'etcd-3 (https://10.0.0.3:2379): connection refused: nothing listens there',
      ])
      expect(decide(down, { tolerate: 1 }).failed).to.contain(
        'it would have no quorum with 1 more gone: 2 of 3 voting members are healthy, 2 are needed',
      )
    })
  }

  it('counts how many may go', () => {
    expect(decide(answers('3.4.23'), { tolerate: 1 }).failed).to.equal(undefined)
    expect(decide(answers('3.4.23'), { tolerate: 2 }).failed).to.contain('with 2 more gone')
  })

  const faults: [string, Parameters<typeof answers>[1], Record<string, unknown>, RegExp][] = [
    ['an alarm', { alarms: `{"alarms":[{"memberID":${IDS[0]},"alarm":1}]}` }, {}, /alarm NOSPACE at etcd-1/],
    ['another alarm', { alarms: `{"alarms":[{"memberID":${IDS[1]},"alarm":2}]}` }, {}, /alarm CORRUPT at etcd-2/],
    [
      'a member that lags',
      { status: [{}, { raftIndex: 5000, raftAppliedIndex: 5000 }, { raftIndex: 5000, raftAppliedIndex: 5000 }] },
      {},
      /etcd-1 \(.*\) is 4991 entries behind \(at most 1000 allowed\)/,
    ],
    [
      'a large database',
      { status: [{}, {}, { dbSize: 3 * 1024 ** 3 }] },
      { max_db_size: '2GiB' },
      /the database of etcd-3 .* has 3221225472 bytes/,
    ],
    ['two leaders', { status: [{ leader: 77 }, {}, {}] }, {}, /different leaders: 4d, etcd-2/],
    ['no leader', { status: [{ leader: 0 }, { leader: 0 }, { leader: undefined }] }, {}, /there is no leader/],
  ]
  for (const [what, change, more, text] of faults) {
    it(`tells ${what}`, () => {
      for (const version of ['3.4.23', '3.5.16', '3.6.6'])
        expect(decide(answers(version, change), more).failed).to.match(text)
    })
  }

  it('tells two clusters apart', () => {
    const mixed = answers('3.4.23').replace('"cluster_id":9745163193234235684', '"cluster_id":1')
    expect(decide(mixed).failed).to.match(/belong to 2 different clusters: 1, [0-9a-f]+/)
  })

  it('names a learner, which has no vote', () => {
    const members = `{"header":{"cluster_id":1},"members":[${IDS.map((id, index) => `{"ID":${id},"name":"etcd-${index + 1}","clientURLs":["${ENDPOINTS[index]}"]${index === 0 ? ',"isLearner":true' : ''}}`).join(',')}]}`
    const plan = decide(answers('3.6.6', { members, status: [{ isLearner: true }, {}, {}] }), { tolerate: 0 })
    expect(plan.warnings!.join()).to.contain('etcd-1 (https://10.0.0.1:2379) is a learner')
    expect(plan.result!['quorum']).to.equal(2)
    expect(decide(answers('3.6.6', { members }), { tolerate: 1 }).failed).to.contain('2 of 2 voting members')
  })

  describe('on a real cluster of three', function () {
    this.timeout(120_000)
    const connection = new LocalConnection('here')
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-etcd-'))
    const at = (...parts: string[]) => join(folder, ...parts)
    let etcdctl: string
    let cluster: EtcdCluster
    const run = (
      module: typeof cert,
      given: Record<string, unknown>,
      options: { checking?: boolean; memory?: HostMemory } = {},
    ) => runOn(module, given, { connection, ...options, controller: { pkiFolder: at('controller') } })
    const files = (name = 'server') => ({
      cacert: at('pki/ca.crt'),
      cert: at(`pki/${name}.crt`),
      key: at(`pki/${name}.key`),
      etcdctl,
    })
    const ask = async (more: Record<string, unknown> = {}, options = {}) =>
      (await run(health, { endpoints: cluster.endpoints, ...files(), ...more }, options)).result
    const ctl = (input: string | undefined, ...words: string[]) =>
      execFileSync(
        etcdctl,
        [
          `--endpoints=${cluster.endpoints.join(',')}`,
          '--cacert',
          at('pki/ca.crt'),
          '--cert',
          at('pki/server.crt'),
          '--key',
          at('pki/server.key'),
          ...words,
        ],
        {
          input,
          env: { ETCDCTL_API: '3' },
          stdio: ['pipe', 'pipe', 'pipe'],
        },
      )

    before(async () => {
      const programs = etcdPrograms()
      etcdctl = programs.etcdctl
      for (const name of ['pki', 'data']) mkdirSync(at(name))
      const key = { algo: 'ecdsa', size: 256 }
      for (const [authority, path] of [
        ['etcd', 'ca.crt'],
        ['other', 'other.crt'],
      ]) {
        await run(cert, { authority, csr: { CN: authority, key, ca: { expiry: '87600h' } }, path: at('pki', path!) })
      }
      const csr = { CN: 'kube-etcd', hosts: ['127.0.0.1', 'localhost'], key }
      await run(cert, { ca: 'etcd', csr, path: at('pki/server.crt'), key_path: at('pki/server.key') })
      await run(cert, { ca: 'other', csr, path: at('pki/wrong.crt'), key_path: at('pki/wrong.key') })
      const ports = await freePorts(6)
      const members = [1, 2, 3].map((number) => ({
        name: `etcd-${number}`,
        clientPort: ports[number * 2 - 2]!,
        peerPort: ports[number * 2 - 1]!,
      }))
      cluster = new EtcdCluster(programs.etcd, members, { pki: at('pki'), data: at('data') }, [
        '--quota-backend-bytes',
        '1500000',
      ])
      cluster.start()
    })
    after(async () => {
      await cluster?.stop()
      await connection.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('waits until it is healthy', async () => {
      const result = await ask({ timeout: 60 })
      expect(result.msg).to.equal(undefined)
      expect(result).to.include({ changed: false, healthy: true, quorum: 2 })
      expect(result['leader']).to.match(/^etcd-[123]$/)
      const ids = ctl(undefined, 'member', 'list')
        .toString()
        .trim()
        .split('\n')
        .map((line) => line.split(',')[0])
      expect((result['members'] as { id: string }[]).map(({ id }) => id).sort()).to.deep.equal(ids.sort())
    })

    it('says that the certificate is a wrong one', async () => {
      const result = await ask({ ...files('wrong'), command_timeout: 2 })
      expect(result.msg).to.contain(
        `certificate: ${at('pki/wrong.crt')} is signed by another authority than the one in ${at('pki/ca.crt')}`,
      )
      expect((await ask({ cacert: at('pki/other.crt'), command_timeout: 2 })).msg).to.contain(
        'signed by an authority that is not in cacert',
      )
    })

    it('says what the host lacks', async () => {
      expect((await ask({ etcdctl: '/nowhere/etcdctl' })).msg).to.equal('The host has no program "/nowhere/etcdctl".')
      expect((await ask({ key: at('pki/gone.key') })).msg).to.contain(
        `${at('pki/gone.key')} does not exist on the host`,
      )
    })

    it('in a dry run rests on what is not done yet', async () => {
      const memory = new HostMemory()
      memory.unmade = 1
      const result = await ask({ etcdctl: '/nowhere/etcdctl' }, { checking: true, memory })
      expect(result).to.include({ changed: false }).and.not.have.any.keys('failed', 'may_change')
      expect(result.unverified).to.contain('rests on changes that a dry run does not make')
    })

    it('with one member killed tolerates no further loss', async () => {
      await cluster.kill('etcd-3')
      // First until the others have a leader again, if it was this one.
      expect((await ask({ tolerate: 0, timeout: 20, command_timeout: 2 })).failed).to.equal(undefined)
      expect((await ask({ command_timeout: 2 })).msg).to.contain('etcd-3 (')
      expect((await ask({ endpoints: cluster.endpoints.slice(0, 2), timeout: 20 })).failed).to.equal(undefined)
      expect((await ask({ tolerate: 1, command_timeout: 2 })).msg).to.contain(
        'it would have no quorum with 1 more gone',
      )
    })

    it('with two members killed has no quorum', async () => {
      await cluster.kill('etcd-2')
      const { msg } = await ask({ tolerate: 0, command_timeout: 2 })
      expect(msg).to.contain('there is no quorum: 0 of 3 voting members are healthy, 2 are needed')
      expect(msg).to.contain(`${cluster.endpoints[1]}: connection refused`)
      cluster.startOne('etcd-2')
      cluster.startOne('etcd-3')
      expect((await ask({ timeout: 60 })).healthy).to.equal(true)
    })

    it('tells that a member has no space left', async () => {
      const big = 'x'.repeat(500_000)
      let full = false
      for (let index = 0; index < 12 && !full; index++) {
        try {
          ctl(big, 'put', `key${index}`)
        } catch (thrown) {
          full = /space exceeded/.test(String((thrown as { stderr: Buffer }).stderr))
        }
      }
      expect(full).to.equal(true)
      const ended = await run(health, { endpoints: cluster.endpoints, ...files() })
      expect(ended.result.msg).to.match(/alarm NOSPACE at etcd-[123]/)
      expect(ended.hint).to.contain('alarm disarm')
    })
  })
})
