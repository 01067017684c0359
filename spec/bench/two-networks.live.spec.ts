import { expect } from 'chai'
import { attempt } from '../lab/command.ts'
import { needsLab } from '../lab/live.ts'
import { TwoNetworks } from './two-networks.ts'

/** Sends `turns` bytes, each when the one before came back; then prints the milliseconds from before connecting. */
const client = (turns: number, connections: number) => `
  const { connect } = require('node:net')
  const begun = performance.now()
  const visit = () => new Promise((resolve) => {
    let left = ${turns}
    const socket = connect(7007, '10.77.3.4', () => socket.write('x'))
    socket.setNoDelay(true)
    socket.on('data', () => (--left > 0 ? socket.write('x') : socket.end()))
    socket.on('close', resolve)
  })
  Promise.all(Array.from({ length: ${connections} }, visit)).then(() => console.log(performance.now() - begun))`

/** Sends back what comes, and ends after so many connections. */
const server = (connections: number) => `
  const { createServer } = require('node:net')
  let left = ${connections}
  const server = createServer((socket) => socket.pipe(socket).on('close', () => --left > 0 || server.close()))
  server.listen(7007, '10.77.3.4', () => console.log('listening'))`

describe('two networks', function () {
  this.timeout(30_000)
  let networks: TwoNetworks
  before(needsLab)
  afterEach(() => networks?.close())

  const at = (network: string, script: string, line?: (text: string) => unknown) =>
    attempt(
      ['nsenter', `--net=${network}`, process.execPath, '-e', script],
      line ? { line: (text) => void line(text) } : {},
    )

  /** Milliseconds that `turns` turns took on each of so many connections, all at once. */
  async function took(turns: number, connections: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      at(networks.far, server(connections), (line) => line === 'listening' && resolve()).catch(reject)
    })
    const { status, stdout, stderr } = await at(networks.near, client(turns, connections))
    expect(status, stderr).to.equal(0)
    return Number(stdout)
  }

  const open = async (roundTrip: number) => {
    networks = await TwoNetworks.open(roundTrip)
  }

  it('delay every turn by as much as asked, and the beginning of a connection', async () => {
    await open(40)
    expect(await took(9, 1)).to.be.at.least(400)
  })

  it('delay what is on the way at the same time by no more than each alone', async () => {
    await open(40)
    expect(await took(9, 20))
      .to.be.at.least(400)
      .and.lessThan(4000)
  })

  it('count turns and bytes of what went through', async () => {
    await open(20)
    await networks.passed()
    await took(9, 3)
    const { turns, bytes } = (await networks.passed())!
    // each: to connect, nine bytes, and the end is said while the far side spoke last
    expect(turns).to.equal(3 * 10)
    expect(bytes).to.be.greaterThan(3 * 18)
    expect((await networks.passed())!.turns).to.equal(0)
  })

  it('lead nowhere else', async () => {
    await open(0)
    expect(await took(9, 1)).to.be.lessThan(400)
    expect(await networks.passed()).to.equal(undefined)
    const outside = await attempt(['nsenter', `--net=${networks.near}`, 'ip', 'route', 'get', '203.0.113.1'])
    expect(outside.status).not.to.equal(0)
  })
})
