import type { Scope } from '../lang/scope.ts'
import type { Become } from '../wire/connection.ts'
import { Pool } from '../wire/pool.ts'
import { becomeFrom, type ConnectDefaults, type ConnectSettings, settingsFrom } from '../wire/settings.ts'
import type { Connections, Reach, ReachKeywords } from './connections.ts'
import type { RunOptions } from './options.ts'

/** Connections over the wire: a host's variables win over keywords, and those over the command line, as in Ansible. */
export class WireConnections implements Connections {
  readonly #options: RunOptions
  readonly #pool = new Pool()

  constructor(options: RunOptions) {
    this.#options = options
  }

  reach(host: string, scope: Scope, keywords: ReachKeywords): Reach {
    const settings = settingsFrom(host, (name) => scope.get(name), this.#defaults(keywords))
    const chosen: ConnectSettings =
      keywords.port === undefined || settings.port !== undefined ? settings : { ...settings, port: keywords.port }
    return {
      connection: () => this.#pool.get(chosen),
      as: this.#become(host, scope, keywords),
      facts: { kind: chosen.connection, address: chosen.address, port: chosen.port ?? 22, user: chosen.user ?? '' },
      way: `${chosen.connection} ${chosen.user ?? ''}@${chosen.address}:${chosen.port ?? ''}`,
    }
  }

  reset(host: string): Promise<void> {
    return this.#pool.reset(host)
  }

  roundTrips(host: string): number {
    return this.#pool.roundTrips(host)
  }

  /** Waits no longer for hosts that have not let us in yet. */
  abandon(): void {
    this.#pool.abandon()
  }

  close(): Promise<void> {
    return this.#pool.close()
  }

  #defaults(keywords: ReachKeywords): ConnectDefaults {
    const options = this.#options
    return {
      connection: keywords.connection === undefined ? undefined : (keywords.connection as 'ssh' | 'local'),
      user: keywords.remote_user ?? options.user,
      password: options.connectionPassword,
      privateKeyFile: options.privateKey,
      hostKeyChecking: options.hostKeys,
      timeout: options.timeout === undefined ? undefined : options.timeout * 1000,
      passphrase: options.ask && ((file) => options.ask!(`Passphrase of ${file}: `, { hidden: true })),
    }
  }

  #become(host: string, scope: Scope, keywords: ReachKeywords): Become | undefined {
    const given = scope.get('ansible_become')
    const wanted =
      given === undefined || given === null
        ? (keywords.become ?? this.#options.become ?? false)
        : /^(true|yes|on|1)$/i.test(String(given))
    if (!wanted) return undefined
    return becomeFrom(host, (name) => scope.get(name), {
      method: keywords.become_method ?? this.#options.becomeMethod,
      user: keywords.become_user ?? this.#options.becomeUser,
      password: this.#options.becomePassword,
      flags: keywords.become_flags,
    })
  }
}
