import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { Problem } from '../base/problem.ts'
import { connectGathering } from './gathering.ts'
import { type HostKeyChecking, HostKeys } from './host-key.ts'
import { Login, type LoginSettings } from './login.ts'
import { loadKey } from './private-key.ts'
import type { Ending, Process } from './process.ts'
import { execAtOnce, onAdmitted, takeShortcuts } from './ssh-shortcuts.ts'
import { type Dropped, dropped, explain } from './ssh-trouble.ts'

export interface Endpoint extends LoginSettings {
  readonly port: number
  readonly hostKeyChecking: HostKeyChecking
  readonly knownHostsFiles: readonly string[]
  readonly hostKeyAlias?: string | undefined
  /** Milliseconds to connect and log in. */
  readonly timeout: number
  /** Milliseconds between signs of life; the connection is lost after `keepaliveCount` without an answer. */
  readonly keepalive: number
  readonly keepaliveCount: number
}

/** Milliseconds after which a host that says nothing is taken to have let us in. */
const LATEST_ADMITTED = 1000

/** One logged-in ssh connection. */
export class SshLink {
  readonly endpoint: Endpoint
  readonly #client: Client
  /** Its own, not a stream by way of a jump host. */
  readonly #socket: Socket | undefined
  #lost: string | undefined
  #closing = false
  readonly #onLost = new Set<() => void>()
  /** When the host counts this connection as logged in: that may be a moment after it said so. */
  readonly admitted: Promise<void>

