import { Problem } from '../base/problem.ts'
import type { Source, Span } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'
import { plainNode } from '../lang/plain.ts'
import type { Group, Origin, Variables } from './group.ts'
import { readHostWord } from './host-range.ts'
import { literalOrText } from './python-literal.ts'
import type { Tree } from './tree.ts'

/** A group that a section speaks of before, or without, any section of its own. */
interface Mention {
  readonly name: string
  readonly span: Span
  readonly use: (group: Group) => void
}

/** Reads an INI inventory, `[group]`, `[group:children]`, `[group:vars]` and host lines, as Ansible does. */
export function readIniInventory(tree: Tree, source: Source, origin: Origin): void {
  const declared = new Set<string>(['all', 'ungrouped'])
  const mentions: Mention[] = []
  const problem = (message: string, at: Span, hint: string) =>
    tree.problems.push(new Problem('inventory', message, { at, hint }))
  let section: { name: string; kind: string; span: Span } = {
    name: 'ungrouped',
    kind: 'hosts',
    span: { source, start: 0, end: 0 },
  }
  let variables: Variables | undefined
  let start = 0
  for (const line of source.text.split('\n')) {
    const text = line.trim()
    const span: Span = { source, start: start + line.indexOf(text), end: start + line.indexOf(text) + text.length }
    start += line.length + 1
    if (text === '' || text.startsWith('#') || text.startsWith(';')) continue
    if (text.startsWith('[')) {
      const head = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(text)
      // `[a:c]x` may also be a host range; a section is alone in its brackets.
      if (head) {
        const [, name, kind = 'hosts'] = head
        section = { name: name!, kind, span }
        if (!['hosts', 'children', 'vars'].includes(kind)) {
          const hint =
            didYouMean(kind, ['hosts', 'children', 'vars']) ?? `Write [${name}], [${name}:children] or [${name}:vars].`
          problem(`there are no sections of the kind ":${kind}"`, span, hint)
          section = { ...section, kind: 'unknown' }
        } else if (kind === 'vars') {
          const own: Variables = new Map()
          variables = own
          mentions.push({ name: name!, span, use: (group) => keepVariables(group, own, problem) })
        } else declared.add(tree.group(name!, span).name)
        continue
      }
    }
    if (section.kind === 'hosts') readHostLine(tree, text, span, section.name, origin, problem)
    else if (section.kind === 'vars') readVariable(text, span, variables!, problem)
    else if (section.kind === 'children') {
      const child = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(text)
      const parent = tree.group(section.name)
      if (child) mentions.push({ name: child[1]!, span, use: (group) => tree.child(parent, group, span) })
      else problem('a line of :children is the name of one group', span, 'Put each group on a line of its own.')
    }
  }
  for (const { name, span, use } of mentions) {
    const known = tree.groups.get(name)
    if (known) use(known)
    else
      problem(
        `no section declares the group "${name}"`,
        span,
        didYouMean(name, [...tree.groups.keys()]) ?? `Add a section [${name}].`,
      )
  }
}

type Complain = (message: string, at: Span, hint: string) => void

function keepVariables(group: Group, variables: Variables, problem: Complain): void {
  for (const [name, variable] of variables) {
    if (name !== 'ansible_group_priority') {
      group.vars.set(name, variable)
      continue
    }
    const node = 'node' in variable ? variable.node : undefined
    const priority = node?.kind === 'scalar' ? Number(node.value) : Number.NaN
    if (Number.isInteger(priority)) group.priority = priority
    else if (node)
      problem(
        'ansible_group_priority must be a whole number',
        node.span,
        'Among groups of one depth the higher number wins; 1 is the default.',
      )
  }
}

function readVariable(text: string, span: Span, variables: Variables, problem: Complain): void {
  const equals = text.indexOf('=')
  if (equals < 1) {
    problem('a line of :vars is "name = value"', span, 'Put the value behind an equals sign.')
    return
  }
  const value = text.slice(equals + 1).trim()
  const at = { ...span, start: span.end - value.length }
  variables.set(text.slice(0, equals).trim(), { node: plainNode(literalOrText(value), at) })
}

function readHostLine(tree: Tree, text: string, span: Span, group: string, origin: Origin, problem: Complain): void {
  const words = splitWords(text)
  if (!words) {
    problem('a quote is not closed', span, 'Close it, or leave it out: values without spaces need none.')
    return
  }
  const [name, ...settings] = words
  if (!name) return
  const at = (word: Word): Span => ({ source: span.source, start: span.start + word.start, end: span.start + word.end })
  try {
    const { names, port } = readHostWord(name.text)
    for (const one of names) {
      const host = tree.host(one, tree.group(group), origin, at(name))
      if (port !== undefined) host.vars.set('ansible_port', { value: port, span: at(name) })
      for (const word of settings) {
        const equals = word.text.indexOf('=')
        if (equals < 1) {
          problem(
            'this word is not of the form name=value',
            at(word),
            'Write: name, then name=value pairs, without blanks.',
          )
          return
        }
        host.vars.set(word.text.slice(0, equals), {
          node: plainNode(literalOrText(word.text.slice(equals + 1)), at(word)),
        })
      }
    }
  } catch (error) {
    problem(
      `"${name.text}" cannot be read as a host: ${(error as Error).message}`,
      at(name),
      'Write: name, then name=value pairs; quote a value that has spaces.',
    )
  }
}

interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Words as a shell splits them, without their quotes; the rest after # is a comment. Undefined: a quote stays open. */
function splitWords(line: string): Word[] | undefined {
  const words: Word[] = []
  let at = 0
  while (at < line.length) {
    if (/\s/.test(line[at]!)) {
      at++
      continue
    }
    const start = at
    let text = ''
    while (at < line.length && !/\s/.test(line[at]!)) {
      const character = line[at]!
      if (character === '#') break
      if (character === '"' || character === "'") {
        let end = at + 1
        while (end < line.length && line[end] !== character) {
          if (character === '"' && line[end] === '\\' && /["\\]/.test(line[end + 1] ?? '')) end++
          text += line[end]
          end++
        }
        if (end >= line.length) return undefined
        at = end + 1
      } else {
        if (character === '\\') at++
        text += line[at] ?? ''
        at++
      }
    }
    if (at > start) words.push({ text, start, end: at })
    if (line[at] === '#') break
  }
  return words
}
