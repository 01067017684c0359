import { Document, isNode, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Node } from '../lang/node.ts'
import { define, keyText } from '../lang/plain.ts'
import type { Variable } from '../lang/scope.ts'

/** A sealed value or a text without templates, as a listing keeps them: JSON and YAML write them each in their way. */
export class Tagged {
  readonly tag: 'vault' | 'unsafe' | 'expr'
  readonly text: string

  constructor(tag: Tagged['tag'], text: string) {
    this.tag = tag
    this.text = text
  }

  /** As Ansible's JSON has them. */
  toJSON(): unknown {
    if (this.tag === 'vault') return { __ansible_vault: this.text }
    return this.tag === 'unsafe' ? { __ansible_unsafe: this.text } : `!expr ${this.text}`
  }
}

/** A variable as plain data, templates left as they are written. */
export function listedValue(variable: Variable): unknown {
  return 'node' in variable ? plain(variable.node) : variable.value
}

function plain(node: Node): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.unsafe && typeof node.value === 'string' ? new Tagged('unsafe', node.value) : node.value
    case 'seq':
      return node.items.map(plain)
    case 'map': {
      const map: Record<string, unknown> = {}
      for (const pair of node.pairs) define(map, keyText(pair.key), plain(pair.value))
      return map
    }
    default:
      return new Tagged(node.kind, node.text)
  }
}

/** JSON with its keys in order. */
export function listingJson(value: unknown): string {
  return `${JSON.stringify(ordered(value), null, 4)}\n`
}

/** YAML with its keys in order; `!vault`, `!unsafe` and `!expr` keep their tags. */
export function listingYaml(value: unknown): string {
  // The version is for quoting what older readers take for numbers and truths.
  const document = new Document(null, { version: '1.1' })
  document.contents = yamlNode(ordered(value)) as typeof document.contents
  return document.toString({ lineWidth: 0, singleQuote: true, indentSeq: false })
}

function yamlNode(value: unknown): unknown {
  if (isNode(value)) return value
  if (value instanceof Tagged) {
    const scalar = new Scalar(value.text)
    scalar.tag = `!${value.tag}`
    if (value.tag === 'vault') scalar.type = Scalar.BLOCK_LITERAL
    return scalar
  }
  if (Array.isArray(value)) {
    const seq = new YAMLSeq()
    seq.items = value.map(yamlNode)
    return seq
  }
  if (typeof value !== 'object' || value === null) return new Scalar(value)
  const map = new YAMLMap()
  for (const [key, part] of Object.entries(value)) map.set(new Scalar(key), yamlNode(part))
  return map
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null || value instanceof Tagged) return value
  const map: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort(byCodePoint))
    define(map, key, ordered((value as Record<string, unknown>)[key]))
  return map
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
