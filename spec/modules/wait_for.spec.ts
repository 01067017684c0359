import { rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

describe('wait_for', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())
  const wait = async (given: Record<string, unknown>) => (await bench.apply('wait_for', given)).result

  it('waits for a file, its text, and its end, in one round trip', async () => {
    setTimeout(() => writeFileSync(bench.path('flag'), 'not yet\n'), 300)
    setTimeout(() => writeFileSync(bench.path('flag'), 'ready 42\n'), 1300)
    setTimeout(() => rmSync(bench.path('flag')), 3500)
    const before = bench.connection.roundTrips
    const result = await wait({ path: bench.path('flag'), search_regex: '^ready \\d+$', timeout: 10 })
    expect(bench.connection.roundTrips - before).to.equal(1)
    expect(result.elapsed).to.be.within(1, 3)
    expect((await wait({ path: bench.path('flag'), state: 'absent', timeout: 10 })).failed).to.equal(undefined)
  })

  it('waits for a port, and for its end', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('220 hello\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await wait({ port, timeout: 5 })).to.include({ changed: false, port, state: 'started' })
    expect((await wait({ port, search_regex: 'hello', timeout: 5 })).failed).to.equal(undefined)
    expect((await wait({ port, state: 'stopped', timeout: 1 })).msg).to.equal(
      `Timeout when waiting for 127.0.0.1:${port} to stop.`,
    )
    server.close()
    expect((await wait({ port, state: 'stopped', timeout: 5 })).failed).to.equal(undefined)
    expect((await wait({ port, state: 'drained', timeout: 5, exclude_hosts: ['127.0.0.1'] })).failed).to.equal(
      undefined,
    )
    expect((await wait({ port, timeout: 1 })).msg).to.equal(`Timeout when waiting for 127.0.0.1:${port}`)
  })

  it('says what was asked for when it fails, and does not wait in a dry run', async () => {
    expect((await wait({ path: bench.path('none'), timeout: 1, msg: 'etcd is not up' })).msg).to.equal('etcd is not up')
    const start = Date.now()
    const { result } = await bench.check('wait_for', { path: bench.path('none'), timeout: 100, delay: 100 })
    expect(result.msg).to.equal(`Timeout when waiting for file ${bench.path('none')}`)
    bench.memory.unmade = 1
    const early = (await bench.check('wait_for', { path: bench.path('none') })).result
    expect(early).to.include({ changed: false }).and.not.have.any.keys('failed', 'may_change')
    expect(early.unverified).to.contain('rests on changes that a dry run does not make')
    expect(Date.now() - start).to.be.below(2000)
  })

  /** A character is a byte. */
  const found = async (text: string, search_regex: string) => {
    writeFileSync(bench.path('log'), text, 'latin1')
    const { failed, match_groups, match_groupdict } = await wait({ path: bench.path('log'), search_regex, timeout: 1 })
    return failed ? 'not found' : [match_groups, match_groupdict]
  }

  it('tells what the groups of the pattern caught', async () => {
    const log = 'starting\nup: port 8080, pid 17\nup: port 9090, pid 18\n'
    expect(await found(log, 'port (\\d+)(, none)?')).to.deep.equal([['8080', null], {}])
    expect(await found(log, '(?i)PORT (?P<port>[\\d]+), pid (?P<pid>\\d+?)$')).to.deep.equal([
      ['8080', '17'],
      { port: '8080', pid: '17' },
    ])
    expect(await found(log, 'pid 17\\nup: port (\\d+)')).to.deep.equal([['9090'], {}])
    expect(
      await found(Buffer.from('größe ', 'utf8').toString('latin1').concat('\xff 1\n'), '^(größe) . (\\d)'),
    ).to.deep.equal([['größe', '1'], {}])
    expect(await found(log, 'port')).to.deep.equal([[], {}])
    expect(await found('a\n\nb\n', '^$')).to.deep.equal([[], {}])
    expect(await found(log, 'port (?!8080|9090)')).to.equal('not found')
  })

  it('tells what the groups caught of what a port said', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('220 mail.example ESMTP\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { match_groupdict } = await wait({ port, search_regex: '^220 (?P<name>\\S+)', timeout: 5 })
    server.close()
    expect(match_groupdict).to.deep.equal({ name: 'mail.example' })
  })

  it('does not wait for what is no pattern', async () => {
    const start = Date.now()
    const problem = await problemOf(
      bench.apply('wait_for', { path: bench.path('none'), search_regex: 'a(b', timeout: 20 }),
    )
    expect(problem.message).to.contain('"search_regex" of wait_for cannot be "a(b": the ( is not closed.')
    expect(Date.now() - start).to.be.below(2000)
  })

  it('counts the connections in the states that are named', async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => void sockets.push(socket.on('error', () => {})))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const client = connect(port, '127.0.0.1').on('error', () => {})
    await new Promise((resolve) => client.once('connect', resolve))
    const drained = async (active_connection_states?: string[]) =>
      (
        await wait({
          port,
          state: 'drained',
          timeout: 0,
          ...(active_connection_states && { active_connection_states }),
        })
      ).failed !== true
    try {
      expect(await drained()).to.equal(false)
      expect(await drained(['ESTABLISHED'])).to.equal(false)
      expect(await drained(['SYN_SENT', 'CLOSE_WAIT'])).to.equal(true)
      expect(await drained([])).to.equal(true)
    } finally {
      for (const socket of [client, ...sockets]) socket.destroy()
      server.close()
    }
  })

  it('is drained for the address that it was asked for, of either kind', async () => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '::', resolve))
    const { port } = server.address() as AddressInfo
    const client = async (address: string) => {
      const socket = connect(port, address)
      await new Promise((resolve) => socket.once('connect', resolve))
      return socket
    }
    const drained = async (more: Record<string, unknown>) =>
      (await wait({ port, state: 'drained', timeout: 0, ...more })).failed !== true
    const v4 = await client('127.0.0.2')
    let v6: Socket | undefined
    let named: Socket | undefined
    try {
      expect(await drained({})).to.equal(true)
      expect(await drained({ host: '127.0.0.2' })).to.equal(false)
      expect(await drained({ host: '0.0.0.0' })).to.equal(false)
      expect(await drained({ host: '127.0.0.2', exclude_hosts: ['127.0.0.2', '127.0.0.1'] })).to.equal(true)
      expect(await drained({ host: '::1' })).to.equal(true)
      v6 = await client('::1')
      expect(await drained({ host: '::1' })).to.equal(false)
      expect(await drained({ host: '::1', exclude_hosts: ['0:0::1'] })).to.equal(true)
      expect(await drained({ host: 'localhost' })).to.equal(true)
      named = await client('127.0.0.1')
      expect(await drained({ host: 'localhost' })).to.equal(false)
      expect((await wait({ port, state: 'drained', host: 'no such host' })).msg).to.equal(
        'The host knows no address of no such host.',
      )
    } finally {
      for (const socket of [v4, v6, named]) socket?.destroy()
      server.close()
    }
  })
})
