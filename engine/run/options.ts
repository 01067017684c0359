import type { Layer } from '../lang/scope.ts'
import type { Vault } from '../vault/vault.ts'

/** What the command line asks of a run. */
export interface RunOptions {
  readonly playbooks: readonly string[]
  readonly inventories: readonly string[]
  readonly limit?: string | undefined
  readonly tags: readonly string[]
  readonly skipTags: readonly string[]
  readonly startAtTask?: string | undefined
  /** Hosts worked on at once. */
  readonly forks: number
  readonly check: boolean
  readonly diff: boolean
  readonly verify: boolean
  readonly lookAhead: boolean
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
  readonly cwd: string
}
