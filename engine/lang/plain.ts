import type { Span } from '../base/span.ts'
import { Source } from '../base/span.ts'
import { Unknown } from '../base/unknown.ts'
import type { Node, ScalarNode } from './node.ts'

/** What stands for a computed or sealed value in plain data that was not evaluated. */
export class Unevaluated {
  readonly kind: 'expr' | 'vault'
  readonly text: string
  readonly node: Node
  constructor(node: Extract<Node, { kind: 'expr' | 'vault' }>) {
    this.kind = node.kind
    this.text = node.text
    this.node = node
  }
  toJSON(): string {
    return this.kind === 'expr' ? `!expr ${this.text}` : '!vault (sealed)'
  }
}

/** A node as plain data, templates left as text; `!expr` and `!vault` become `Unevaluated`. */
export function toPlain(node: Node): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'seq':
      return node.items.map(toPlain)
    case 'map': {
      const plain: Record<string, unknown> = {}
      for (const pair of node.pairs) define(plain, keyText(pair.key), toPlain(pair.value))
      return plain
    }
    default:
      return new Unevaluated(node)
  }
}

/** The name a map's key has in data: `1` and `true` are "1" and "true". */
export function keyText(key: ScalarNode): string {
  return key.style === 'plain' && key.value === null ? key.text || 'null' : String(key.value)
}

/** Sets a key whatever it is called: `__proto__` must not reach the prototype. */
export function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

/** Plain data as a node, all of it at one place: for `-e` and other values that are not from a YAML file. */
export function plainNode(value: unknown, at: Span | string): Node {
  const span = typeof at === 'string' ? { source: new Source(at, ''), start: 0, end: 0 } : at
  if (Array.isArray(value)) return { kind: 'seq', items: value.map((item) => plainNode(item, span)), span }
  if (typeof value === 'object' && value !== null && !(value instanceof Unknown)) {
    const pairs = Object.entries(value).map(([key, part]) => ({ key: scalar(key, span), value: plainNode(part, span) }))
    return { kind: 'map', pairs, span }
  }
  return scalar(value, span)
}

function scalar(value: unknown, span: Span): ScalarNode {
  const plain = typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value ?? '')
  return { kind: 'scalar', value: plain, text: String(plain ?? ''), style: 'quoted', span }
}
