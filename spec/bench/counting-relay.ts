import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between two ends of TCP connections, hands everything on, and counts bytes both ways. */
export class CountingRelay {
  readonly address: string
  sent = 0
  received = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(address: string, to: { address: string; port: number }) {
    this.address = address
    this.#server = createServer((near) => {
      const far = connect(to.port, to.address)
      for (const [from, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from)
        from.setNoDelay(true)
        from.on('data', (chunk) => {
          if (from === near) this.sent += chunk.length
          else this.received += chunk.length
        })
        from.pipe(other)
        from.on('error', () => other.destroy())
        from.on('close', () => {
          this.#sockets.delete(from)
          other.destroy()
        })
      }
    })
  }

  /** Listens on the same port as the one it leads to. */
  static open(address: string, to: { address: string; port: number }): Promise<CountingRelay> {
    const relay = new CountingRelay(address, to)
    return new Promise((resolve, reject) => {
      relay.#server.once('error', reject)
      relay.#server.listen(to.port, address, () => resolve(relay))
    })
  }

  reset(): void {
    this.sent = 0
    this.received = 0
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
