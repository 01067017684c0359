import type { Scope } from '../lang/scope.ts'
import type { Become, Connection } from '../wire/connection.ts'
import { LocalConnection } from '../wire/local.ts'
import type { Connections, Reach, ReachKeywords } from './connections.ts'
import type { RunOptions } from './options.ts'

/** Connections over the wire. */
export class WireConnections implements Connections {
  readonly #options: RunOptions
  readonly #local = new Map<string, Promise<Connection>>()
  constructor(options: RunOptions) {
    this.#options = options
  }

  reach(host: string, scope: Scope, keywords: ReachKeywords): Reach {
    return { connection: () => this.#open(host), as: this.#become(scope, keywords), facts: { kind: 'local', address: host, port: 22, user: '' } }
  }

  #become(scope: Scope, keywords: ReachKeywords): Become | undefined {
    const wanted = scope.get('ansible_become') ?? keywords.become ?? this.#options.become ?? false
    return wanted === true ? { method: 'sudo', user: 'root' } : undefined
  }

  #open(host: string): Promise<Connection> {
    let connection = this.#local.get(host)
    if (!connection) {
      const local = new LocalConnection(host)
      connection = local.open().then(() => local)
      this.#local.set(host, connection)
    }
    return connection
  }

  async reset(): Promise<void> {}
  roundTrips(): number {
    return 0
  }
  async close(): Promise<void> {
    for (const one of this.#local.values()) await (await one).close()
  }
}
