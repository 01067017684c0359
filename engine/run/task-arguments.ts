import { asProblem, Problem, Problems } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { isUnknown, TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { isKeyword } from '../book/keywords.ts'
import { isLoopWord } from '../book/reading.ts'
import type { MapNode, Node, ScalarNode } from '../lang/node.ts'
import { nodeAt } from '../lang/node.ts'
import { spanIn } from '../lang/place-in-text.ts'
import { keyText, plainNode } from '../lang/plain.ts'
import { octalTrap } from '../lang/plain-scalar.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import { checkedParameters } from '../module/checked-parameters.ts'
import type { Module } from '../module/definition.ts'
import { type ObjectSchema, type Places, parameterName, schemaOf } from '../module/parameters.ts'
import { shortName } from '../module/registry.ts'
import { resolveMode } from '../state/mode.ts'
import { fixedOr } from './fixed-arguments.ts'
import { moduleDefaults } from './module-defaults.ts'

export interface Resolved {
  readonly params: Record<string, unknown>
  readonly problems: readonly Problem[]
}

export interface Given {
  readonly value: Node
  readonly key: Span
}

export interface Resolving {
  readonly keepUnknown: boolean
}

/** A task's parameters, filled in, typed and checked. What is wrong with them is in `problems`, each at its place. */
export function resolveArguments(task: Task, module: Module, scope: Scope, resolving: Resolving): Resolved {
  return fixedOr(task, module, () => computed(task, module, scope, resolving))
}

function computed(task: Task, module: Module, scope: Scope, resolving: Resolving): Resolved {
  const schema = schemaOf(module)
  const problems: Problem[] = []
  const given = givenArguments(task, module, problems)
  const unreadable = problems.length > 0
  for (const [name, value] of moduleDefaults(task, module, scope, resolving))
    if (![...given.keys()].some((key) => sameParameter(schema, key, name))) given.set(name, value)
  const values: Record<string, unknown> = {}
  for (const [written, { value, key }] of given) {
    const name = filledName(written, key, scope)
    const property = schema.properties[parameterName(schema, name) ?? '']
    try {
      const rendered = property?.expression ? toConditions(value) : renderValue(value, scope, resolving)
      if (typeof rendered === 'symbol') continue
      values[name] = property?.format === 'mode' ? mode(value, rendered, problems) : rendered
    } catch (thrown) {
      if (thrown instanceof Problem) problems.push(thrown.at(value.span))
      else if (thrown instanceof Problems) problems.push(...thrown.problems)
      else throw thrown
      // What could not be computed passes every check: it must not bring a second, misleading problem.
      values[name] = new Unknown('a value that could not be computed')
    }
  }
  // Parameters that are no map at all would only be missed one by one.
  if (unreadable) return { params: {}, problems }
  const checked = checkedParameters(`"${shortName(task.action)}"`, module, values, placesOf(task, given))
  return { params: checked.params, problems: [...problems, ...checked.problems.map((one) => asKeyword(task, one))] }
}

/** What is no parameter may be a keyword that was indented too far, or the rest of a value that a comma ended. */
function asKeyword(task: Task, problem: Problem): Problem {
  const at = problem.spans[0]
  const name = at?.source.text.slice(at.start, at.end) ?? ''
  if (problem.code !== 'unknown-parameter') return problem
  const isPart = /[()\]]/.test(name)
  if (!isPart && !isKeyword(name, 'task') && !isLoopWord(name)) return problem
  const hint = isPart
    ? 'Within braces a comma ends a value: put the whole of it in quotes.'
    : `"${name}" is a keyword of the task: line it up with "${task.action}:".`
  return new Problem(problem.code, problem.message, { at: problem.spans, hint })
}

/** A parameter whose name is computed: `set_fact: {"port_of_{{item}}": 80}`. */
function filledName(name: string, key: Span, scope: Scope): string {
  if (!name.includes('{{')) return name
  const filled = renderValue(plainNode(name, key), scope)
  if (isUnknown(filled)) throw new TouchedUnknown(filled)
  return String(filled)
}

function sameParameter(schema: ObjectSchema, a: string, b: string): boolean {
  return (parameterName(schema, a) ?? a) === (parameterName(schema, b) ?? b)
}

/** Conditions go to the module as nodes: it asks the controller to evaluate them. */
function toConditions(node: Node): unknown {
  return node.kind === 'seq' ? node.items : [node]
}

