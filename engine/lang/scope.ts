import type { Span } from '../base/span.ts'
import type { Node } from './node.ts'

/** Where a variable's value was set. `rank` orders layers: the higher wins (language.md's list, 10 apart). */
export interface Layer {
  readonly rank: number
  /** For people: `group_vars/masters`, `role defaults of etcd`, `-e`. */
  readonly name: string
  readonly variables: ReadonlyMap<string, Variable>
}

/** A node is evaluated lazily, in the scope of whoever asks; a plain value is used as it is. */
export type Variable = { readonly node: Node } | { readonly value: unknown; readonly span?: Span | undefined }

/** Opens a `!vault` text; called when the value is needed, each time it is. */
export type OpenVault = (text: string, node: Node) => string

/** What functions that read on the controller need of whoever runs. */
export interface Controller {
  /** Nothing may be run or made yet: what would be is unknown. True before a run and while looking ahead. */
  readonly ahead: boolean
  /** In check mode nothing is made. */
  readonly check: boolean
  /** A text that must never be shown. */
  secret(text: string): void
  /** The text of a template file, filled in. */
  renderFile(path: string, scope: Scope): string
}

/** Names to values, as templates and conditions ask for them. */
export interface Scope {
  has(name: string): boolean
  /** Evaluated, memoised for this scope; undefined when nothing defines it. Throws variable-cycle, template, … */
  get(name: string): unknown
  /** Every name, for hints ("did you mean") and for `vars`. */
  names(): string[]
  /** Opens `!vault` texts that values hold; without it they are a problem. */
  readonly openVault?: OpenVault | undefined
  /** All definitions of a name, winner first: for `explain`. */
  layersOf(name: string): { layer: Layer; variable: Variable }[]
  /** Undefined where nothing runs: reading files and the environment still works. */
  readonly controller?: Controller | undefined
}
