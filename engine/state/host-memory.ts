import { posix } from 'node:path'
import { agrees } from './agreement.ts'
import type { AskQueue } from './ask-queue.ts'
import type { Effect } from './effect.ts'
import { PredictedFiles } from './predicted-files.ts'
import type { ReadKind } from './read.ts'

interface Kept {
  readonly way: string
  readonly kind: ReadKind<unknown, unknown>
  readonly ask: unknown
  readonly key: string
  readonly paths: readonly string[]
  readonly answer: Promise<unknown>
}

/** What is known of one host: answers kept until something may have changed them, and, in a dry run, predictions. */
export class HostMemory {
  readonly #kept = new Map<string, Kept>()
  readonly #queues = new Map<string, AskQueue>()
  readonly #predicted = new Map<string, unknown>()
  readonly #doubtful = new Map<string, string>()
  readonly #brought = new Map<string, string>()
  readonly files = new PredictedFiles()
  /** Changes that a dry run did not make; health checks that fail may rest on them. */
  unmade = 0
  /** Counts how often everything had to be forgotten. */
  generation = 0

  /** The queue that looks of one way to reach the host share. */
  queue(id: string, make: () => AskQueue): AskQueue {
    let queue = this.#queues.get(id)
    if (!queue) {
      queue = make()
      this.#queues.set(id, queue)
    }
    return queue
  }

  keep<A, T>(as: string, kind: ReadKind<A, T>, ask: A, answer: Promise<T>): void {
    const key = kind.key(ask)
    const id = `${as}\0${kind.name}\0${key}`
    this.#kept.set(id, { way: as, kind: kind as ReadKind<unknown, unknown>, ask, key, paths: kind.paths?.(ask) ?? [], answer })
    // An answer that could not be had is asked for again.
    answer.catch(() => {
      if (this.#kept.get(id)?.answer === answer) this.#kept.delete(id)
    })
  }

  kept<A, T>(as: string, kind: ReadKind<A, T>, ask: A): Promise<T> | undefined {
    return this.#kept.get(`${as}\0${kind.name}\0${kind.key(ask)}`)?.answer as Promise<T> | undefined
  }

  /** The answer at hand for a kind and key, whoever asked; for the audit. */
  seen(kind: string, key: string): { answer: Promise<unknown>; agrees: (predicted: unknown, seen: unknown) => boolean } | undefined {
    for (const kept of this.#kept.values()) {
      if (kept.kind.name === kind && kept.key === key) return { answer: kept.answer, agrees: (kept.kind.agrees as typeof agrees | undefined) ?? agrees }
    }
    return undefined
  }

  prediction(kind: string, key: string): { gives: unknown } | undefined {
    const id = `${kind}\0${key}`
    return this.#predicted.has(id) ? { gives: this.#predicted.get(id) } : undefined
  }

  /** Why an answer of this kind may no longer hold, in a dry run. */
  doubt(kind: string, key: string): string | undefined {
    return this.#doubtful.get(`${kind}\0${key}`) ?? this.#doubtful.get(kind)
  }

  /** Why something of this kind that is missing may be there then, in a dry run. */
  brought(kind: string): string | undefined {
    return this.#brought.get(kind)
  }

  /** Dry run: lays what a step would bring about over the answers. */
  predict(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if ('file' in effect) this.files.apply(effect.file)
      else if ('forgets' in effect) continue
      else if ('brings' in effect) this.#brought.set(effect.brings, effect.why)
      else if ('read' in effect) this.#predicted.set(`${effect.read}\0${effect.key}`, effect.gives)
      else if (effect.outdates !== 'everything') {
        this.#doubtful.set('key' in effect && effect.key !== undefined ? `${effect.outdates}\0${effect.key}` : effect.outdates, effect.why)
      }
    }
  }

  /** A step was really made: forgets the answers it may have changed. */
  outdate(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if ('outdates' in effect && effect.outdates === 'everything') this.forgetEverything()
      else this.#forget((kept) => outdates(effect, kept))
    }
    // Free looks (queries) may rest on anything.
    if (effects.length > 0) this.#forget((kept) => kept.kind.name === 'query')
  }

  /** What was asked one way before and will have to be asked again after these effects. */
  staleAfter(effects: readonly Effect[], way: string): { kind: ReadKind<unknown, unknown>; ask: unknown }[] {
    return [...this.#kept.values()].filter((kept) => kept.way === way && effects.some((effect) => outdates(effect, kept)))
  }

  forgetEverything(): void {
    this.generation++
    this.#kept.clear()
  }

  #forget(which: (kept: Kept) => boolean): void {
    for (const [id, kept] of this.#kept) if (which(kept)) this.#kept.delete(id)
  }
}

function outdates(effect: Effect, kept: Kept): boolean {
  if ('file' in effect) return kept.paths.some((path) => touches(effect.file.path, path))
  if ('read' in effect) return kept.kind.name === effect.read && kept.key === effect.key
  if ('brings' in effect) return kept.kind.name === effect.brings
  if ('forgets' in effect) return kept.kind.name === effect.forgets
  return kept.kind.name === effect.outdates && (!('key' in effect) || effect.key === undefined || kept.key === effect.key)
}

/** Whether a change at `changed` can change an answer about `path`: the path, what is below it, and its folder's listing. */
function touches(changed: string, path: string): boolean {
  return path === changed || path.startsWith(`${changed}/`) || posix.dirname(changed) === path
}
