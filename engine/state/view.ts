import { Problem } from '../base/problem.ts'
import { isUnknown, TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Become, Connection, Reply } from '../wire/connection.ts'
import { quote } from '../wire/quote.ts'
import type { HostMemory } from './host-memory.ts'
import type { ReadKind } from './read.ts'
import { type GroupEntry, groupEntry, type UserEntry, userEntry } from './reads/account.ts'
import { commandPath } from './reads/command-path.ts'
import { content } from './reads/content.ts'
import { type DigestAlgorithm, digest } from './reads/digest.ts'
import { listing } from './reads/listing.ts'
import { query, volatileQuery } from './reads/query.ts'
import { stat } from './reads/stat.ts'
import type { Stat } from './stat.ts'

/** What a module may ask of a host. Everything reads; nothing here can change the host. */
export interface Host {
  /** The inventory's name. */
  readonly name: string
  /** A look of any kind, those of users' modules included. */
  read<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T>
  /** As `read`, but a prediction that is unknown is given instead of ending the probe. */
  maybe<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T | Unknown>
  stat(path: string, options?: { follow?: boolean }): Promise<Stat | null>
  content(path: string): Promise<Buffer | null>
  digest(path: string, algorithm?: DigestAlgorithm): Promise<string | null>
  list(path: string): Promise<string[] | null>
  user(name: string): Promise<UserEntry | null>
  group(name: string): Promise<GroupEntry | null>
  command(name: string): Promise<string | null>
  /** Shell text that reads only; `volatile` when the answer rests on time or other hosts. */
  query(script: string, options?: { volatile?: boolean }): Promise<Reply>
}

interface Waiting {
  readonly kind: ReadKind<unknown, unknown>
  readonly ask: unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** Asks a host, folding all that is asked in one tick into one round trip; keeps answers; knows predictions. */
export class View implements Host {
  readonly name: string
  readonly #connection: () => Promise<Connection>
  readonly #as: Become | undefined
  readonly #memory: HostMemory
  readonly #signal: AbortSignal | undefined
  readonly #preamble: string
  #waiting: Waiting[] = []

  constructor(name: string, connection: () => Promise<Connection>, as: Become | undefined, memory: HostMemory, signal?: AbortSignal, environment?: Readonly<Record<string, string>>) {
    this.name = name
    this.#connection = connection
    this.#as = as
    this.#memory = memory
    this.#signal = signal
    // Looks that run commands see the task's environment, as its steps do.
    this.#preamble = Object.entries(environment ?? {}).map(([name, value]) => `export ${name}=${quote(value)}\n`).join('')
  }

  async read<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T> {
    const answer = await this.maybe(kind, ask)
    if (isUnknown(answer)) throw new TouchedUnknown(answer)
    return answer
  }

  async maybe<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T | Unknown> {
    const key = kind.key(ask)
    const prediction = this.#memory.prediction(kind.name, key)
    if (prediction) return prediction.gives as T
    try {
      const laid = this.#memory.files.empty ? undefined : kind.predicted?.(this.#memory.files, ask, () => this.#real(kind, ask))
      const answer = await (laid ?? this.#real(kind, ask))
      const doubt = this.#memory.doubt(kind.name, key) ?? (answer === null ? this.#memory.brought(kind.name) : undefined)
      return doubt === undefined ? answer : new Unknown(doubt)
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) return thrown.unknown
      throw thrown
    }
  }

  stat(path: string, options: { follow?: boolean } = {}): Promise<Stat | null> {
    return this.read(stat, { path, follow: options.follow ?? false })
  }

  content(path: string): Promise<Buffer | null> {
    return this.read(content, path)
  }

  digest(path: string, algorithm: DigestAlgorithm = 'sha256'): Promise<string | null> {
    return this.read(digest, { path, algorithm })
  }

  list(path: string): Promise<string[] | null> {
    return this.read(listing, path)
  }

  user(name: string): Promise<UserEntry | null> {
    return this.read(userEntry, name)
  }

  group(name: string): Promise<GroupEntry | null> {
    return this.read(groupEntry, name)
  }

  command(name: string): Promise<string | null> {
    return this.read(commandPath, name)
  }

  query(script: string, options: { volatile?: boolean } = {}): Promise<Reply> {
    return this.read(options.volatile ? volatileQuery : query, script)
  }

  #real<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T> {
    const as = `${this.#as ? `${this.#as.method}:${this.#as.user}` : ''}${this.#preamble}`
    const kept = kind.volatile ? undefined : this.#memory.kept(as, kind, ask)
    if (kept) return kept
    const answer = new Promise<T>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => void this.#flush())
      this.#waiting.push({ kind, ask, resolve, reject } as unknown as Waiting)
    })
    if (!kind.volatile) this.#memory.keep(as, kind, ask, answer)
    return answer
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    const kinds = [...new Set(waiting.map((one) => one.kind))]
    try {
      const groups = kinds.map((kind) => {
        const asked = waiting.filter((one) => one.kind === kind)
        return { kind, asked, items: kind.items(asked.map((one) => one.ask)) }
      })
      const connection = await this.#connection()
      const replies = await connection.run(
        groups.flatMap((group) => group.items.map((script) => ({ script: this.#preamble + script }))),
        { as: this.#as, signal: this.#signal },
      )
      let at = 0
      for (const { kind, asked, items } of groups) {
        const answers = parsed(kind, replies.slice(at, at + items.length), asked)
        at += items.length
        for (const [index, one] of asked.entries()) {
          const answer = answers[index]
          if (answer instanceof Error) one.reject(answer)
          else one.resolve(answer)
        }
      }
    } catch (thrown) {
      for (const one of waiting) one.reject(thrown)
    }
  }
}

function parsed(kind: ReadKind<unknown, unknown>, replies: readonly Reply[], asked: readonly Waiting[]): unknown[] {
  try {
    return kind.parse(replies, asked.map((one) => one.ask))
  } catch (thrown) {
    // One kind's answer that cannot be read does not spoil the others of the same round trip.
    const problem = thrown instanceof Error ? thrown : new Problem('internal', `The look "${kind.name}" could not be read: ${String(thrown)}`)
    return asked.map(() => problem)
  }
}
