import { Problem } from '../base/problem.ts'
import { turn } from '../base/turn.ts'
import type { Become, Connection, Reply } from '../wire/connection.ts'
import { looksOf, type ReadKind } from './read.ts'

interface Waiting {
  readonly kind: ReadKind<unknown, unknown>
  readonly ask: unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** How the looks of one queue reach their host. */
export interface Way {
  readonly connection: () => Promise<Connection>
  readonly as?: Become | undefined
  readonly signal: AbortSignal | undefined
  /** Shell text before every look: the task's environment. */
  readonly preamble: string
}

/**
 * Folds looks into round trips: all that is asked in one tick, or before the host is connected to, goes out together, and
 * what is asked while a trip is under way waits for the next one.
 */
export class AskQueue {
  readonly #way: Way
  #waiting: Waiting[] = []
  #running = false

  constructor(way: Way) {
    this.#way = way
  }

  ask<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#waiting.length === 0 && !this.#running) setImmediate(() => void this.#run())
      this.#waiting.push({ kind, ask, resolve, reject } as unknown as Waiting)
    })
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (this.#waiting.length > 0) {
      await this.#trip()
      // Who was waiting for these answers may ask for more right away.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#running = false
  }

  async #trip(): Promise<void> {
    let taken: readonly Waiting[] | undefined
    try {
      const connection = await this.#way.connection()
      // What was asked while it was being connected goes along.
      const waiting = this.#waiting.splice(0)
      taken = waiting
      const groups = [...new Set(waiting.map((one) => one.kind))].map((kind) => {
        const asked = waiting.filter((one) => one.kind === kind)
        const asks = asked.map((one) => one.ask)
        return { ...looksOf(kind, asks, this.#way.preamble), asked }
      })
      const replies = await connection.run(
        groups.flatMap((group) => group.items),
        { as: this.#way.as, signal: this.#way.signal, purpose: 'look' },
      )
      // Many hosts may answer at once.
      await turn()
      let at = 0
      for (const { kind, asked, items } of groups) {
        answer(kind, replies.slice(at, at + items.length), asked)
        at += items.length
      }
    } catch (thrown) {
      for (const one of taken ?? this.#waiting.splice(0)) one.reject(thrown)
    }
  }
}

/** One kind's answers that cannot be read do not spoil the others of the same round trip. */
function answer(kind: ReadKind<unknown, unknown>, replies: readonly Reply[], asked: readonly Waiting[]): void {
  let answers: readonly unknown[]
  try {
    answers = kind.parse(
      replies,
      asked.map((one) => one.ask),
    )
  } catch (thrown) {
    const problem =
      thrown instanceof Error
        ? thrown
        : new Problem('internal', `The look "${kind.name}" could not be read: ${String(thrown)}`)
    answers = asked.map(() => problem)
  }
  for (const [index, one] of asked.entries()) {
    const given = answers[index]
    if (given instanceof Error) one.reject(given)
    else one.resolve(given)
  }
}
