import type { Connection } from '../wire/connection.ts'
import { AskQueue } from './ask-queue.ts'
import type { Effect } from './effect.ts'
import { HostMemory } from './host-memory.ts'
import type { Kept } from './kept-answers.ts'
import { lookName } from './look-name.ts'
import type { ReadKind } from './read.ts'
import { link } from './reads/link.ts'
import { query } from './reads/query.ts'
import { stat } from './reads/stat.ts'

/**
 * What will be known of a host once steps that are not made yet are made: what it has said already, under what they
 * predict. It asks the host nothing.
 */
export class ForeseenMemory extends HostMemory {
  readonly #today: HostMemory
  /** Answers of today that the steps may make untrue. */
  readonly #outdated = new Set<Kept>()
  #changes = false
  /** Something was asked that only the host can say, now or then. */
  unsure = false
  /** Something was asked that the steps have a say in. */
  touched = false
  /** Files that were asked about and are foretold: whom a new one belongs to, its folder may have a say in. */
  readonly guessed = new Set<string>()

  constructor(today: HostMemory) {
    super()
    this.#today = today
    this.files.linkedAs(today.files)
  }

  override queue(_id: string, _make: () => AskQueue): AskQueue {
    const connection = (): Promise<Connection> => {
      this.unsure = true
      return Promise.reject(new Error('Nothing is asked here.'))
    }
    return new AskQueue({ connection, signal: undefined, preamble: '' })
  }

  override predict(effects: readonly Effect[]): void {
    this.#changes ||= effects.length > 0
    const outdated = () => {
      for (const kept of this.#today.outdatedBy(effects, this.files)) this.#outdated.add(kept)
    }
    outdated()
    super.predict(effects)
    // A file behind a link that is predicted is another one then.
    if (effects.some((effect) => 'file' in effect && effect.file.type === 'link')) outdated()
  }

  override prediction(kind: string, key: string): { gives: unknown } | undefined {
    const prediction = super.prediction(kind, key)
    this.touched ||= prediction !== undefined
    return prediction
  }

  override kept<A, T>(way: string, kind: ReadKind<A, T>, ask: A): Promise<T> | undefined {
    const kept = this.#today.answer(way, lookName(kind, ask).id)
    const paths = kind.paths?.(ask) ?? []
    if (kept && this.#outdated.has(kept)) {
      this.touched = true
      if (kind.name !== link.name)
        this.unsure ||= kind.predicted === undefined || paths.some((path) => this.#isMoved(path))
    }
    if (kind.name === stat.name) for (const path of paths) if (this.files.foretells(path)) this.guessed.add(path)
    // Free looks may rest on anything.
    if (kind.name === query.name && this.#changes) this.unsure = true
    return kept?.answer as Promise<T> | undefined
  }

  override keep(): void {}

  /** Whether it is another file then, behind a link that will lead elsewhere: of that one nothing was asked. */
  #isMoved(path: string): boolean {
    return this.files.resolve(path, true) !== this.#today.files.resolve(path, true)
  }
}
