import type { Readable } from 'node:stream'
import pLimit from 'p-limit'
import { start } from './become.ts'
import type { Become, Connection, Item, Reply, RunOptions, TransferOptions } from './connection.ts'
import type { Process } from './process.ts'
import { Shell } from './shell.ts'
import { get, put } from './transfer.ts'

/** sshd allows 10 sessions a connection by default; the shells have the others. */
const TRANSFERS = 4

/** What every host with a POSIX shell can do, once commands can be started there. Subclasses say how. */
export abstract class PosixConnection implements Connection {
  readonly host: string
  #trips = 0
  readonly #shells = new Map<string, Shell>()
  readonly #transfers = pLimit(TRANSFERS)

  constructor(host: string) {
    this.host = host
  }

  abstract open(): Promise<void>
  /** Whether the way to the host closes right after the shells: they end with it. */
  protected get parting(): boolean {
    return false
  }
  /** Starts a command text for the user's login shell. */
  protected abstract launch(command: string): Promise<Process>
  /** Who commands run as without becoming: nobody becomes himself. */
  protected abstract get user(): string

  get roundTrips(): number {
    return this.#trips
  }

  run(items: readonly Item[], options: RunOptions = {}): Promise<Reply[]> {
    if (items.length > 0) this.#trips += 1
    return this.#shell(this.#other(options.as)).run(items, options)
  }

  put(content: Readable | Buffer, path: string, options: TransferOptions = {}): Promise<void> {
    this.#trips += 1
    return this.#transfers(() => put(this.#how(), content, path, { ...options, as: this.#other(options.as) }))
  }

  get(path: string, options: TransferOptions = {}): Promise<Readable> {
    this.#trips += 1
    return this.#transfers(() => get(this.#how(), path, { ...options, as: this.#other(options.as) }))
  }

  async close(): Promise<void> {
    const shells = [...this.#shells.values()]
    this.#shells.clear()
    await Promise.all(shells.map((shell) => shell.close()))
  }

  /** Ansible's rule: becoming the user one already is, is skipped. */
  #other(as: Become | undefined): Become | undefined {
    return as && as.user === this.user ? undefined : as
  }

  #how() {
    return { host: this.host, launch: (command: string) => this.launch(command) }
  }

  #shell(as: Become | undefined): Shell {
    // The password too: a shell that failed without it must not be asked again.
    const key = as ? JSON.stringify([as.method, as.user, as.flags, as.password]) : ''
    let shell = this.#shells.get(key)
    if (!shell) {
      shell = new Shell({
        host: this.host,
        // Nobody asks for anything before: what is to be done goes along with the asking.
        start: (signal) =>
          as ? start({ ...this.#how(), signal }, as, (ready) => `${ready}; exec sh`) : this.launch('exec sh'),
        parting: () => this.parting,
        killGroup: (group, kept) => this.#killGroup(group, kept, as),
      })
      this.#shells.set(key, shell)
    }
    return shell
  }

  /** Asks politely, then not: from a group of its own, as the same user, because others may not signal it. */
  async #killGroup(group: number, kept: string, as: Become | undefined): Promise<void> {
    const script = `if kill -TERM -${group}; then
n=0; while [ $n -lt 10 ] && kill -0 -${group}; do sleep 0.1 || sleep 1; n=$((n+1)); done
kill -KILL -${group}; fi
rm -rf -- "\${TMPDIR:-/tmp}/${kept}"; exit 0`
    const process = await start(this.#how(), as, (ready) => `${ready}; exec 2>/dev/null; ${script}`)
    process.stdin.end()
    process.stdout.resume()
    process.stderr.resume()
    await Promise.race([process.ended, new Promise((resolve) => setTimeout(resolve, 5000).unref())])
  }
}