  private constructor(endpoint: Endpoint, client: Client, socket: Socket | undefined, admitted: Promise<void>) {
    this.endpoint = endpoint
    this.#client = client
    this.#socket = socket
    this.admitted = new Promise((resolve) => {
      const late = setTimeout(resolve, LATEST_ADMITTED)
      const settle = () => {
        clearTimeout(late)
        resolve()
      }
      void admitted.then(settle)
      this.onLost(settle)
    })
    client.on('error', (error) => {
      this.#lost ??= error.message === 'Keepalive timeout' ? 'the host no longer answers' : error.message
    })
    client.on('close', () => {
      this.#lost ??= this.#closing ? 'it was closed' : 'the host closed the connection'
      for (const tell of this.#onLost) tell()
      this.#onLost.clear()
    })
  }

  /** Throws host-unreachable, host-key, host-auth; a Dropped when trying again can help. `through` is a stream by way of a jump host. */
  static async open(endpoint: Endpoint, through?: Duplex, signal?: AbortSignal): Promise<SshLink> {
    const keys = await HostKeys.read({
      host: endpoint.host,
      address: endpoint.address,
      port: endpoint.port,
      alias: endpoint.hostKeyAlias,
      checking: endpoint.hostKeyChecking,
      files: endpoint.knownHostsFiles,
    })
    // A passphrase is asked for before the clock of the handshake runs.
    if (endpoint.passphrase) for (const file of endpoint.keyFiles) await loadKey(file, endpoint.passphrase)
    const login = new Login(endpoint)
    const client = new ssh2.Client()
    let distrust: unknown
    let socket: Socket | undefined
    let tellAdmitted!: () => void
    const admitted = new Promise<void>((resolve) => {
      tellAdmitted = resolve
    })
    await new Promise<void>((resolve, reject) => {
      let settled = false
      const fail = (reason: Problem | Dropped) => {
        if (settled) return
        settled = true
        reject(reason)
        client.destroy()
        through?.destroy()
      }
      const onAbort = () => fail(notWanted(endpoint))
      signal?.addEventListener('abort', onAbort, { once: true })
      client.once('close', () => signal?.removeEventListener('abort', onAbort))
      if (signal?.aborted) return onAbort()
      client.on('error', (error: Error & { level?: string }) => {
        if (error.level === 'agent') return login.note(`the agent (${error.message})`)
        if (distrust !== undefined) return fail(distrust as Problem)
        if (error.level === 'client-authentication') return fail(login.problem())
        fail(explain(error, endpoint))
      })
      client.on('close', () => fail(distrust === undefined ? dropped(endpoint) : (distrust as Problem)))
      client.once('ready', () => {
        settled = true
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      // Not before: who is not wanted any more has none left open.
      if (!through) socket = connectGathering(endpoint.address, endpoint.port)
      const config: ConnectConfig = {
        username: endpoint.user,
        readyTimeout: endpoint.timeout,
        keepaliveInterval: endpoint.keepalive,
        keepaliveCountMax: endpoint.keepaliveCount,
        algorithms: { serverHostKey: keys.algorithms() as never },
        hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
          void keys.check(key).then(
            () => verify(true),
            (problem) => {
              distrust = problem
              verify(false)
            },
          )
        },
        authHandler: login.handler,
        sock: (through ?? socket) as never,
      }
      try {
        client.connect(config)
        takeShortcuts(client)
        onAdmitted(client, tellAdmitted)
      } catch (error) {
        fail(explain(error as Error, endpoint))
      }
    })
    return new SshLink(endpoint, client, socket, admitted)
  }

  /** Why it is gone, once it is. */
  get lost(): string | undefined {
    return this.#lost
  }

  /** Tells once; returns how to want it no more. */
  onLost(tell: () => void): () => void {
    this.#onLost.add(tell)
    return () => void this.#onLost.delete(tell)
  }

  async exec(command: string): Promise<Process> {
    let status: number | undefined
    let signal: string | undefined
    let settle!: (end: Ending) => void
    const ended = new Promise<Ending>((resolve) => {
      settle = resolve
    })
    const gone = (): Ending => ({ lost: this.#lost ?? 'the host closed the session' })
    // A command that ends at once has its end in the same packet as its beginning: listen before anything else runs.
    const listen = (channel: ClientChannel) => {
      channel.on('exit', (code: number | null, name?: string) => {
        if (code === null) signal = name ? `SIG${name.replace(/^SIG/, '')}` : 'a signal'
        else status = code
      })
      channel.on('close', () => settle(status !== undefined ? { status } : signal !== undefined ? { signal } : gone()))
      channel.on('error', () => {})
    }
    const refused = (error: Error) => settle({ lost: `the host does not run commands: ${error.message}` })
    const channel = await this.#opened<ClientChannel>(
      'a session',
      (done) => execAtOnce(this.#client, command, done, refused),
      listen,
    )
    const unsubscribe = this.onLost(() => settle(gone()))
    void ended.then(unsubscribe)
    return {
      stdin: channel.stdin as never,
      stdout: channel,
      stderr: channel.stderr as never,
      ended,
      drop: () => {
        settle({ lost: this.#lost ?? 'it was cut off' })
        channel.stderr.resume()
        channel.resume()
        channel.close()
      },
    }
  }

  /** A stream to a port that this host can reach: how a jump host is used. */
  forward(address: string, port: number): Promise<Duplex> {
    return this.#opened<Duplex>(`a way to ${address} port ${port}`, (done) =>
      this.#client.forwardOut('127.0.0.1', 0, address, port, done as never),
    )
  }

  /**
   * Says goodbye; what runs on the host meets the end of its input. The host's own goodbye is waited for only where this one
   * could be lost with the link that it goes through: with a socket of its own it is on its way.
   */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#lost !== undefined) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#client.destroy()
        resolve()
      }, 1000)
      this.onLost(() => {
        clearTimeout(timer)
        resolve()
      })
      this.#socket?.once('finish', () => this.#socket!.destroy())
      this.#client.end()
    })
  }

  #opened<T>(
    what: string,
    open: (done: (error: Error | undefined, stream: T) => void) => void,
    listen: (stream: T) => void = () => {},
  ): Promise<T> {
    const { host } = this.endpoint
    return new Promise<T>((resolve, reject) => {
      const refuse = (why: string) => {
        const hint = /Channel open failure|open failed/i.test(why)
          ? "The host's sshd refused it: look at MaxSessions, AllowTcpForwarding and its log."
          : 'Look at the host, then run again.'
        reject(new Problem('host-unreachable', `${host} gave no ${what.replace(/^a /, '')}: ${why}`, { host, hint }))
      }
      if (this.#lost !== undefined) return refuse(this.#lost)
      const unsubscribe = this.onLost(() => refuse(this.#lost ?? 'the connection was lost'))
      try {
        open((error, stream) => {
          unsubscribe()
          if (error) refuse(error.message.replace(/^\(SSH\) /, ''))
          else {
            listen(stream)
            resolve(stream)
          }
        })
      } catch (error) {
        refuse((error as Error).message)
      }
    })
  }
}

function notWanted({ host }: Endpoint): Problem {
  return new Problem('interrupted', `connecting to ${host} was abandoned because the run was interrupted`, { host })
}
