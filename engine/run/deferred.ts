import type { Node } from '../lang/node.ts'
import { plainNode, toPlain } from '../lang/plain.ts'
import type { Variable } from '../lang/scope.ts'

/** A variable's value that is evaluated when it is used: what include_vars reads may name variables that come later. */
export class Deferred {
  readonly node: Node

  constructor(node: Node) {
    this.node = node
  }

  toJSON(): unknown {
    return toPlain(this.node)
  }
}

/** A value as a variable: one that is deferred, or a map that holds such ones, is evaluated when it is used. */
export function variableOf(value: unknown): Variable {
  if (value instanceof Deferred) return { node: value.node }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { value }
  const parts = Object.entries(value)
  const first = parts.find(([, part]) => part instanceof Deferred)?.[1] as Deferred | undefined
  if (!first) return { value }
  const { span } = first.node
  const pairs = parts.map(([key, part]) => ({
    key: { kind: 'scalar' as const, value: key, text: key, style: 'quoted' as const, unsafe: true as const, span },
    value: part instanceof Deferred ? part.node : asWritten(plainNode(part, span)),
  }))
  return { node: { kind: 'map', pairs, span } }
}

/** Braces in it are text. */
function asWritten(node: Node): Node {
  switch (node.kind) {
    case 'scalar':
      return { ...node, unsafe: true }
    case 'seq':
      return { ...node, items: node.items.map(asWritten) }
    case 'map':
      return { ...node, pairs: node.pairs.map(({ key, value }) => ({ key, value: asWritten(value) })) }
    default:
      return node
  }
}

/** A node as a variable's value: plain where nothing in it is computed. */
export function deferred(node: Node): unknown {
  return isComputedWithin(node) ? new Deferred(node) : toPlain(node)
}

function isComputedWithin(node: Node): boolean {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' && !node.unsafe && node.value.includes('{{')
    case 'seq':
      return node.items.some(isComputedWithin)
    case 'map':
      return node.pairs.some((pair) => isComputedWithin(pair.key) || isComputedWithin(pair.value))
    default:
      return true
  }
}