/** The pairs of the module's map, of `args:`, and of the short form. */
function givenArguments(task: Task, module: Module, problems: Problem[]): Map<string, Given> {
  const given = new Map<string, Given>()
  const take = (map: MapNode) => {
    for (const pair of map.pairs) given.set(keyText(pair.key), { value: pair.value, key: pair.key.span })
  }
  if (task.moreArgs?.kind === 'map') take(task.moreArgs)
  const args = task.args
  if (!args || (args.kind === 'scalar' && args.value === null)) return given
  if (args.kind === 'map') take(args)
  else if (args.kind === 'scalar') shortForm(args, module, given, problems)
  else if (module.freeForm !== undefined) given.set(module.freeForm, { value: args, key: args.span })
  else
    problems.push(
      new Problem('bad-parameter', `The parameters of "${task.action}" must be a map.`, {
        at: args.span,
        hint: `Write them below, each as "name: value".`,
      }),
    )
  return given
}

/** `file: path=/a state=directory`, and `command: echo hi chdir=/tmp`. */
function shortForm(node: ScalarNode, module: Module, given: Map<string, Given>, problems: Problem[]): void {
  const schema = schemaOf(module)
  const text = String(node.value)
  const free: { start: number; end: number }[] = []
  let pairs = 0
  const word = /(?:[^\s"'{]|\{(?!\{)|"(?:\\.|[^"\\])*"|'[^']*'|\{\{[\s\S]*?\}\})+/g
  const known = (name: string) => parameterName(schema, name) !== undefined
  for (const match of text.matchAll(word)) {
    const pair = /^([A-Za-z_][\w-]*)=([\s\S]*)$/.exec(match[0])
    if (pair && (known(pair[1]!) || module.freeForm === undefined)) {
      pairs++
      const quoted = /^"([\s\S]*)"$|^'([\s\S]*)'$/.exec(pair[2]!)
      const inner = quoted ? (quoted[1] ?? quoted[2]!) : pair[2]!
      const start = match.index + pair[1]!.length + 1 + (quoted ? 1 : 0)
      given.set(pair[1]!, {
        value: part(node, inner, start),
        key: spanIn(node, match.index, match.index + pair[1]!.length),
      })
    } else free.push({ start: match.index, end: match.index + match[0].length })
  }
  if (free.length === 0) return
  if (module.freeForm === undefined) {
    problems.push(
      new Problem('bad-parameter', 'This word is not of the form name=value.', {
        at: spanIn(node, free[0]!.start, free[0]!.end),
        hint: 'Write the parameters below, each as "name: value".',
      }),
    )
    return
  }
  // The words between are the command as it was written, spaces and all.
  const value = pairs > 0 ? free.map((range) => text.slice(range.start, range.end)).join(' ') : text
  given.set(module.freeForm, { value: pairs > 0 ? part(node, value, free[0]!.start) : node, key: node.span })
}

function part(node: ScalarNode, text: string, start: number): ScalarNode {
  const { offsets } = node
  return {
    ...node,
    value: text,
    text,
    style: 'quoted',
    span: spanIn(node, start, start + text.length),
    ...(offsets ? { offsets: (index: number) => offsets(index + start) } : {}),
  }
}

/** `0644` unquoted means what it looks like; `644` does not, and is refused. */
function mode(node: Node, value: unknown, problems: Problem[]): unknown {
  if (typeof value === 'string' || (node.kind === 'scalar' && octalTrap(node))) {
    const text = typeof value === 'string' ? value : (node as ScalarNode).text
    try {
      // `preserve` is copy's and template's own.
      if (text !== 'preserve' && text !== '') resolveMode(text, '0000', false)
    } catch (thrown) {
      problems.push(asProblem(thrown).at(node.span))
      return new Unknown('a mode that cannot be read')
    }
    return text
  }
  if (typeof value === 'number') {
    const text = node.kind === 'scalar' ? node.text : String(value)
    problems.push(
      new Problem('yaml-trap', `A bare ${text} is a decimal number, not a file mode.`, {
        at: node.span,
        hint: `Quote it, with a leading zero: "0${text}".`,
      }),
    )
  }
  return value
}

function placesOf(task: Task, given: ReadonlyMap<string, Given>): Places {
  const entry = (name: string) => given.get(name) ?? [...given].find(([key]) => key.replaceAll('-', '_') === name)?.[1]
  return {
    whole: task.actionSpan,
    key: (name) => entry(name)?.key ?? task.actionSpan,
    value: (path) => {
      const at = path.length === 0 ? undefined : entry(String(path[0]))
      return at ? nodeAt(at.value, path.slice(1)).span : task.actionSpan
    },
    within: (path, text, start, end) => {
      const at = path.length === 0 ? undefined : entry(String(path[0]))
      const node = at && nodeAt(at.value, path.slice(1))
      return node?.kind === 'scalar' && node.value === text && node.offsets ? spanIn(node, start, end) : undefined
    },
  }
}

/** A task's parameters as they stand, by the schema's names. */
export function givenNodes(task: Task, module: Module): Map<string, Node> {
  const schema = schemaOf(module)
  return new Map(
    [...givenArguments(task, module, [])].map(([name, given]) => [parameterName(schema, name) ?? name, given.value]),
  )
}
