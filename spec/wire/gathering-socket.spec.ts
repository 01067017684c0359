import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import { GatheringSocket } from '../../engine/wire/gathering-socket.ts'

describe('a gathering socket', () => {
  it('sends together what is written in one turn, and at once', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = new GatheringSocket()
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1')
    const [[there]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[Socket], unknown]
    const packets: string[] = []
    there.on('data', (packet) => packets.push(packet.toString()))
    try {
      for (const packet of ['one', 'two']) {
        for (const letter of packet) socket.write(letter)
        await once(there, 'data')
      }
      for (const letter of 'end') socket.write(letter)
      socket.end()
      await once(there, 'end')
      expect(packets).to.deep.equal(['one', 'two', 'end'])
    } finally {
      there.destroy()
      server.close()
    }
  })
})
