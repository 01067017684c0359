import type { LanguageFunction } from './functions/function.ts'
import type { TextRange } from './place-in-text.ts'

/** A value computed in a template, with its characters; helpers of the runtime find it by its index. */
export type Use = LiteralUse | PathUse | CallUse | BlockUse

export interface LiteralUse extends TextRange {
  readonly kind: 'literal'
  readonly value: unknown
}

export interface PathUse extends TextRange {
  readonly kind: 'path'
  /** As written: `../item.name`. */
  readonly text: string
  /** What the base is: the context `depth` levels up, a block parameter, or data such as @index. */
  readonly base: 'context' | 'local' | 'data'
  readonly depth: number
  /** The block parameter or data that is the base. */
  readonly first: string | undefined
  /** The keys below the base. */
  readonly parts: readonly string[]
  /** Gives undefined instead of an error. */
  readonly lenient: boolean
  /** A function that a bare name calls when no variable has it: `{{now}}`. */
  readonly orCall: LanguageFunction | undefined
}

export interface CallUse extends TextRange {
  readonly kind: 'call'
  readonly name: string
  readonly entry: LanguageFunction
  readonly args: readonly Use[]
  readonly named: readonly (readonly [string, Use])[]
  /** May give undefined instead of an error. */
  readonly lenient: boolean
}

/** The value that a block is about. */
export interface BlockUse extends TextRange {
  readonly kind: 'block'
  readonly block: string
  readonly text: string
}
