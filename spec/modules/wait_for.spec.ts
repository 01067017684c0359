import { rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { Workbench } from './workbench.ts'

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
})
