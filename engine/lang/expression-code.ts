import type { ASTNode } from '@marcbachmann/cel-js'
import { member, noMember, noVariable, variableIfThere } from './access.ts'
import { callEntry, functionFor, namespaced } from './expression-call.ts'
import { type Code, type Context, guardedBy, known, lenient, strict, textOf } from './expression-frame.ts'
import { compileMacro } from './expression-macro.ts'
import { compileOperator } from './expression-operator.ts'
import { Optional, unwrap } from './expression-optional.ts'
import { truthy } from './functions/logic.ts'
import { Misfit, type TextRange, type WrittenKey } from './place-in-text.ts'

/** A closure that computes a node of the parser's tree. cel-js only parses: its values are typed, ours are YAML's. */
export function compileNode(node: ASTNode, around: Context): Code {
  const context = around.keys && !['id', '.', '[]'].includes(node.op) ? { ...around, keys: undefined } : around
  switch (node.op) {
    case 'value':
      return literal(node.args)
    case 'id':
      return variable(node, node.args, context)
    case '.':
    case '[]':
      return select(node, context)
    case '.?':
    case '[?]':
      return selectOptional(node, context)
    case 'call':
      return callFunction(node, node.args[0], node.args[1], context)
    case 'rcall':
      return callMethod(node, node.args[0], node.args[1], node.args[2], context)
    case 'list': {
      const items = node.args.map((item) => compileNode(item, strict(context)))
      return (frame) => items.map((item) => unwrap(item(frame)))
    }
    case 'map': {
      const pairs = node.args.map(
        ([key, value]) => [compileNode(key, strict(context)), compileNode(value, strict(context))] as const,
      )
      return (frame) => {
        const map: Record<string, unknown> = {}
        for (const [key, value] of pairs) {
          const name = String(known(key(frame)))
          Object.defineProperty(map, name, {
            value: unwrap(value(frame)),
            enumerable: true,
            configurable: true,
            writable: true,
          })
        }
        return map
      }
    }
    default:
      return compileOperator(node, strict(context))
  }
}

function literal(value: unknown): Code {
  const plain =
    typeof value === 'bigint'
      ? Number(value)
      : typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
        ? Number(value)
        : value
  return () => plain
}

function variable(node: ASTNode, name: string, context: Context): Code {
  if (context.bound.has(name)) {
    return (frame) => {
      let local = frame.locals
      while (local && local.name !== name) local = local.outer
      return local?.value
    }
  }
  const { keys, guards } = context
  context.names.push({ name, start: node.start, end: node.end, optional: context.lenient, keys, guards })
  if (context.lenient) return (frame) => variableIfThere(frame.scope, name)
  return (frame) => {
    const value = frame.scope.get(name)
    if (value === undefined) throw noVariable(name, frame.scope, node)
    return value
  }
}

function select(node: ASTNode & { op: '.' | '[]' }, context: Context): Code {
  const key = node.op === '.' ? undefined : compileNode(node.args[1], strict({ ...context, keys: undefined }))
  const fixed = node.op === '.' ? node.args[1] : undefined
  const from = node.op === '.' ? node.end - node.args[1].length : node.args[1].start
  const range = { start: from, end: node.op === '.' ? node.end : node.args[1].end }
  const owner = compileNode(node.args[0], { ...context, keys: keysFrom(node, range, context) })
  return (frame) => {
    const base = owner(frame)
    const name = key ? known(key(frame)) : fixed
    if (base instanceof Optional) return new Optional(base.present ? member(base.value, name) : undefined)
    const value = member(base, name)
    if (value === undefined && !context.lenient) throw noMember(textOf(node.args[0]), base, name, range)
    return value
  }
}

/** The keys behind the owner, as far as they are written out. */
function keysFrom(node: ASTNode & { op: '.' | '[]' }, range: TextRange, context: Context): WrittenKey[] | undefined {
  if (node.op === '.') return [{ name: node.args[1], ...range }, ...(context.keys ?? [])]
  const [, key] = node.args
  if (key.op !== 'value' || typeof key.args !== 'string') return undefined
  return [{ name: key.args, ...range }, ...(context.keys ?? [])]
}

function selectOptional(node: ASTNode & { op: '.?' | '[?]' }, context: Context): Code {
  const owner = compileNode(node.args[0], lenient(context))
  const key = node.op === '.?' ? undefined : compileNode(node.args[1], strict(context))
  const fixed = node.op === '.?' ? node.args[1] : undefined
  return (frame) => {
    const base = unwrap(owner(frame))
    return new Optional(base === undefined ? undefined : member(base, key ? known(key(frame)) : fixed))
  }
}

function callFunction(node: ASTNode, name: string, args: readonly ASTNode[], context: Context): Code {
  if (name === 'has' && args.length === 1) {
    const value = compileNode(args[0]!, lenient(context))
    return (frame) => unwrap(value(frame)) !== undefined
  }
  if (name === 'dyn' && args.length === 1) return compileNode(args[0]!, context)
  return callEntry(node, functionFor(node, name), name, args, context)
}

function callMethod(node: ASTNode, name: string, receiver: ASTNode, args: readonly ASTNode[], context: Context): Code {
  if (receiver.op === 'id' && !context.bound.has(receiver.args)) {
    if (receiver.args === 'optional' && name === 'none' && args.length === 0) return () => new Optional(undefined)
    const spaced = namespaced[`${receiver.args}.${name}`]
    if (spaced) return callEntry(node, functionFor(node, spaced), `${receiver.args}.${name}`, args, context)
    if (receiver.args === 'optional' && name === 'ofNonZeroValue' && args.length === 1) {
      const value = compileNode(args[0]!, strict(context))
      return (frame) => {
        const found = unwrap(value(frame))
        return new Optional(truthy(found) ? found : undefined)
      }
    }
    if (receiver.args === 'optional' && name === 'of' && args.length === 1) {
      const value = compileNode(args[0]!, strict(context))
      return (frame) => new Optional(value(frame))
    }
  }
  const macro = compileMacro(name, receiver, args, context)
  if (macro) return macro
  const fallback = args[0]
  if ((name === 'orValue' || name === 'or') && fallback && args.length === 1) {
    const value = compileNode(receiver, lenient(context))
    const other = compileNode(
      fallback,
      strict(
        guardedBy(
          context,
          () => value,
          (found) => found === undefined,
        ),
      ),
    )
    return (frame) => {
      const found = value(frame)
      const present = found instanceof Optional ? found.present : found !== undefined
      if (!present) return other(frame)
      return name === 'orValue' ? unwrap(found) : found
    }
  }
  if (name === 'hasValue' && args.length === 0) {
    const value = compileNode(receiver, lenient(context))
    return (frame) => unwrap(value(frame)) !== undefined
  }
  if (name === 'value' && args.length === 0) {
    const value = compileNode(receiver, strict(context))
    return (frame) => {
      const found = unwrap(value(frame))
      if (found === undefined)
        throw new Misfit(
          'expression',
          `${textOf(receiver)} is not there`,
          node,
          'Use .orValue(…) to say what holds then.',
        )
      return found
    }
  }
  return callEntry(node, functionFor(node, name), name, [receiver, ...args], context)
}
