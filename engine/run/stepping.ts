import { Problem } from '../base/problem.ts'
import type { RunOptions } from './options.ts'

/** `--step`: a person says of every task whether it runs. */
export class Stepping {
  #on: boolean
  readonly #ask: RunOptions['ask']
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: Pick<RunOptions, 'step' | 'ask'>) {
    this.#on = options.step ?? false
    this.#ask = options.ask
  }

  /** Whether to run a task; any answer but yes and continue leaves it out, as in Ansible. */
  wants(task: string, host?: string): Promise<boolean> {
    // One question at a time, however many hosts go their own way.
    const answer = this.#last.then(() => this.#wants(task, host))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #wants(task: string, host?: string): Promise<boolean> {
    if (!this.#on) return true
    if (!this.#ask) {
      throw new Problem('usage', '--step asks before every task, and there is no terminal to ask on.', {
        hint: 'Run it in a terminal, or leave --step out.',
      })
    }
    const where = host === undefined ? '' : ` on ${host}`
    const answer = await this.#ask(`Perform task: ${task}${where} (N)o/(y)es/(c)ontinue: `)
    switch (answer.trim().toLowerCase()) {
      case 'c':
      case 'continue':
        this.#on = false
        return true
      case 'y':
      case 'yes':
        return true
      default:
        return false
    }
  }
}
