import type { Node } from '../lang/node.ts'
import { toPlain } from '../lang/plain.ts'

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
