import type { Readable } from 'node:stream'
import type { Scope } from '../lang/scope.ts'
import type { Connections, Reach, ReachKeywords } from '../run/connections.ts'
import type { Connection, Item, Reply, RunOptions, TransferOptions } from '../wire/connection.ts'

/** Tells when something begins to be done on a host, looks left aside. */
export class WatchedConnections implements Connections {
  readonly #inner: Connections
  readonly #doing: () => void

  constructor(inner: Connections, doing: () => void) {
    this.#inner = inner
    this.#doing = doing
  }

  reach(host: string, scope: Scope, keywords: ReachKeywords): Reach {
    const reach = this.#inner.reach(host, scope, keywords)
    return { ...reach, connection: async () => new WatchedConnection(await reach.connection(), this.#doing) }
  }

  reset(host: string): Promise<void> {
    return this.#inner.reset(host)
  }

  roundTrips(host: string): number {
    return this.#inner.roundTrips(host)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}

class WatchedConnection implements Connection {
  readonly #inner: Connection
  readonly #doing: () => void

  constructor(inner: Connection, doing: () => void) {
    this.#inner = inner
    this.#doing = doing
  }

  get host(): string {
    return this.#inner.host
  }

  get roundTrips(): number {
    return this.#inner.roundTrips
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  run(items: readonly Item[], options?: RunOptions): Promise<Reply[]> {
    const replies = this.#inner.run(items, options)
    if (options?.purpose !== 'look') this.#doing()
    return replies
  }

  put(content: Readable | Buffer, path: string, options?: TransferOptions): Promise<void> {
    const sent = this.#inner.put(content, path, options)
    this.#doing()
    return sent
  }

  get(path: string, options?: TransferOptions): Promise<Readable> {
    return this.#inner.get(path, options)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
