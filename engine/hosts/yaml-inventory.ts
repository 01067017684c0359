import { Problem } from '../base/problem.ts'
import type { Source, Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import type { MapNode, Node, Pair } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import { parseYaml } from '../lang/yaml.ts'
import type { Group, Origin, Variables } from './group.ts'
import { readHostWord } from './host-range.ts'
import type { Tree } from './tree.ts'

const sections = ['hosts', 'children', 'vars']

/** Reads one YAML inventory into the tree; what is wrong goes to its problems. */
export function readYamlInventory(tree: Tree, source: Source, origin: Origin): void {
  const { root, problems } = parseYaml(source)
  tree.problems.push(...problems)
  if (!root) return
  if (root.kind !== 'map') {
    if (problems.length > 0) return
    tree.problems.push(
      new Problem('inventory', 'an inventory is a map of groups', {
        at: firstLine(root.span),
        hint: 'Begin with a group: "all:", below it "hosts:", below that one host a line.',
      }),
    )
    return
  }
  new Reader(tree, origin).groups(root)
}

class Reader {
  readonly #tree: Tree
  readonly #origin: Origin

  constructor(tree: Tree, origin: Origin) {
    this.#tree = tree
    this.#origin = origin
  }

  groups(root: MapNode): void {
    for (const pair of root.pairs) {
      if (keyText(pair.key) === 'plugin') {
        this.#problem(
          'this configures an inventory plugin, which tsplay does not have',
          pair.key.span,
          'Write the hosts out, or use an executable that prints them.',
        )
        return
      }
      this.#group(pair)
    }
  }

  #group({ key, value }: Pair): Group | undefined {
    const name = keyText(key)
    if (value.kind !== 'map' && !isNull(value)) {
      this.#problem(
        `the group "${name}" must be a map of hosts, children and vars, not ${kindOf(value)}`,
        key.span,
        `Put hosts below "${name}:" as "hosts:", one key a host.`,
      )
      return undefined
    }
    if (name === '' || /\s/.test(name)) {
      this.#problem(`"${name}" cannot be the name of a group`, key.span, 'Use letters, digits, _ and -.')
      return undefined
    }
    const group = this.#tree.group(name, key.span)
    if (value.kind === 'map') for (const section of value.pairs) this.#section(group, section)
    return group
  }

  #section(group: Group, { key, value }: Pair): void {
    const name = keyText(key)
    if (!sections.includes(name)) {
      const meant = suggest(name, sections)
      const hint = meant
        ? `Did you mean "${meant}"?`
        : value.kind === 'map'
          ? `A group inside "${group.name}" belongs below its "children:", a host below its "hosts:".`
          : 'A variable belongs below "vars:".'
      this.#problem(`a group has hosts, children and vars, not "${name}"`, key.span, hint)
      return
    }
    for (const pair of this.#entries(group, name, key.span, value)) {
      if (name === 'hosts') this.#host(group, pair)
      else if (name === 'vars') this.#groupVariable(group, pair)
      else {
        const child = this.#group(pair)
        if (child) this.#tree.child(group, child, pair.key.span)
      }
    }
  }

  /** A section is a map; one name alone may stand for a map of it. */
  #entries(group: Group, section: string, at: Span, value: Node): readonly Pair[] {
    if (value.kind === 'map') return value.pairs
    if (isNull(value)) return []
    if (value.kind === 'scalar' && typeof value.value === 'string' && section !== 'vars') {
      const nothing = { kind: 'scalar', value: null, text: '', style: 'plain', span: value.span } as const
      return [{ key: value, value: nothing }]
    }
    const hint =
      section === 'vars'
        ? 'Write "name: value" lines.'
        : 'Write each name as a key, with a colon after it, without a dash before it.'
    this.#problem(`"${section}" of the group "${group.name}" must be a map, not ${kindOf(value)}`, at, hint)
    return []
  }

  #host(group: Group, { key, value }: Pair): void {
    const word = keyText(key)
    if (value.kind !== 'map' && !isNull(value)) {
      this.#problem(
        `the variables of the host "${word}" must be a map, not ${kindOf(value)}`,
        value.span,
        `Write "name: value" lines below "${word}:".`,
      )
      return
    }
    try {
      const { names, port } = readHostWord(word)
      for (const name of names) {
        if (name === '' || /[\s,]/.test(name)) throw new Error('a host name has no spaces and no commas')
        const host = this.#tree.host(name, group, this.#origin, key.span)
        if (port !== undefined) host.vars.set('ansible_port', { value: port, span: key.span })
        if (value.kind === 'map') setAll(host.vars, value)
      }
    } catch (error) {
      this.#problem(
        `"${word}" cannot be read as a host: ${(error as Error).message}`,
        key.span,
        'Write a name, an address, or a range such as web[01:20].',
      )
    }
  }

  #groupVariable(group: Group, { key, value }: Pair): void {
    if (keyText(key) !== 'ansible_group_priority') {
      group.vars.set(keyText(key), { node: value })
      return
    }
    const priority = value.kind === 'scalar' ? Number(value.value) : Number.NaN
    if (Number.isInteger(priority)) group.priority = priority
    else
      this.#problem(
        'ansible_group_priority must be a whole number',
        value.span,
        'Among groups of one depth the higher number wins; 1 is the default.',
      )
  }

  #problem(message: string, at: Span, hint: string): void {
    this.#tree.problems.push(new Problem('inventory', message, { at, hint }))
  }
}

export function setAll(variables: Variables, map: MapNode): void {
  for (const { key, value } of map.pairs) variables.set(keyText(key), { node: value })
}

export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null
}

export function kindOf(node: Node): string {
  if (node.kind === 'seq') return 'a list'
  if (node.kind === 'map') return 'a map'
  if (node.kind === 'scalar') return `"${node.text}"`
  return node.kind === 'expr' ? 'an expression' : 'a sealed value'
}

/** Whole documents are long; their beginning is enough to point at. */
export function firstLine(span: Span): Span {
  const end = span.source.text.indexOf('\n', span.start)
  return end < 0 || end > span.end ? span : { ...span, end }
}
