import type { Alias, Document, Scalar, YAMLError, YAMLMap, YAMLSeq, Pair as YamlPair } from 'yaml'
import { isAlias, isMap, isScalar, parseAllDocuments, visit } from 'yaml'
import { Problem } from '../base/problem.ts'
import type { Source, Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import type { ExprNode, MapNode, Node, Pair, ScalarNode } from './node.ts'
import { resolvePlain } from './plain-scalar.ts'
import { blockOffsets, doubleQuotedOffsets, flowOffsets } from './scalar-offsets.ts'
import { noText, unknownTag, unquotedBraces, yamlProblem } from './yaml-problem.ts'

export interface YamlFile {
  /** The first document; undefined when the file is empty or could not be read at all. */
  readonly root: Node | undefined
  /** Every document of the file (`---` between). */
  readonly documents: readonly Node[]
  readonly problems: readonly Problem[]
}

const scalarTags = new Map<string, 'str' | 'plain' | 'unsafe' | 'expr' | 'vault'>([
  ['!unsafe', 'unsafe'],
  ['!expr', 'expr'],
  ['!vault', 'vault'],
  ['!vault-encrypted', 'vault'],
  ['!', 'str'],
  ['tag:yaml.org,2002:str', 'str'],
  ['tag:yaml.org,2002:int', 'plain'],
  ['tag:yaml.org,2002:float', 'plain'],
  ['tag:yaml.org,2002:bool', 'plain'],
  ['tag:yaml.org,2002:null', 'plain'],
])
const collectionTags = new Set(['!unsafe', '!', 'tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq'])
/** Aliases may make a small file huge (a "billion laughs"); no playbook is near this. */
const mostNodes = 200_000

type YamlNode = Scalar | Alias | YAMLMap | YAMLSeq

/** Reads YAML into nodes that keep their places. Every problem of the file is in `problems`; never throws for bad text. */
export function parseYaml(source: Source): YamlFile {
  const unreadable = noText(source)
  if (unreadable) return { root: undefined, documents: [], problems: [unreadable] }
  const parsed = parseAllDocuments(source.text, {
    version: '1.2',
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const problems: Problem[] = []
  const documents: Node[] = []
  if (Array.isArray(parsed)) {
    for (const document of parsed) {
      const reader = new Reader(source, document, problems)
      reader.errors(document.errors)
      if (document.contents) documents.push(reader.node(document.contents as YamlNode, false))
    }
  }
  problems.sort((a, b) => (a.spans[0]?.start ?? 0) - (b.spans[0]?.start ?? 0))
  const root = documents.find((node) => !(node.kind === 'scalar' && node.value === null))
  return { root, documents, problems }
}

class Reader {
  readonly #source: Source
  readonly #document: Document
  readonly #problems: Problem[]
  readonly #anchored = new Map<object, Node>()
  readonly #sizes = new Map<object, number>()
  readonly #open = new Set<object>()
  readonly #bracedLines = new Set<number>()

  constructor(source: Source, document: Document, problems: Problem[]) {
    this.#source = source
    this.#document = document
    this.#problems = problems
  }

  errors(errors: readonly YAMLError[]): void {
    for (const error of errors) {
      const start = Math.min(error.pos[0], this.#source.text.length)
      const { line } = this.#source.position(start)
      const braces = unquotedBraces(this.#source, start)
      if (braces) {
        if (!this.#bracedLines.has(line)) this.#problems.push(braces)
        this.#bracedLines.add(line)
      } else if (!this.#bracedLines.has(line)) {
        this.#problems.push(yamlProblem(error, this.#source))
        // What follows on the line is mostly an echo of the first mistake.
        this.#bracedLines.add(line)
      }
    }
  }

  node(yaml: YamlNode | null, unsafe: boolean): Node {
    if (yaml === null) return this.#null(0)
    if (isAlias(yaml)) return this.#alias(yaml, unsafe)
    if (isScalar(yaml)) return this.#scalar(yaml, unsafe)
    this.#open.add(yaml)
    const tag = yaml.tag
    if (tag !== undefined && !collectionTags.has(tag)) this.#unknownTag(tag, yaml)
    const inside = unsafe || tag === '!unsafe'
    const node: Node = isMap(yaml)
      ? this.#map(yaml, inside)
      : {
          kind: 'seq',
          items: (yaml.items as YamlNode[]).map((item) => this.node(item, inside)),
          span: this.#span(yaml),
        }
    this.#open.delete(yaml)
    this.#anchored.set(yaml, node)
    this.#measure(yaml, node)
    return node
  }

  #alias(alias: Alias, unsafe: boolean): Node {
    const span = this.#span(alias)
    const target = alias.resolve(this.#document) as YamlNode | undefined
    if (!target) {
      // The name is not repeated: it may be an unquoted password.
      const near = suggest(alias.source, this.#anchors())
      this.#problems.push(
        new Problem('yaml-syntax', 'this alias names no anchor above it', {
          at: span,
          hint: near ? `Did you mean "*${near}"?` : 'Put a text that begins with * in quotes.',
        }),
      )
      return this.#null(span.start)
    }
    if (this.#open.has(target)) {
      this.#problems.push(
        new Problem('yaml-syntax', `the anchor "${alias.source}" contains itself`, {
          at: span,
          hint: 'Move the alias out of what it names.',
        }),
      )
      return this.#null(span.start)
    }
    const node = this.#anchored.get(target) ?? this.node(target, unsafe)
    const { offsets: _, ...rest } = node as ScalarNode
    return { ...rest, span } as Node
  }

  #anchors(): string[] {
    const names: string[] = []
    visit(this.#document, { Node: (_, node) => void ('anchor' in node && node.anchor && names.push(node.anchor)) })
    return names
  }

  #measure(yaml: object, node: Node): void {
    const parts = node.kind === 'seq' ? node.items : node.kind === 'map' ? node.pairs.map((pair) => pair.value) : []
    let size = 1
    for (const part of parts)
      size += this.#sizes.get('pairs' in part ? part.pairs : 'items' in part ? part.items : part) ?? 1
    this.#sizes.set('pairs' in node ? node.pairs : 'items' in node ? node.items : yaml, size)
    if (
      size > mostNodes &&
      parts.every(
        (part) =>
          (this.#sizes.get('pairs' in part ? part.pairs : 'items' in part ? part.items : part) ?? 1) <= mostNodes,
      )
    ) {
      this.#problems.push(
        new Problem('yaml-syntax', `aliases make this ${size} values large`, {
          at: node.span,
          hint: 'Write the data out, or use fewer nested aliases.',
        }),
      )
    }
  }

  #map(map: YAMLMap, unsafe: boolean): MapNode {
    const span = this.#span(map)
    if (this.#isBraces(map)) return { kind: 'map', pairs: [], span }
    const pairs: Pair[] = []
    const merged: Pair[] = []
    const seen = new Map<string, ScalarNode>()
    for (const item of map.items as YamlPair<YamlNode, YamlNode | null>[]) {
      const key = this.#key(item.key)
      if (!key) continue
      if (key.text === '<<' && key.style === 'plain') {
        merged.push(...this.#merge(item.value, unsafe))
        continue
      }
      const value = item.value === null ? this.#null(key.span.end) : this.node(item.value, unsafe)
      const name = String(key.value)
      const earlier = seen.get(name)
      if (earlier) {
        this.#problems.push(
          new Problem('yaml-trap', `the key "${name}" is given twice in one map`, {
            at: [key.span, earlier.span],
            hint: 'YAML would silently keep only the last: remove one.',
          }),
        )
        continue
      }
      seen.set(name, key)
      pairs.push({ key, value })
    }
    if (merged.length === 0) return { kind: 'map', pairs, span }
    // What is merged stands first, as for other readers; what the map says itself takes its place there.
    const all = new Map<string, Pair>()
    for (const pair of merged) if (!all.has(String(pair.key.value))) all.set(String(pair.key.value), pair)
    for (const pair of pairs) all.set(String(pair.key.value), pair)
    return { kind: 'map', pairs: [...all.values()], span }
  }

  #merge(value: YamlNode | null, unsafe: boolean): Pair[] {
    const known = this.#problems.length
    const node = value === null ? undefined : this.node(value, unsafe)
    if (this.#problems.length > known) return []
    const maps = node?.kind === 'map' ? [node] : node?.kind === 'seq' ? node.items : undefined
    const bad = maps ? maps.find((part) => part.kind !== 'map') : node
    if (!maps || bad) {
      this.#problems.push(
        new Problem('yaml-syntax', 'only a map, or a list of maps, can be merged with <<', {
          at: node?.span,
          hint: 'Name a map by its anchor: `<<: *name`.',
        }),
      )
      return []
    }
    return maps.flatMap((part) => (part as MapNode).pairs)
  }

  #key(yaml: YamlNode): ScalarNode | undefined {
    if (yaml === null) return undefined
    const node = isScalar(yaml) || isAlias(yaml) ? this.node(yaml, false) : undefined
    if (node?.kind === 'scalar') return node
    // Told by the mistake that made a key of it.
    if (this.#bracedLines.has(this.#source.position(yaml.range?.[0] ?? 0).line)) return undefined
    this.#problems.push(
      new Problem('yaml-syntax', 'a list or map cannot be the key of a map', {
        at: this.#span(yaml),
        hint: 'Keys are plain words; quote a key that begins with { or [.',
      }),
    )
    return undefined
  }

  /** `a: {{ x }}`: to YAML a map whose key is a map. Told once a line. */
  #isBraces(map: YAMLMap): boolean {
    if (!map.flow || !map.range || !this.#source.text.startsWith('{{', map.range[0])) return false
    const { line } = this.#source.position(map.range[0])
    if (this.#bracedLines.has(line)) return true
    const problem = unquotedBraces(this.#source, map.range[0])
    if (!problem) return false
    this.#bracedLines.add(line)
    this.#problems.push(problem)
    return true
  }

  #scalar(yaml: Scalar, inUnsafe: boolean): Node {
    const span = this.#span(yaml)
    const style = yaml.type === 'PLAIN' ? 'plain' : yaml.type?.startsWith('QUOTE') ? 'quoted' : 'block'
    const text = String(yaml.value ?? '')
    const kind = yaml.tag === undefined ? undefined : scalarTags.get(yaml.tag)
    if (yaml.tag !== undefined && !kind) this.#unknownTag(yaml.tag, yaml)
    const offsets = this.#offsets(yaml, text, span)
    if (kind === 'expr') return { kind: 'expr', text, span, offsets } satisfies ExprNode
    if (kind === 'vault') return { kind: 'vault', text, span }
    const unsafe = inUnsafe || kind === 'unsafe'
    const value = kind === 'plain' || (style === 'plain' && kind === undefined) ? resolvePlain(text) : text
    return { kind: 'scalar', value, text, style, span, offsets, ...(unsafe ? { unsafe } : {}) }
  }

  #offsets(yaml: Scalar, value: string, span: Span): (index: number) => number {
    const text = this.#source.text
    const [start, end] = [span.start, span.end]
    if (yaml.type === 'PLAIN' && end - start === value.length) return (index) => start + index
    let table: number[] | undefined | null = null
    return (index) => {
      if (table === null) {
        if (yaml.type === 'PLAIN') table = flowOffsets(text, start, end, value, false)
        else if (yaml.type === 'QUOTE_SINGLE') table = flowOffsets(text, start + 1, end - 1, value, true)
        else if (yaml.type === 'QUOTE_DOUBLE') table = doubleQuotedOffsets(text, start, value)
        else table = blockOffsets(text, start, value)
      }
      if (!table || table.length === 0) return start
      return index < table.length ? table[index]! : table.at(-1)! + 1
    }
  }

  #unknownTag(tag: string, yaml: YamlNode): void {
    this.#problems.push(unknownTag(tag, this.#span(yaml)))
  }

  #null(at: number): ScalarNode {
    return { kind: 'scalar', value: null, text: '', style: 'plain', span: { source: this.#source, start: at, end: at } }
  }

  #span(yaml: YamlNode): Span {
    const [start, end] = yaml.range ?? [0, 0]
    return { source: this.#source, start, end }
  }
}
