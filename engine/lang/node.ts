import type { Span } from '../base/span.ts'

/** A YAML value that keeps its place. Anchors and merges are resolved; an alias has the span of the alias. */
export type Node = ScalarNode | SeqNode | MapNode | ExprNode | VaultNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As it stands in the file, without quotes. */
  readonly text: string
  /** Plain scalars can hold traps (0755, unquoted braces); quoted and block ones say what they mean. */
  readonly style: 'plain' | 'quoted' | 'block'
  /** `!unsafe`: braces in it are text, never a template. */
  readonly unsafe?: true
  readonly span: Span
  /**
   * Source offset of each character of `value` when it is a string and the mapping is known, so that an error inside a
   * template points at the character. Missing: point at the whole scalar.
   */
  readonly offsets?: (index: number) => number
}

export interface SeqNode {
  readonly kind: 'seq'
  readonly items: readonly Node[]
  readonly span: Span
}

export interface Pair {
  readonly key: ScalarNode
  readonly value: Node
}

export interface MapNode {
  readonly kind: 'map'
  readonly pairs: readonly Pair[]
  readonly span: Span
}

/** `!expr text`: a CEL expression, computed where a value stands. */
export interface ExprNode {
  readonly kind: 'expr'
  readonly text: string
  readonly span: Span
  readonly offsets?: (index: number) => number
}

/** `!vault text`: a sealed value. */
export interface VaultNode {
  readonly kind: 'vault'
  readonly text: string
  readonly span: Span
}

export function child(node: MapNode, key: string): Node | undefined {
  return node.pairs.find((pair) => pair.key.value === key || pair.key.text === key)?.value
}

/** The node at a path of keys and indexes, or the deepest that exists on the way: for pointing at a place. */
export function nodeAt(node: Node, path: readonly (string | number)[]): Node {
  let at = node
  for (const part of path) {
    const next = at.kind === 'map' ? child(at, String(part)) : at.kind === 'seq' ? at.items[Number(part)] : undefined
    if (!next) return at
    at = next
  }
  return at
}
