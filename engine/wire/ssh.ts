import type { Readable } from 'node:stream'
import { Problem } from '../base/problem.ts'
import type { Item, Reply, RunOptions, TransferOptions } from './connection.ts'
import { Links, type Route } from './links.ts'
import { PosixConnection } from './posix.ts'
import type { Process } from './process.ts'
import type { SshLink } from './ssh-link.ts'

/** A host over ssh: one connection, on it one shell a user. */
export class SshConnection extends PosixConnection {
  readonly #route: () => Promise<Route>
  readonly #links: Links
  #user = ''
  #link: SshLink | undefined
  #opening: Promise<void> | undefined
  #busy = 0
  #broken = false
  #closed = false
  /** Ends what is still being opened when nobody wants it any more. */
  readonly #unwanted = new AbortController()
  #reopening: Promise<void> | undefined

  constructor(host: string, route: () => Promise<Route>, links = new Links()) {
    super(host)
    this.#route = route
    this.#links = links
  }

  protected get user(): string {
    return this.#user
  }

  open(): Promise<void> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  async #open(): Promise<void> {
    const route = await this.#route()
    this.#user = route.target.user
    const link = await this.#links.open(route, this.#unwanted.signal).catch((thrown) => {
      throw this.#own(thrown)
    })
    this.#link = link
    link.onLost(() => {
      this.#broken ||= this.#busy > 0
    })
  }

  /** A jump host's problem is shared by all hosts behind it; each tells it as its own. */
  #own(thrown: unknown): unknown {
    if (!(thrown instanceof Problem) || thrown.host === this.host) return thrown
    const { code, message, hint, cause } = thrown
    return new Problem(code, `${this.host} is reached by way of another host, and that fails: ${message}`, {
      host: this.host,
      hint,
      cause,
    })
  }

  override async run(items: readonly Item[], options?: RunOptions): Promise<Reply[]> {
    return this.#during(() => super.run(items, options))
  }

  override async put(content: Readable | Buffer, path: string, options?: TransferOptions): Promise<void> {
    return this.#during(() => super.put(content, path, options))
  }

  override async get(path: string, options?: TransferOptions): Promise<Readable> {
    return this.#during(() => super.get(path, options))
  }

  async #during<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1
    try {
      return await work()
    } finally {
      this.#busy -= 1
    }
  }

  protected async launch(command: string): Promise<Process> {
    if (!this.#link) {
      throw new Problem('internal', `${this.host} is used before it is connected to`, { host: this.host })
    }
    if (this.#link.lost !== undefined) await this.#again(this.#link.lost)
    return this.#link.exec(command)
  }

  /** Lost while nothing was running there: nothing can be half done, so connecting again is safe. */
  async #again(lost: string): Promise<void> {
    if (this.#broken || this.#closed) {
      throw new Problem('host-unreachable', `the connection to ${this.host} was lost: ${lost}`, {
        host: this.host,
        hint: 'Look at the host, then run again: what is already right is left alone.',
      })
    }
    this.#reopening ??= this.#open().finally(() => {
      this.#reopening = undefined
    })
    await this.#reopening
  }

  protected override get parting(): boolean {
    return this.#closed
  }

  override async close(): Promise<void> {
    this.#closed = true
    this.#unwanted.abort()
    await this.#opening?.catch(() => {})
    if (this.#link && this.#link.lost === undefined) await super.close()
    await this.#link?.close()
  }
}
