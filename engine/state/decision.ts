import type { Change } from '../base/result.ts'
import type { Step } from './step.ts'

/** What should be done to a host, and what it makes different. No steps: already right. A module's Plan says more. */
export interface Decision {
  readonly changes?: readonly Change[]
  readonly steps?: readonly Step[]
  /** The module's own values of the result. `ansible_facts` in it become the host's facts. */
  readonly result?: Readonly<Record<string, unknown>>
  /** It cannot be done, and why; nothing is then changed. */
  readonly failed?: string
  /** What to do about `failed`. */
  readonly hint?: string
  /** Doing it again is what is asked for (a restart): after doing, the same plan again is no breach. */
  readonly repeats?: boolean
  readonly warnings?: readonly string[]
}
