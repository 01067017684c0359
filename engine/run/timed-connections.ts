import type { Readable } from 'node:stream'
import type { Event, SpanKind } from '../base/event.ts'
import type { Scope } from '../lang/scope.ts'
import type { Connection, Item, Reply, RunOptions, TransferOptions } from '../wire/connection.ts'
import type { Connections, Reach, ReachKeywords } from './connections.ts'

type Emit = (event: Event) => void

/** Connections that tell how long each connecting, round trip and transfer took; otherwise those they are made of. */
export class TimedConnections implements Connections {
  readonly #inner: Connections
  readonly #emit: Emit
  readonly #timed = new WeakMap<Connection, TimedConnection>()
  /** Who was asked for, and since when: many ask for a host's one connection. */
  readonly #asked = new Map<string, Map<string, Promise<Connection>>>()

  constructor(inner: Connections, emit: Emit) {
    this.#inner = inner
    this.#emit = emit
  }

  reach(host: string, scope: Scope, keywords: ReachKeywords): Reach {
    const reach = this.#inner.reach(host, scope, keywords)
    return { ...reach, connection: () => this.#connection(host, reach) }
  }

  async reset(host: string): Promise<void> {
    this.#asked.delete(host)
    await this.#inner.reset(host)
  }

  roundTrips(host: string): number {
    return this.#inner.roundTrips(host)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #connection(host: string, { way, connection }: Reach): Promise<Connection> {
    const ways = this.#asked.get(host) ?? new Map<string, Promise<Connection>>()
    this.#asked.set(host, ways)
    const asked = ways.get(way) ?? timed(connection, 'connect', host, this.#emit)
    ways.set(way, asked)
    return asked.then((opened) => {
      const known = this.#timed.get(opened) ?? new TimedConnection(opened, host, this.#emit)
      this.#timed.set(opened, known)
      return known
    })
  }
}

class TimedConnection implements Connection {
  readonly #inner: Connection
  readonly #emit: Emit
  readonly host: string

  constructor(inner: Connection, host: string, emit: Emit) {
    this.#inner = inner
    this.#emit = emit
    this.host = host
  }

  get roundTrips(): number {
    return this.#inner.roundTrips
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  run(items: readonly Item[], options: RunOptions = {}): Promise<Reply[]> {
    return timed(() => this.#inner.run(items, options), options.purpose ?? 'do', this.host, this.#emit, items.length)
  }

  put(content: Readable | Buffer, path: string, options?: TransferOptions): Promise<void> {
    return timed(() => this.#inner.put(content, path, options), 'send', this.host, this.#emit)
  }

  async get(path: string, options?: TransferOptions): Promise<Readable> {
    const started = performance.now()
    const stream = await this.#inner.get(path, options)
    stream.once('close', () =>
      this.#emit({ event: 'span', host: this.host, what: 'fetch', started, ended: performance.now() }),
    )
    return stream
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}

/** What fails took its time, too. */
async function timed<T>(
  work: () => Promise<T>,
  what: SpanKind,
  host: string,
  emit: Emit,
  scripts?: number,
): Promise<T> {
  const started = performance.now()
  try {
    return await work()
  } finally {
    const ended = performance.now()
    emit({ event: 'span', host, what, started, ended, ...(scripts === undefined ? {} : { scripts }) })
  }
}
