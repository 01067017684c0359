import { isDeepStrictEqual } from 'node:util'
import type { HostMemory } from '../state/host-memory.ts'
import type { View } from '../state/view.ts'
import type { Controller } from './controller.ts'
import type { HostDefinition } from './definition.ts'

type HostModule = HostDefinition<unknown, unknown, unknown>

/** What a probe is made with. */
export interface ProbeParts {
  readonly module: HostModule
  readonly params: unknown
  readonly view: View
  readonly controller: Controller
  readonly memory: HostMemory
}

/** A probe that was started before its task's turn. */
export class EarlyProbe {
  readonly state: Promise<unknown>
  readonly #parts: ProbeParts
  readonly #version: number
  #askedElsewhere = false

  constructor(parts: ProbeParts) {
    this.#parts = parts
    this.#version = parts.memory.version
    const watched = new Proxy(parts.controller, {
      get: (controller, name: keyof Controller) => {
        if (!settled.has(name)) this.#askedElsewhere = true
        return controller[name]
      },
    })
    this.state = parts.module.probe(parts.view, parts.params, watched)
  }

  /** Whether it is the probe of just this task, as far as the playbook says. */
  isOf({ module, params, view, controller }: ProbeParts): boolean {
    const mine = this.#parts
    return (
      module === mine.module &&
      view.way === mine.view.way &&
      controller.checking === mine.controller.checking &&
      isDeepStrictEqual(params, mine.params)
    )
  }

  /** Its task's turn has come, or will not come. */
  release(): void {
    this.#parts.view.release()
  }

  /**
   * Whether the task would see just the same now: it asked for nothing but what its host is remembered to have said, of which
   * nothing was outdated or foretold otherwise since.
   */
  get holds(): boolean {
    const { view, memory } = this.#parts
    return !this.#askedElsewhere && !view.askedVolatile && memory.version === this.#version
  }
}

/** What the controller says of the task, the same before and at its turn. */
const settled: ReadonlySet<keyof Controller> = new Set(['checking', 'host', 'connection', 'signal'])
