import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import { connectGathering } from '../../engine/wire/gathering.ts'

describe('a gathering connection', () => {
  it('holds what is written until the turn ends, and no longer', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connectGathering('127.0.0.1', (server.address() as AddressInfo).port)
    const [[there]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[Socket], unknown]
    let heard = ''
    there.on('data', (part) => {
      heard += part
    })
    try {
      for (const word of ['one', 'two']) {
        for (const letter of word) socket.write(letter)
        expect(socket.writableLength, 'held').to.equal(3)
        expect(socket.writableCorked).to.equal(1)
        await new Promise((resolve) => setImmediate(resolve))
        expect(socket.writableCorked, 'sent').to.equal(0)
        await once(there, 'data')
      }
      for (const letter of 'end') socket.write(letter)
      socket.end()
      await once(there, 'end')
      expect(heard).to.equal('onetwoend')
    } finally {
      there.destroy()
      server.close()
    }
  })
})
