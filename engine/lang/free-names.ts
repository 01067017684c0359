import type { Problem } from '../base/problem.ts'
import { Problem as ProblemClass } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { compileExpression } from './expression.ts'
import type { Node } from './node.ts'
import { type FreeName, type Guard, spanIn, type TextPlace } from './place-in-text.ts'
import { expressionOf, templateOf } from './render.ts'

export interface NeededName {
  readonly name: string
  readonly span: Span
  /** Only used where it may be undefined: in default, defined, has, `.?`. */
  readonly optional: boolean
  /** Keys written out behind it. */
  readonly keys: readonly { readonly name: string; readonly span: Span }[]
  /** Only asked for where none of these surely fails. */
  readonly guards: readonly Guard[]
}

/** The names of a text that was read already, with their places. */
export function placedNames(names: readonly FreeName[], place: TextPlace): NeededName[] {
  return names.map(({ name, start, end, optional, place: own, keys = [], guards = [] }) => ({
    name,
    span: spanIn(own ?? place, start, end),
    optional,
    keys: keys.map((key) => ({ name: key.name, span: spanIn(own ?? place, key.start, key.end) })),
    guards,
  }))
}

/** The variables that a value needs, through lists and maps; texts that cannot be read are left to `textProblems`. */
export function freeNames(node: Node): NeededName[] {
  return found(node).names
}

/** The same of a condition: its texts are expressions. */
export function conditionNames(node: Node): NeededName[] {
  return found(node, true).names
}

/** What is wrong with the templates and expressions inside a value, as far as it shows without evaluating them. */
export function textProblems(node: Node): Problem[] {
  return found(node).problems
}

export function conditionProblems(node: Node): Problem[] {
  return found(node, true).problems
}

/** Asked for every host, and for names and problems both: read once. */
const values = new WeakMap<Node, Found>()
const conditions = new WeakMap<Node, Found>()

function found(node: Node, isCondition = false): Found {
  const known = isCondition ? conditions : values
  let all = known.get(node)
  if (!all) {
    all = isCondition ? collectCondition(node) : collect(node)
    known.set(node, all)
  }
  return all
}

interface Found {
  readonly names: NeededName[]
  readonly problems: Problem[]
}

function collect(node: Node, found: Found = { names: [], problems: [] }): Found {
  switch (node.kind) {
    case 'scalar':
      read(found, node, () => templateOf(node)?.names)
      break
    case 'expr':
      read(found, node, () => expressionOf(node).names)
      break
    case 'seq':
      for (const item of node.items) collect(item, found)
      break
    case 'map':
      for (const { key, value } of node.pairs) {
        collect(key, found)
        collect(value, found)
      }
  }
  return found
}

function collectCondition(node: Node, found: Found = { names: [], problems: [] }): Found {
  if (node.kind === 'seq') for (const item of node.items) collectCondition(item, found)
  else if (node.kind === 'expr') read(found, node, () => expressionOf(node).names)
  else if (node.kind === 'scalar' && typeof node.value === 'string') {
    const text = node.value
    read(found, node, () => compileExpression(text, node).names)
  }
  return found
}

function read(found: Found, place: TextPlace, names: () => readonly FreeName[] | undefined): void {
  try {
    found.names.push(...placedNames(names() ?? [], place))
  } catch (thrown) {
    if (!(thrown instanceof ProblemClass)) throw thrown
    found.problems.push(thrown)
  }
}
