import { expect } from 'chai'
import { MemoryConnection } from '../../engine/wire/memory.ts'
import { drain } from './connection.contract.ts'

describe('memory connection', () => {
  it('answers from its script, records what was asked, and stops as a host would', async () => {
    const connection = new MemoryConnection('h', (script) =>
      script === 'bad' ? { status: 2, stderr: 'no' } : `did ${script}`,
    )
    const as = { method: 'sudo', user: 'root' } as const
    const replies = await connection.run([{ script: 'a' }, { script: 'bad' }, { script: 'c' }], {
      stopOnFailure: true,
      as,
    })
    expect(replies.map((reply) => [reply.status, `${reply.stdout}`, `${reply.stderr}`])).to.deep.equal([
      [0, 'did a', ''],
      [2, '', 'no'],
    ])
    expect(connection.asked).to.deep.equal([
      { script: 'a', as },
      { script: 'bad', as },
    ])
    expect(connection.roundTrips).to.equal(1)
  })

  it('keeps files', async () => {
    const connection = new MemoryConnection('h')
    await connection.put(Buffer.from('text'), '/f')
    expect((await drain(await connection.get('/f'))).toString()).to.equal('text')
    const missing = await connection.get('/none').then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    expect(missing?.message).to.include('No such file')
  })
})
