import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import ping from '../../modules/ping.ts'
import wait_for_connection from '../../modules/wait_for_connection.ts'
import { runOn } from './harness.ts'
import { problemOf, Workbench } from './workbench.ts'

/** Comes up after so many tries. */
class Late extends LocalConnection {
  tries = 0
  readonly #after: number

  constructor(after: number) {
    super('here')
    this.#after = after
  }

  override async run(...given: Parameters<LocalConnection['run']>) {
    if (++this.tries <= this.#after) throw new Problem('host-unreachable', 'no route', { host: 'here' })
    return super.run(...given)
  }
}

describe('ping and wait_for_connection', () => {
  it('answers what was asked for, or fails as asked', async () => {
    const connection = new LocalConnection('here')
    await connection.open()
    expect((await runOn(ping, {}, { connection })).result).to.deep.equal({ changed: false, ping: 'pong' })
    expect((await runOn(ping, { data: 'hello' }, { connection })).result).to.include({ ping: 'hello' })
    expect((await runOn(ping, { data: 'crash' }, { connection })).result).to.include({ failed: true, msg: 'boom' })
    await connection.close()
  })

  it('waits until the host answers, connecting anew each time', async () => {
    const connection = new Late(2)
    await connection.open()
    let reconnected = 0
    const controller = { sleep: async () => {}, reconnect: async () => void reconnected++ }
    const { result } = await runOn(wait_for_connection, { timeout: 20 }, { connection, controller })
    expect(result).to.deep.equal({ changed: false, elapsed: 0 })
    expect([connection.tries, reconnected]).to.deep.equal([3, 3])
    await connection.close()
  })

  it('fails when it takes too long, and tries once in a dry run', async () => {
    const connection = new Late(Number.POSITIVE_INFINITY)
    const controller = { sleep: async () => {} }
    const late = await runOn(wait_for_connection, { timeout: 0, sleep: 0 }, { connection, controller })
    expect(late.result).to.include({ failed: true, msg: 'timed out waiting for ping module test: no route' })
    const problem = await problemOf(runOn(wait_for_connection, {}, { connection, controller, checking: true }))
    expect(problem.code).to.equal('host-unreachable')
    expect(connection.tries).to.equal(2)
  })
})

describe('add_host, group_by and set_stats', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())
  const asks = async (name: string, given: Record<string, unknown>) => (await bench.apply(name, given)).request

  it('ask for a host with groups and variables', async () => {
    expect(await asks('add_host', { name: 'h9:2222', groups: 'a, b,,a', color: 'red' })).to.deep.equal({
      addHost: { name: 'h9', groups: ['a', 'b'], vars: { color: 'red', ansible_port: 2222 } },
    })
    expect(await asks('add_host', { hostname: '[2001:db8::1]:22', groupname: ['x'] })).to.deep.equal({
      addHost: { name: '2001:db8::1', groups: ['x'], vars: { ansible_port: 22 } },
    })
    expect(await asks('add_host', { host: '2001:db8::1' })).to.deep.equal({
      addHost: { name: '2001:db8::1', groups: [], vars: {} },
    })
  })

  it('ask for a group below others', async () => {
    expect(await asks('group_by', { key: 'a b' })).to.deep.equal({ addGroup: { name: 'a-b', parents: ['all'] } })
    expect(await asks('group_by', { key: 'x', parents: 'big ones' })).to.deep.equal({
      addGroup: { name: 'x', parents: ['big-ones'] },
    })
  })

  it('give figures, whose names are checked', async () => {
    expect(await asks('set_stats', { data: { n: 1 } })).to.deep.equal({
      stats: { data: { n: 1 }, perHost: false, aggregate: true },
    })
    expect((await problemOf(asks('set_stats', { data: { 'a-b': 1 } }))).message).to.equal(
      '"a-b" cannot be the name of a figure.',
    )
  })
})
