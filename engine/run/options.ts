import type { Change } from '../base/result.ts'
import type { Layer } from '../lang/scope.ts'
import type { Vault } from '../vault/vault.ts'

/** What a task is about to do on a host, secrets left out. */
export interface Wanted {
  readonly host: string
  readonly task: string
  readonly place: string
  readonly changes: readonly Change[]
  /** A line each. */
  readonly steps: readonly string[]
  /** Doing it again is what is asked for. */
  readonly repeats: boolean
  /** `no_log` hides what it is. */
  readonly hidden: boolean
}

/** What the command line asks of a run. */
export interface RunOptions {
  readonly playbooks: readonly string[]
  readonly inventories: readonly string[]
  readonly limit?: string | undefined
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  /** Hosts that failed still run the handlers notified before; a play's `force_handlers` wins. */
  readonly forceHandlers: boolean
  readonly startAtTask?: string | undefined
  /** Hosts worked on at once. */
  readonly forks: number
  readonly check: boolean
  readonly diff: boolean
  readonly verify: boolean
  readonly lookAhead: boolean
  /** Tell where time goes (`span` events). */
  readonly profile: boolean
  readonly verbosity: number
  /** `-e`, as one layer. */
  readonly extra: Layer
  readonly user?: string | undefined
  readonly become?: boolean | undefined
  readonly becomeUser?: string | undefined
  readonly becomeMethod?: string | undefined
  /** Asked for at the terminal (-k, -K). */
  readonly connectionPassword?: string | undefined
  readonly becomePassword?: string | undefined
  readonly privateKey?: string | undefined
  readonly hostKeys?: 'strict' | 'accept-new' | 'off' | undefined
  /** Seconds. */
  readonly timeout?: number | undefined
  readonly step?: boolean | undefined
  readonly ask?: ((question: string, options?: { hidden?: boolean }) => Promise<string>) | undefined
  /** The vault passwords given; without, nothing sealed can be opened. */
  readonly vault?: Vault | undefined
  /** Asked before a task changes a host; throws a Problem to keep it from that. */
  readonly approve?: ((wanted: Wanted) => void) | undefined
  readonly cwd: string
}
