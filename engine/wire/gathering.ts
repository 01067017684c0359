import { connect, type Socket } from 'node:net'

/**
 * A TCP connection that sends together what is written in one turn, without waiting for more. Where ssh2's native part could not
 * be compiled, it writes a packet in three parts: each would be a call, and a packet of its own on the line.
 */
export function connectGathering(host: string, port: number): Socket {
  const socket = connect({ host, port, noDelay: true })
  const write = socket.write.bind(socket) as (...words: unknown[]) => boolean
  socket.write = (...words: unknown[]) => {
    if (socket.writableCorked === 0) {
      socket.cork()
      process.nextTick(() => socket.uncork())
    }
    return write(...words)
  }
  return socket
}
