import type { ASTNode } from '@marcbachmann/cel-js'
import { asBool, type Code, type Context, type Frame, guardedBy, known, strict } from './expression-frame.ts'
import { unwrap } from './expression-optional.ts'
import { order } from './functions/equal.ts'
import { describe, isMap } from './functions/function.ts'
import { Misfit } from './place-in-text.ts'

const loops = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'])

/** `list.map(x, …)` and its kin, `cel.bind(x, value, …)`, `optional.optMap`; undefined when it is none of them. */
export function compileMacro(
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  context: Context,
): Code | undefined {
  const [binder, second, third] = args
  if (name === 'bind' && receiver.op === 'id' && receiver.args === 'cel' && binder?.op === 'id' && second && third) {
    const value = context.compile(second, strict(context))
    const body = context.compile(third, within(context, binder.args))
    return (frame) => body(bind(frame, binder.args, value(frame)))
  }
  if (binder?.op !== 'id' || !second) return undefined
  if (second.op === 'id' && third && overPairs.has(name)) {
    return compilePairs(name, receiver, [binder.args, second.args], args.slice(2), context)
  }
  if (name === 'sortBy' && args.length === 2) {
    const list = context.compile(receiver, strict(context))
    const key = context.compile(second, within(context, binder.args))
    return (frame) => {
      const keyed = itemsOf(unwrap(list(frame)), receiver).map((item) => ({
        item,
        key: known(unwrap(key(bind(frame, binder.args, item)))),
      }))
      return keyed.sort((a, b) => ordered(a.key, b.key, second)).map(({ item }) => item)
    }
  }
  if (name === 'optMap' && args.length === 2) {
    const value = context.compile(receiver, context)
    const body = context.compile(second, within(context, binder.args))
    return (frame) => {
      const found = value(frame)
      return unwrap(found) === undefined ? found : body(bind(frame, binder.args, unwrap(found)))
    }
  }
  if (!loops.has(name) || (args.length !== 2 && !(name === 'map' && args.length === 3))) return undefined
  const list = context.compile(receiver, strict(context))
  const inside = guardedBy(context, () => list, hasItems)
  const body = context.compile(second, within(inside, binder.args))
  const then = third && context.compile(third, within(inside, binder.args))
  const items = (frame: Frame) => itemsOf(unwrap(list(frame)), receiver)
  const bound = (frame: Frame, item: unknown) => bind(frame, binder.args, item)
  const test = (frame: Frame, item: unknown) => asBool(body(bound(frame, item)), `the condition of ${name}`, second)
  switch (name) {
    case 'all':
      return (frame) => quantify(items(frame), false, (item) => test(frame, item))
    case 'exists':
      return (frame) => quantify(items(frame), true, (item) => test(frame, item))
    case 'filter':
      return (frame) => items(frame).filter((item) => test(frame, item))
    case 'map':
      if (then)
        return (frame) =>
          items(frame)
            .filter((item) => test(frame, item))
            .map((item) => unwrap(then(bound(frame, item))))
      return (frame) => items(frame).map((item) => unwrap(body(bound(frame, item))))
    default:
      return (frame) => items(frame).filter((item) => test(frame, item)).length === 1
  }
}

/** CEL lets a decisive item win over one that failed or is unknown. */
function quantify<Item>(items: readonly Item[], decisive: boolean, test: (item: Item) => boolean): boolean {
  let failure: { thrown: unknown } | undefined
  for (const item of items) {
    try {
      if (test(item) === decisive) return decisive
    } catch (thrown) {
      failure ??= { thrown }
    }
  }
  if (failure) throw failure.thrown
  return !decisive
}

function itemsOf(value: unknown, node: ASTNode): readonly unknown[] {
  const list = known(value)
  if (Array.isArray(list)) return list
  if (typeof list === 'object' && list !== null) return Object.keys(list)
  throw new Misfit(
    'expression',
    `this needs a list, and ${node.input.slice(node.start, node.end)} is ${describe(list)}`,
    node,
    'Only lists, and the keys of maps, can be gone through.',
  )
}

const hasItems = (value: unknown) =>
  typeof value !== 'object' || value === null || (Array.isArray(value) ? value : Object.keys(value)).length > 0

const overPairs = new Set(['all', 'exists', 'exists_one', 'existsOne', 'transformList', 'transformMap'])

/** `m.all(key, value, …)`, `list.transformList(index, value, …)`: over keys and values, or indexes and items. */
function compilePairs(
  name: string,
  receiver: ASTNode,
  names: readonly [string, string],
  parts: readonly ASTNode[],
  context: Context,
): Code {
  const source = context.compile(receiver, strict(context))
  const inner = within(within(context, names[0]), names[1])
  const codes = parts.map((part) => context.compile(part, inner))
  const last = codes.at(-1)!
  const condition = parts[0]!
  const pairs = (frame: Frame) => pairsOf(unwrap(source(frame)), receiver)
  const bound = (frame: Frame, [key, value]: Pair) => bind(bind(frame, names[0], key), names[1], value)
  const test = (frame: Frame, pair: Pair) =>
    asBool(codes[0]!(bound(frame, pair)), `the condition of ${name}`, condition)
  const kept = (frame: Frame) => (codes.length > 1 ? pairs(frame).filter((pair) => test(frame, pair)) : pairs(frame))
  switch (name) {
    case 'all':
      return (frame) => quantify(pairs(frame), false, (pair) => test(frame, pair))
    case 'exists':
      return (frame) => quantify(pairs(frame), true, (pair) => test(frame, pair))
    case 'transformList':
      return (frame) => kept(frame).map((pair) => unwrap(last(bound(frame, pair))))
    case 'transformMap':
      return (frame) => Object.fromEntries(kept(frame).map((pair) => [pair[0], unwrap(last(bound(frame, pair)))]))
    default:
      return (frame) => pairs(frame).filter((pair) => test(frame, pair)).length === 1
  }
}

type Pair = readonly [key: unknown, value: unknown]

function pairsOf(value: unknown, node: ASTNode): readonly Pair[] {
  const owner = known(value)
  if (Array.isArray(owner)) return [...owner.entries()]
  if (isMap(owner)) return Object.entries(owner)
  itemsOf(owner, node)
  return []
}

function ordered(a: unknown, b: unknown, node: ASTNode): number {
  const found = order(a, b)
  if (found !== undefined) return found
  const hint = 'Sort by numbers, or by texts.'
  throw new Misfit('expression', `sortBy cannot compare ${describe(a)} with ${describe(b)}`, node, hint)
}

const within = (context: Context, name: string): Context => ({
  ...strict(context),
  bound: new Set([...context.bound, name]),
})
const bind = (frame: Frame, name: string, value: unknown): Frame => ({
  scope: frame.scope,
  locals: { name, value, outer: frame.locals },
})
