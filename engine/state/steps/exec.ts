import type { Effect } from '../effect.ts'
import type { Content, Step } from '../step.ts'

export interface ExecOptions {
  /** For people; never holds a secret. */
  readonly show: string
  /** Shell text. */
  readonly script: string
  readonly effects: readonly Effect[]
  /** Its exit status and output are data, not a failure. */
  readonly opaque?: boolean
  readonly send?: Content
  /** Milliseconds. */
  readonly timeout?: number
}

/** Any other change: shell text, with what it brings about. */
export function exec(options: ExecOptions): Step {
  return { name: 'exec', ...options }
}
