import { isUnknown, TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Item, Reply } from '../wire/connection.ts'
import { quote } from '../wire/quote.ts'
import { AskQueue, type Way } from './ask-queue.ts'
import { changesAll, type Effect } from './effect.ts'
import type { HostMemory } from './host-memory.ts'
import type { Kept } from './kept-answers.ts'
import { lookName } from './look-name.ts'
import { looksOf, type ReadKind } from './read.ts'
import { type GroupEntry, groupEntry, type UserEntry, userEntry } from './reads/account.ts'
import { commandPath } from './reads/command-path.ts'
import { content } from './reads/content.ts'
import { type DigestAlgorithm, digest } from './reads/digest.ts'
import { fileType } from './reads/file-type.ts'
import { link, prefixes } from './reads/link.ts'
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
  /** What a path leads to, null for nothing. */
  type(path: string): Promise<Stat['type'] | null>
  content(path: string): Promise<Buffer | null>
  digest(path: string, algorithm?: DigestAlgorithm): Promise<string | null>
  list(path: string): Promise<string[] | null>
  user(name: string): Promise<UserEntry | null>
  group(name: string): Promise<GroupEntry | null>
  command(name: string): Promise<string | null>
  /** Shell text that reads only; `volatile` when the answer rests on time or other hosts. */
  query(script: string, options?: { volatile?: boolean }): Promise<Reply>
}

export interface ViewParts extends Pick<Way, 'connection' | 'as'> {
  readonly name: string
  readonly memory: HostMemory
  readonly signal?: AbortSignal | undefined
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** What it asks will be used later, when its task's turn comes: until `release` it is looked at again when it may have changed. */
  readonly ahead?: boolean | undefined
  /** Tells ways to reach the same host apart (another user, another port). */
  readonly way?: string | undefined
}

/** More would only make every step's script longer. */
const MOST_LOOKS_AFTER = 600

/** Looks on their way with steps; `settle` takes the replies once the steps are made, and keeps the answers, or those of `which`. */
export interface Looks {
  readonly items: readonly Item[]
  settle(replies: readonly Reply[], which?: ReadonlySet<Kept>): void
}

/** Asks a host, folding all that is asked in one tick into one round trip; keeps answers; knows predictions. */
export class View implements Host {
  readonly name: string
  readonly #memory: HostMemory
  /** How the host is asked, and by whom: views with the same share answers. */
  readonly way: string
  /** Whether anything was asked whose answer does not last. */
  askedVolatile = false
  /** The kinds that are asked from now on, for who wants to know. */
  noting: Set<string> | undefined
  readonly #asked = new Set<string>()
  #ahead: boolean
  readonly #preamble: string
  readonly #queue: AskQueue

