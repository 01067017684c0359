import { agrees } from './agreement.ts'
import type { AskQueue } from './ask-queue.ts'
import { changesAll, type Effect } from './effect.ts'
import { type Kept, KeptAnswers } from './kept-answers.ts'
import { lookName } from './look-name.ts'
import { PredictedFiles } from './predicted-files.ts'
import type { ReadKind } from './read.ts'
import { link } from './reads/link.ts'

/** What is known of one host: answers kept until something may have changed them, and, in a dry run, predictions. */
export class HostMemory {
  /** By how many probes started ahead an answer will be used, by way and look. */
  readonly #wanted = new Map<string, Map<string, number>>()
  readonly #queues = new Map<string, AskQueue>()
  readonly #predicted = new Map<string, unknown>()
  readonly #doubtful = new Map<string, string>()
  readonly #brought = new Map<string, string>()
  readonly #obscured = new Map<string, string>()
  readonly files = new PredictedFiles()
  readonly #kept = new KeptAnswers(this.files)
  /** Changes that a dry run did not make; health checks that fail may rest on them. */
  unmade = 0
  /** What a dry run did not do and nobody can foresee wholly (a command, a package): files that are missing may be there then. */
  vague: string | undefined
  /** Jobs that go on by themselves on the host: while there are any, no answer can be kept for long. */
  readonly jobs = new Set<string>()
  /** Counts how often everything had to be forgotten. */
  generation = 0
  /** Counts how often what is known was changed: by a step, or by a dry run's prediction. */
  version = 0

  /** The queue that looks of one way to reach the host share. */
  queue(id: string, make: () => AskQueue): AskQueue {
    let queue = this.#queues.get(id)
    if (!queue) {
      queue = make()
      this.#queues.set(id, queue)
    }
    return queue
  }

  keep<A, T>(way: string, kind: ReadKind<A, T>, ask: A, answer: Promise<T>): void {
    const name = lookName(kind, ask)
    const kept: Kept = { way, kind: kind as ReadKind<unknown, unknown>, ask, name, answer }
    this.#kept.set(kept)
    answer.then(
      (given) => {
        if (kind.name === link.name && this.#kept.get(way, name.id) === kept)
          this.#learn(name.key, given as string | null, way)
      },
      // An answer that could not be had is asked for again.
      () => this.#kept.delete(kept),
    )
  }

  kept<A, T>(way: string, kind: ReadKind<A, T>, ask: A): Promise<T> | undefined {
    return this.answer(way, lookName(kind, ask).id)?.answer as Promise<T> | undefined
  }

  /** What a look was answered, one way. */
  answer(way: string, look: string): Kept | undefined {
    return this.#kept.get(way, look)
  }

  /** The answer at hand for a kind and key, whoever asked; for the audit. */
  seen(
    kind: string,
    key: string,
  ): { answer: Promise<unknown>; agrees: (predicted: unknown, seen: unknown) => boolean } | undefined {
    const [kept] = this.#kept.named(kind, key)
    return kept && { answer: kept.answer, agrees: (kept.kind.agrees as typeof agrees | undefined) ?? agrees }
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

  /** Why nobody knows what is there, in a dry run; what is foretold of a file by itself is known. */
  obscured(kind: string, paths: readonly string[]): string | undefined {
    for (const [folder, why] of this.#obscured) {
      const below = paths.some((path) => path.startsWith(`${folder}/`) && !this.files.foretells(path))
      if (below || (['listing', 'tree'].includes(kind) && paths.includes(folder))) return why
    }
    return undefined
  }

  /** Dry run: lays what a step would bring about over the answers. */
  predict(effects: readonly Effect[]): void {
    this.version++
    for (const effect of effects) {
      if ('brings' in effect || changesAll(effect)) this.vague = effect.why
      if ('file' in effect) this.files.apply(effect.file)
      else if ('forgets' in effect) continue
      else if ('obscures' in effect) this.#obscured.set(effect.obscures, effect.why)
      else if ('brings' in effect) this.#brought.set(effect.brings, effect.why)
      else if ('read' in effect) this.#predicted.set(`${effect.read}\0${effect.key}`, effect.gives)
      else if (!changesAll(effect)) {
        this.#doubtful.set(
          'key' in effect && effect.key !== undefined ? `${effect.outdates}\0${effect.key}` : effect.outdates,
          effect.why,
        )
      }
    }
  }

  /** A step was really made: forgets the answers it may have changed. */
  outdate(effects: readonly Effect[]): void {
    this.version++
    for (const effect of effects) {
      if (changesAll(effect)) this.#forgetPassing()
      else this.#forget(this.outdatedBy([effect]))
    }
    // Free looks (queries) may rest on anything.
    if (effects.length > 0) this.#forget(this.#kept.ofKind('query'))
  }

  /** The answers that these effects make untrue, or may; `files` say what leads where. */
  outdatedBy(effects: readonly Effect[], files: PredictedFiles = this.files): Set<Kept> {
    return new Set(effects.flatMap((effect) => [...this.#kept.outdatedBy(effect, changedBy(effect, files))]))
  }

  want(way: string, id: string): void {
    const all = this.#wanted.get(way) ?? new Map<string, number>()
    this.#wanted.set(way, all)
    all.set(id, (all.get(id) ?? 0) + 1)
  }

  wantNoMore(way: string, id: string): void {
    const all = this.#wanted.get(way)!
    const others = all.get(id)! - 1
    if (others > 0) all.set(id, others)
    else all.delete(id)
  }

  /** Whether a probe ahead will use an answer to this. */
  isWanted({ way, name }: Kept): boolean {
    return this.#wanted.get(way)?.has(name.id) ?? false
  }

  forgetEverything(): void {
    this.generation++
    this.version++
    this.#kept.clear()
  }

  /** What a command may change. */
  #forgetPassing(): void {
    this.generation++
    this.version++
    this.#kept.clearPassing()
  }

  #forget(outdated: Iterable<Kept>): void {
    for (const kept of [...outdated]) this.#kept.delete(kept)
  }

  /** Who may not look into a folder sees no link there; who may, knows better. */
  #learn(path: string, target: string | null, way: string): void {
    const others = target === null && this.#queues.size > 1 ? this.#kept.named(link.name, path) : []
    if (others.some((kept) => kept.way !== way)) return
    this.files.linked(path, target)
  }
}

/** The names under which a file effect may be known; a step may act on a link, or on what it leads to. */
function changedBy(effect: Effect, files: PredictedFiles): readonly string[] {
  const path = 'file' in effect ? effect.file.path : 'obscures' in effect ? effect.obscures : undefined
  if (path === undefined) return []
  return [...new Set([path, files.resolve(path, false), files.resolve(path, true)])]
}
