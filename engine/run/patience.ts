import { Problem } from '../base/problem.ts'
import type { Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import type { Controller } from '../module/controller.ts'

/** `timeout`: how long a task may take, everything it does included. */
export class Patience {
  /** undefined: as long as it takes. */
  readonly milliseconds: number | undefined
  readonly #task: Task
  readonly #over: Promise<never>
  #end: (() => void) | undefined

  constructor(task: Task, seconds: number | undefined) {
    this.#task = task
    this.milliseconds = seconds === undefined || seconds <= 0 ? undefined : seconds * 1000
    this.#over = new Promise((_, reject) => {
      if (this.milliseconds === undefined) return
      const timer = setTimeout(() => reject(this.#late()), this.milliseconds)
      this.#end = () => clearTimeout(timer)
    })
    this.#over.catch(() => undefined)
  }

  /** The controller as a task with little time sees it: its pauses end with the time. */
  over(controller: Controller): Controller {
    if (this.milliseconds === undefined) return controller
    const sleep = (time: number) => this.race(controller.sleep(time))
    return Object.create(controller, { sleep: { value: sleep } }) as Controller
  }

  race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#over])
  }

  /** Waits for the work, at most so long; then `stop` ends what still runs. */
  async during<T>(work: Promise<T>, stop: () => Promise<void>): Promise<T> {
    if (this.milliseconds === undefined) return work
    let done = false
    const settle = () => {
      done = true
    }
    work.then(settle, settle)
    try {
      return await this.race(work)
    } catch (thrown) {
      if (!done) {
        await stop()
        await work.catch(() => undefined)
      }
      throw thrown instanceof Problem && thrown.code === 'timeout' ? this.#late() : thrown
    } finally {
      this.#end?.()
    }
  }

  /** Ansible's words. */
  #late(): Problem {
    const seconds = Math.trunc((this.milliseconds ?? 0) / 1000)
    return new Problem(
      'timeout',
      `The ${this.#task.action} action failed to execute in the expected time frame (${seconds}) and was terminated`,
      {
        at: keywordOf(this.#task.levels, 'timeout')?.span,
        hint: 'Allow more time with `timeout`, or find out on the host what it waits for.',
      },
    )
  }
}
