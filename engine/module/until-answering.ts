import { Problem } from '../base/problem.ts'
import type { Host } from '../state/view.ts'
import type { Controller } from './controller.ts'

export interface Waiting {
  /** Seconds, then it is given up. */
  readonly timeout: number
  /** Seconds between tries. */
  readonly sleep: number
  /** Seconds that one try may take. */
  readonly patience: number
  /** Shell text whose answer tells. */
  readonly script: string
  /** Undefined: that is it; otherwise why to try again. */
  readonly refuses?: (answer: { readonly status: number; readonly stdout: string }) => string | undefined
}

/**
 * Connects anew until the host gives an answer that is taken. Gives why it was given up, or undefined. A dry run tries
 * once. Throws what is no matter of time.
 */
export async function untilAnswering(
  host: Host,
  controller: Controller,
  waiting: Waiting,
): Promise<string | undefined> {
  const began = performance.now()
  for (;;) {
    let why: string | undefined
    try {
      // What was left of an earlier connection may be dead without having said so.
      await controller.reconnect?.()
      const ask = () => host.query(waiting.script, { volatile: true })
      const { status, stdout } = await within(waiting.patience, ask, controller.signal)
      why = waiting.refuses?.({ status, stdout: stdout.toString('utf8') })
      if (why === undefined) return undefined
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code === 'interrupted' || controller.checking) throw thrown
      why = thrown.message
    }
    await controller.sleep(waiting.sleep * 1000)
    if ((performance.now() - began) / 1000 >= waiting.timeout) return why
  }
}

/** A try that takes too long is given up. */
async function within<T>(seconds: number, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let give = () => {}
  const late = new Promise<never>((_, reject) => {
    give = () => reject(new Problem('host-unreachable', `no answer within ${seconds} s`))
  })
  const timer = setTimeout(give, seconds * 1000)
  signal.addEventListener('abort', give)
  late.catch(() => undefined)
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', give)
  }
}
