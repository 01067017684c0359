import { AskQueue } from '../state/ask-queue.ts'
import { HostMemory } from '../state/host-memory.ts'
import type { ReadKind } from '../state/read.ts'
import { View } from '../state/view.ts'
import { FakeAnswers, type FakeHostData } from './fake-answers.ts'

/** A queue whose looks are answered by data instead of a connection. */
class FakeQueue extends AskQueue {
  readonly #answers: FakeAnswers

  constructor(answers: FakeAnswers) {
    super({ connection: unconnected, signal: undefined, preamble: '' })
    this.#answers = answers
  }

  override async ask<A, T>(kind: ReadKind<A, T>, ask: A): Promise<T> {
    const given = this.#answers.give(kind as ReadKind<unknown, unknown>, ask)
    if (given instanceof Error) throw given
    return given as T
  }
}

class FakeMemory extends HostMemory {
  readonly #queue: AskQueue

  constructor(answers: FakeAnswers) {
    super()
    this.#queue = new FakeQueue(answers)
  }

  override queue(): AskQueue {
    return this.#queue
  }
}

/** What a probe looks at, made of data: the engine's own view of a host, predictions included, without a connection. */
export class FakeHost extends View {
  readonly memory: HostMemory

  constructor(data: FakeHostData) {
    const memory = new FakeMemory(new FakeAnswers(data))
    super({ name: data.name ?? 'fake', memory, connection: unconnected })
    this.memory = memory
  }
}

/** A host made of data. Throws an Error for data that contradict themselves. */
export function fakeHost(data: FakeHostData = {}): FakeHost {
  return new FakeHost(data)
}

async function unconnected(): Promise<never> {
  throw new Error('A fake host has no connection.')
}
