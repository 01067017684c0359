import type { Change } from '../base/result.ts'
import type { Effect } from './effect.ts'

/** What a closer look, for dry runs only, says that steps would bring about; it takes the place of what they say themselves. */
export interface Foresight {
  readonly changes?: readonly Change[]
  readonly effects?: readonly Effect[]
  /** They would fail, and why. */
  readonly failed?: string
  readonly hint?: string
}
