import type { Readable } from 'node:stream'
import type { Unknown } from '../base/unknown.ts'
import type { Effect } from './effect.ts'
import type { PulledTree } from './steps/pull.ts'

/** Bytes to send: at hand, a file of the controller, or made only when the step is really done (a fresh certificate). */
export type Content =
  | Buffer
  | { readonly file: string; readonly size: number; readonly sha256: string }
  | { readonly make: () => Promise<Buffer>; readonly unknown: Unknown }

/** Bytes that are made while they are sent. */
export interface Streamed {
  readonly size: number
  stream(): Readable
}

/**
 * One change to a host, as data. All steps of a task go in one round trip; the first that fails ends the task.
 */
export interface Step {
  /** What kind of step, `write`, `mkdir`, `exec`. */
  readonly name: string
  /** For people: `write /etc/hosts (312 bytes)`. Never holds a secret. */
  readonly show: string
  /** Shell text. `$1` is the temporary file that holds `send`, when there is something to send. */
  readonly script: string
  /** Bytes the script needs in a file; small ones travel inside the script, large ones stream first. */
  readonly send?: Content | Streamed
  /** Beside which path the temporary file is made, in a folder of its own, so that a rename is atomic. Default: the user's temporary folder. */
  readonly beside?: string
  /** Its script takes the file as `openBeside` and `IN_OWN` leave it, not as `$1`. With `beside` only. */
  readonly opened?: boolean
  /** Its script uses $tsplay_n, a file name that nobody can foresee. */
  readonly named?: boolean
  /** Brings a file of the host to the controller instead of running a script, or all that is in a folder. */
  readonly receive?: { readonly from: string; readonly to: string } | PulledTree
  /** What a later look would see. */
  readonly effects: readonly Effect[]
  /** An opaque command: its exit status and output are data for `after`, not a failure of the step. */
  readonly opaque?: boolean
  /** Milliseconds. */
  readonly timeout?: number
}

/** The effects a set of steps has, in order. */
export function effectsOf(steps: readonly Step[]): Effect[] {
  return steps.flatMap((step) => step.effects)
}
