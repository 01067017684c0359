import { turn } from '../base/turn.ts'
import type { Connection } from './connection.ts'
import { Links } from './links.ts'
import { type ConnectSettings, connect } from './settings.ts'

interface Entry {
  readonly connection: Connection
  readonly opened: Promise<Connection>
  settled: boolean
}

/**
 * One open connection for each host and way to connect to it, however many ask at once. A host that could not be
 * connected to stays so: the same Problem is given to all who ask, until `reset`.
 */
export class Pool {
  readonly #make: (settings: ConnectSettings) => Connection
  readonly #entries = new Map<string, Entry>()
  readonly #hosts = new Map<string, Set<string>>()
  readonly #closedTrips = new Map<string, number>()

  constructor(make?: (settings: ConnectSettings) => Connection) {
    const links = new Links()
    this.#make = make ?? ((settings) => connect(settings, links))
  }

  /** Throws host-unreachable, host-key or host-auth. */
  get(settings: ConnectSettings): Promise<Connection> {
    const { passphrase: _, ...plain } = settings
    const key = JSON.stringify(plain, Object.keys(plain).concat(Object.keys(plain.options)).sort())
    let entry = this.#entries.get(key)
    if (!entry) {
      const connection = this.#make(settings)
      const opened = connection.open().then(() => connection)
      const made: Entry = { connection, opened, settled: false }
      const settle = () => {
        made.settled = true
      }
      opened.then(settle, settle)
      entry = made
      this.#entries.set(key, entry)
      this.#hosts.set(settings.host, (this.#hosts.get(settings.host) ?? new Set()).add(key))
    }
    return entry.opened
  }

  /** Round trips to a host so far, connections that are closed again included. */
  roundTrips(host: string): number {
    const open = [...(this.#hosts.get(host) ?? [])].map((key) => this.#entries.get(key)?.connection.roundTrips ?? 0)
    return open.reduce((sum, trips) => sum + trips, this.#closedTrips.get(host) ?? 0)
  }

  /** Closes what is open to a host and forgets its failures: the next `get` connects anew. */
  async reset(host: string): Promise<void> {
    const trips = this.roundTrips(host)
    const keys = [...(this.#hosts.get(host) ?? [])]
    const entries = keys.map((key) => this.#entries.get(key)!)
    for (const key of keys) this.#entries.delete(key)
    this.#hosts.delete(host)
    await Promise.all(entries.map((entry) => entry.connection.close()))
    this.#closedTrips.set(host, trips)
  }

  /** Waits no longer for hosts that have not let us in yet. */
  abandon(): void {
    for (const { connection, settled } of this.#entries.values()) if (!settled) void connection.close()
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#hosts.keys()].map(async (host) => {
        await turn()
        await this.reset(host)
      }),
    )
  }
}
