import type { ASTNode } from '@marcbachmann/cel-js'
import { didYouMean } from '../base/suggest.ts'
import { foundNothing } from './access.ts'
import { type Code, type Context, known, lenient, strict } from './expression-frame.ts'
import { unwrap } from './expression-optional.ts'
import { call, callMisfit, checkCall, NamedArguments } from './functions/call.ts'
import { isMap, type LanguageFunction } from './functions/function.ts'
import { functionNamed, functionNames } from './functions/table.ts'
import { Misfit } from './place-in-text.ts'

export function functionFor(node: ASTNode, name: string): LanguageFunction {
  const entry = functionNamed(name)
  if (entry) return entry
  throw new Misfit(
    'expression',
    `there is no function "${name}"`,
    node,
    didYouMean(name, functionNames()) ?? 'tsplay doc --functions lists them.',
  )
}

export function callEntry(
  node: ASTNode,
  entry: LanguageFunction,
  name: string,
  args: readonly ASTNode[],
  context: Context,
): Code {
  const last = args.at(-1)
  const names = last && withNames(last)
  try {
    if (names !== 'computed') checkCall(entry, args.length - (names ? 1 : 0), names ?? [], name)
  } catch (thrown) {
    throw callMisfit('expression', thrown, name, node)
  }
  const codes = args.map((arg, index) => {
    if (index === args.length - 1 && arg.op === 'call' && arg.args[0] === 'with') return namedArguments(arg, context)
    const copes = entry.acceptsUndefined === 'all' || (entry.acceptsUndefined === 'first' && index === 0)
    return context.compile(arg, copes ? lenient(context) : strict(context))
  })
  return (frame) => {
    const values = codes.map((code) => unwrap(code(frame)))
    try {
      const value = call(entry, values, frame.scope, undefined, name)
      if (value === undefined && !context.lenient) throw foundNothing(name, values, node)
      return value
    } catch (thrown) {
      throw callMisfit('expression', thrown, name, node)
    }
  }
}

/** The names in `with({…})`; undefined for any other argument. */
function withNames(node: ASTNode): string[] | 'computed' | undefined {
  if (node.op !== 'call' || node.args[0] !== 'with') return undefined
  const [map] = node.args[1]
  if (map?.op !== 'map') return 'computed'
  const keys = map.args.map(([key]) => (key.op === 'value' ? String(key.args) : undefined))
  return keys.every((key) => key !== undefined) ? keys : 'computed'
}

/** `with({…})` at the end of the arguments: arguments by name, which CEL itself does not have. */
function namedArguments(node: ASTNode & { op: 'call' }, context: Context): Code {
  const [map] = node.args[1]
  if (map === undefined || node.args[1].length > 1)
    throw new Misfit('expression', 'with takes one map', node, 'Write f(x, with({"name": value})).')
  const code = context.compile(map, strict(context))
  return (frame) => {
    const values = known(unwrap(code(frame)))
    if (isMap(values)) return new NamedArguments(values)
    throw new Misfit('expression', 'with takes a map', node, 'Write f(x, with({"name": value})).')
  }
}

/** CEL's extensions, which put a name before a point, and what they are called here. */
export const namespaced: Readonly<Record<string, string>> = {
  'math.greatest': 'max',
  'math.least': 'min',
  'math.ceil': 'ceil',
  'math.floor': 'floor',
  'math.round': 'round',
  'math.abs': 'abs',
  'math.sign': 'sign',
  'math.sqrt': 'root',
  'math.trunc': 'int',
  'math.isNaN': 'nan',
  'sets.contains': 'superset',
  'sets.equivalent': 'equivalent',
  'sets.intersects': 'intersects',
  'base64.encode': 'b64encode',
  'base64.decode': 'b64decode',
  'strings.quote': 'to_json',
  'lists.range': 'range',
}
