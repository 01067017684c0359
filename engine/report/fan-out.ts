import type { Event, Reporter } from '../base/event.ts'

/** Hands every event to several reporters; one that fails does not silence the others, and is heard at the end. */
export class FanOut implements Reporter {
  readonly #reporters: readonly Reporter[]
  readonly #failed = new Map<Reporter, unknown>()

  constructor(reporters: readonly Reporter[]) {
    this.#reporters = reporters
  }

  on(event: Event): void {
    for (const reporter of this.#reporters) {
      if (this.#failed.has(reporter)) continue
      try {
        reporter.on(event)
      } catch (error) {
        this.#failed.set(reporter, error)
      }
    }
  }

  async end(): Promise<void> {
    const ended = await Promise.allSettled(this.#reporters.map(async (reporter) => reporter.end()))
    for (const failure of this.#failed.values()) throw failure
    for (const one of ended) if (one.status === 'rejected') throw one.reason
  }
}
