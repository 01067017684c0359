import type { Duplex } from 'node:stream'
import pLimit, { type LimitFunction } from 'p-limit'
import { Problem } from '../base/problem.ts'
import { proxyStream } from './proxy-command.ts'
import { type Endpoint, SshLink } from './ssh-link.ts'
import { Dropped } from './ssh-trouble.ts'

/** A default sshd drops handshakes from the tenth on (MaxStartups 10:30:100). */
const AT_ONE_SSHD = 8
/** Through one jump host: it opens a way for each, and its sshd counts only ourselves, so that distance may be made up for. */
const AT_ONE_JUMP = 32
/** A handshake computes for milliseconds, but of a far host it waits for most of a second: enough at once to fill that. */
const AT_ONCE = 64
const TRIES = 6

export interface Route {
  readonly target: Endpoint
  /** In the order they are passed. */
  readonly jumps: readonly Endpoint[]
  readonly proxyCommand?: string | undefined
}

interface Shared {
  readonly link: Promise<SshLink>
  users: number
}

/** Makes ssh connections: not too many at once, again when a busy sshd hangs up, and each jump host only once. */
export class Links {
  readonly #all = pLimit(AT_ONCE)
  readonly #gates = new Map<string, LimitFunction>()
  readonly #shared = new Map<string, Shared>()

  /** A link of one's own; closing it lets go of the jump hosts on the way. */
  async open(route: Route, signal?: AbortSignal): Promise<SshLink> {
    if (route.proxyCommand !== undefined && route.jumps.length === 0) {
      const { proxyCommand, target } = route
      // Most such commands are logins at one and the same host.
      const gates = [this.#gate(`proxy ${proxyCommand}`, AT_ONE_SSHD)]
      return this.#handshake(target, gates, async () => proxyStream(proxyCommand, target), signal)
    }
    const { target, jumps } = route
    const last = jumps.at(-1)
    if (!last) return this.#handshake(target, [this.#gate(at(target), AT_ONE_SSHD)], undefined, signal)
    const before = jumps.slice(0, -1)
    const jump = await this.#share(before, last, signal)
    try {
      const gates = [
        this.#gate(`by way of ${at(last)}`, AT_ONE_JUMP),
        this.#gate(`${at(last)} ${at(target)}`, AT_ONE_SSHD),
      ]
      const link = await this.#handshake(target, gates, () => this.#across(jump, last, target), signal)
      link.onLost(() => this.#release(before, last))
      return link
    } catch (thrown) {
      this.#release(before, last)
      throw thrown
    }
  }

  async #across(jump: SshLink, via: Endpoint, target: Endpoint): Promise<Duplex> {
    try {
      return await jump.forward(target.address, target.port)
    } catch (thrown) {
      const why =
        thrown instanceof Problem
          ? thrown.message.replace(/^.*?: (\(SSH\) )?(Channel open failure: )?/, '')
          : String(thrown)
      throw new Problem(
        'host-unreachable',
        `${target.host} (${target.address} port ${target.port}) cannot be reached by way of ${via.address}: ${why}`,
        {
          host: target.host,
          hint: `Is the host up, and may ${via.address} forward to it (AllowTcpForwarding in its sshd_config)?`,
        },
      )
    }
  }

  async #share(before: readonly Endpoint[], jump: Endpoint, signal?: AbortSignal): Promise<SshLink> {
    const key = [...before, jump].map(at).join(' ')
    let shared = this.#shared.get(key)
    if (!shared) {
      const link = this.open({ target: jump, jumps: before }, signal)
      shared = { link, users: 0 }
      this.#shared.set(key, shared)
      const forget = () => {
        if (this.#shared.get(key)?.link === link) this.#shared.delete(key)
      }
      link.then((opened) => opened.onLost(forget), forget)
    }
    shared.users += 1
    return shared.link
  }

  #release(before: readonly Endpoint[], jump: Endpoint): void {
    const key = [...before, jump].map(at).join(' ')
    const shared = this.#shared.get(key)
    if (!shared) return
    shared.users -= 1
    if (shared.users > 0) return
    this.#shared.delete(key)
    void shared.link.then(
      (link) => link.close(),
      () => {},
    )
  }

  #gate(name: string, width: number): LimitFunction {
    let gate = this.#gates.get(name)
    if (!gate) {
      gate = pLimit(width)
      this.#gates.set(name, gate)
    }
    return gate
  }

  async #handshake(
    endpoint: Endpoint,
    gates: readonly LimitFunction[],
    way: (() => Promise<Duplex>) | undefined,
    signal?: AbortSignal,
  ): Promise<SshLink> {
    const through = [...gates, this.#all].reduceRight<(work: () => Promise<void>) => Promise<void>>(
      (inner, gate) => (work) => gate(() => inner(work)),
      (work) => work(),
    )
    // The next one is let in a moment later than this one is given.
    const open = () =>
      new Promise<SshLink>((resolve, reject) => {
        through(async () => {
          const link = await SshLink.open(endpoint, await way?.(), signal)
          resolve(link)
          await link.admitted
        }).catch(reject)
      })
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await open()
      } catch (thrown) {
        if (!(thrown instanceof Dropped)) throw thrown
        if (attempt === TRIES || signal?.aborted) throw thrown.problem
        // Apart from each other, or all that were dropped together are dropped together again.
        await new Promise((resolve) => setTimeout(resolve, 150 * 2 ** (attempt - 1) * (0.5 + Math.random())))
      }
    }
  }
}

function at(endpoint: Endpoint): string {
  return `${endpoint.user}@${endpoint.address}:${endpoint.port}`
}
