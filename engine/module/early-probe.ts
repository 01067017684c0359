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

/** Which probe is meant: the same parameters of the same module, for the same purpose, asked the same way. */
export class ProbeName {
  readonly #module: HostModule
  readonly #params: unknown
  readonly #way: string
  readonly #checking: boolean

  constructor({ module, params, view, controller }: ProbeParts) {
    this.#module = module
    this.#params = params
    this.#way = view.way
    this.#checking = controller.checking
  }

  isOf({ module, params, view, controller }: ProbeParts): boolean {
    return (
      module === this.#module &&
      view.way === this.#way &&
      controller.checking === this.#checking &&
      isDeepStrictEqual(params, this.#params)
    )
  }
}

/**
 * A probe that was started before its task's turn. There is one for each task to come on each host, so it keeps little: what its
 * controller knows (all the variables of the task there) goes when it has looked.
 */
export class EarlyProbe {
  readonly state: Promise<unknown>
  readonly name: ProbeName
  readonly #view: View
  readonly #memory: HostMemory
  readonly #version: number
  #askedElsewhere = false

  constructor(parts: ProbeParts) {
    const { module, params, view, controller, memory } = parts
    this.name = new ProbeName(parts)
    this.#view = view
    this.#memory = memory
    this.#version = memory.version
    const watched = new Proxy(controller, {
      get: (controller, name: keyof Controller) => {
        if (!settled.has(name)) this.#askedElsewhere = true
        return controller[name]
      },
    })
    this.state = module.probe(view, params, watched)
  }

  /** Its task's turn has come, or will not come. */
  release(): void {
    this.#view.release()
  }

  /**
   * Whether the task would see just the same now: it asked for nothing but what its host is remembered to have said, of which
   * nothing was outdated or foretold otherwise since.
   */
  get holds(): boolean {
    return !this.#askedElsewhere && !this.#view.askedVolatile && this.#memory.version === this.#version
  }
}

/** What the controller says of the task, the same before and at its turn. */
const settled: ReadonlySet<keyof Controller> = new Set(['checking', 'host', 'connection', 'signal'])