  constructor(parts: ViewParts) {
    this.name = parts.name
    this.#memory = parts.memory
    this.#ahead = parts.ahead ?? false
    // Looks that run commands see the task's environment, as its steps do.
    const preamble = Object.entries(parts.environment ?? {})
      .map(([name, value]) => `export ${name}=${quote(value)}\n`)
      .join('')
    this.way = `${parts.way ?? ''} ${parts.as ? `${parts.as.method}:${parts.as.user}` : ''} ${preamble}`
    this.#preamble = preamble
    this.#queue = parts.memory.queue(
      this.way,
      () => new AskQueue({ connection: parts.connection, as: parts.as, signal: parts.signal, preamble }),
    )
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
      const places = (kind.paths?.(ask) ?? []).flatMap(prefixes)
      this.#lookForLinks(places)
      if (!this.#memory.files.empty && places.length > 0) {
        // In the same round trip; a look that fails is told below, if it still matters.
        if (!kind.volatile) this.#real(kind, ask).catch(() => undefined)
        await Promise.all(places.map((place) => this.#real(link, place).catch(() => undefined)))
      }
      const laid = this.#memory.files.empty
        ? undefined
        : kind.predicted?.(this.#memory.files, ask, () => this.#real(kind, ask))
      const answer = await (laid ?? this.#real(kind, ask))
      const doubt =
        this.#memory.doubt(kind.name, key) ??
        this.#memory.obscured(kind.name, kind.paths?.(ask) ?? []) ??
        (answer === null ? this.#memory.brought(kind.name) : undefined)
      return doubt === undefined ? answer : new Unknown(doubt)
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) return thrown.unknown
      throw thrown
    }
  }

  stat(path: string, options: { follow?: boolean } = {}): Promise<Stat | null> {
    return this.read(stat, { path, follow: options.follow ?? false })
  }

  type(path: string): Promise<Stat['type'] | null> {
    return this.read(fileType, path)
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

  /** Its task's turn has come, or will not come. */
  release(): void {
    if (!this.#ahead) return
    this.#ahead = false
    for (const id of this.#asked) this.#memory.wantNoMore(this.way, id)
  }

  /**
   * Looks that steps with these effects make necessary again: they travel with the steps, so that a change costs one
   * round trip, not two. They are those that tasks to come want, and those of the kinds `again` (default: all).
   */
  looksAfter(effects: readonly Effect[], again?: ReadonlySet<string>): Looks {
    const stale = [...this.#memory.outdatedBy(effects)].filter(
      (kept) => this.isWanted(kept) || (kept.way === this.way && (again?.has(kept.kind.name) ?? true)),
    )
    // Where all changed, all that is known is asked for again anyway.
    return this.looks(effects.some(changesAll) ? stale : stale.slice(0, MOST_LOOKS_AFTER))
  }

  /** Whether a task to come wants an answer, asked for this way. */
  isWanted(kept: Kept): boolean {
    return kept.way === this.way && this.#memory.isWanted(kept)
  }

  /** Looks to make again in the round trip of steps. */
  looks(asked: readonly Kept[]): Looks {
    const groups = [...new Set(asked.map(({ kind }) => kind))].map((kind) => {
      const own = asked.filter((one) => one.kind === kind)
      return {
        ...looksOf(
          kind,
          own.map(({ ask }) => ask),
          this.#preamble,
        ),
        own,
      }
    })
    let answers: readonly (readonly [Kept, unknown])[] | undefined
    const read = (replies: readonly Reply[]) => {
      let at = 0
      return groups.flatMap(({ kind, asks, items, own }) => {
        const said = replies.slice(at, at + items.length)
        at += items.length
        if (said.length < items.length) return []
        const given = kind.parse(said, asks)
        return own.map((one, index) => [one, given[index]] as const)
      })
    }
    return {
      items: groups.flatMap(({ items }) => items),
      settle: (replies, which) => {
        answers ??= read(replies)
        for (const [one, answer] of answers)
          if (!(answer instanceof Error) && (which?.has(one) ?? true))
            this.#memory.keep(one.way, one.kind, one.ask, Promise.resolve(answer))
      },
    }
  }

  /** Looks that tell where paths lead, unless they are known or on their way. */
  #lookForLinks(paths: readonly string[]): void {
    for (const path of paths)
      if (this.#ahead || this.noting || !this.#memory.kept(this.way, link, path))
        this.#real(link, path).catch(() => undefined)
  }

  #real<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T> {
    this.#note(kind, ask)
    const kept = kind.volatile ? undefined : this.#memory.kept(this.way, kind, ask)
    if (kept) return kept
    const answer = this.#queue.ask(kind, ask)
    if (kind.volatile) this.askedVolatile = true
    else this.#memory.keep(this.way, kind, ask, answer)
    return answer
  }

  #note<A, T>(kind: ReadKind<A, T>, ask: A): void {
    this.noting?.add(kind.name)
    if (!this.#ahead) return
    const { id } = lookName(kind, ask)
    if (this.#asked.has(id)) return
    this.#asked.add(id)
    this.#memory.want(this.way, id)
  }
}
