import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import type { Connections, Reach } from '../../engine/run/connections.ts'
import { TimedConnections } from '../../engine/run/timed-connections.ts'
import { LocalConnection } from '../../engine/wire/local.ts'

describe('timed connections', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-timed-'))
  after(() => rmSync(folder, { recursive: true }))

  it('tell of one connecting however many ask, and again after a reset', async () => {
    const spans: Extract<Event, { event: 'span' }>[] = []
    let opened = 0
    const connection = new LocalConnection('h')
    const inner = {
      reach: () =>
        ({
          connection: async () => {
            opened++
            await connection.open()
            return connection
          },
          way: 'local',
        }) as unknown as Reach,
      reset: async () => {},
      roundTrips: () => connection.roundTrips,
      close: () => connection.close(),
    } satisfies Connections
    const timed = new TimedConnections(inner, (event) => event.event === 'span' && spans.push(event))
    const reach = timed.reach('h', undefined as never, {})
    const [one, two] = await Promise.all([reach.connection(), reach.connection()])
    expect(one).to.equal(two)
    expect(opened).to.equal(1)
    const [reply] = await one.run([{ script: 'echo x' }], { purpose: 'look' })
    expect(String(reply!.stdout)).to.equal('x\n')
    await one.put(Buffer.from('y'), join(folder, 'sent'))
    expect(readFileSync(join(folder, 'sent'), 'utf8')).to.equal('y')
    for await (const chunk of await one.get(join(folder, 'sent'))) expect(String(chunk)).to.equal('y')
    await timed.reset('h')
    await timed.reach('h', undefined as never, {}).connection()
    await timed.close()
    expect(spans.map(({ what, scripts }) => [what, scripts])).to.deep.equal([
      ['connect', undefined],
      ['look', 1],
      ['send', undefined],
      ['fetch', undefined],
      ['connect', undefined],
    ])
    for (const { started, ended } of spans) expect(ended).to.be.at.least(started)
  })
})
