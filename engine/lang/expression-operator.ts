import type { ASTNode } from '@marcbachmann/cel-js'
import { Problem } from '../base/problem.ts'
import { TouchedUnknown } from '../base/unknown.ts'
import { asBool, type Code, type Context, type Frame, guardedBy, known } from './expression-frame.ts'
import { unwrap } from './expression-optional.ts'
import { equal, order } from './functions/equal.ts'
import { describe, isMap, Moment } from './functions/function.ts'
import { momentOperation } from './functions/moment.ts'
import { Misfit } from './place-in-text.ts'

/** Operators, as CEL defines them over numbers (whole ones are ints), texts, lists, maps, true, false and null. */
export function compileOperator(node: ASTNode, context: Context): Code {
  switch (node.op) {
    case '&&':
    case '||':
      return logical(node, node.op === '||', context)
    case '?:': {
      const [condition, yes, no] = node.args
      const asked = context.compile(condition, context)
      const chosen = (wanted: boolean) =>
        guardedBy(
          context,
          () => asked,
          (value) => value === wanted,
        )
      const codes = [context.compile(yes, chosen(true)), context.compile(no, chosen(false))] as const
      return (frame) => (asBool(asked(frame), 'the condition of ?:', condition) ? codes[0](frame) : codes[1](frame))
    }
    case '!_': {
      const code = context.compile(node.args, context)
      return (frame) => !asBool(code(frame), 'what ! stands before', node.args)
    }
    case '-_': {
      const code = context.compile(node.args, context)
      return (frame) => {
        const value = known(unwrap(code(frame)))
        if (typeof value !== 'number')
          throw new Misfit(
            'expression',
            `- needs a number, and this is ${describe(value)}`,
            node,
            'int converts a text.',
          )
        return -value
      }
    }
    case '==':
    case '!=':
    case 'in':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return binary(node, context)
    default:
      throw new Misfit('expression', 'this cannot be computed', node, 'Write it another way.')
  }
}

/** `false && x` is false and `true || x` is true even when x fails or is unknown, on either side. */
function logical(node: ASTNode & { op: '&&' | '||' }, decisive: boolean, context: Context): Code {
  const [leftNode, rightNode] = node.args
  // Each side is only needed where the other does not decide.
  const left: Code = context.compile(
    leftNode,
    guardedBy(
      context,
      () => right,
      (value) => value !== decisive,
    ),
  )
  const right: Code = context.compile(
    rightNode,
    guardedBy(
      context,
      () => left,
      (value) => value !== decisive,
    ),
  )
  const side = (code: Code, frame: Frame, part: ASTNode) => asBool(code(frame), `each side of ${node.op}`, part)
  return (frame) => {
    let first: boolean
    try {
      first = side(left, frame, leftNode)
    } catch (thrown) {
      if (!(thrown instanceof TouchedUnknown || thrown instanceof Misfit || thrown instanceof Problem)) throw thrown
      let second: boolean | undefined
      try {
        second = side(right, frame, rightNode)
      } catch {
        // Both fail: the first is the one to tell.
      }
      if (second === decisive) return decisive
      throw thrown
    }
    return first === decisive ? decisive : side(right, frame, rightNode)
  }
}

type Binary = ASTNode & { op: '==' | '!=' | 'in' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' }

function binary(node: Binary, context: Context): Code {
  const [leftNode, rightNode] = node.args
  const left = typeName(leftNode, rightNode) ?? context.compile(leftNode, context)
  const right = typeName(rightNode, leftNode) ?? context.compile(rightNode, context)
  const compute = operation(node)
  return (frame) => compute(known(unwrap(left(frame))), known(unwrap(right(frame))))
}

const typeNames = new Set(['int', 'uint', 'double', 'string', 'bytes', 'bool', 'list', 'map', 'null_type', 'type'])

/** In `type(x) == int` the names of types are values. */
function typeName(node: ASTNode, other: ASTNode): Code | undefined {
  const asksType = other.op === 'call' && other.args[0] === 'type'
  if (!asksType || node.op !== 'id' || !typeNames.has(node.args)) return undefined
  return () => node.args
}

function operation(node: Binary): (a: unknown, b: unknown) => unknown {
  const cannot = (a: unknown, b: unknown, hint: string) =>
    new Misfit('expression', `${describe(a)} ${node.op} ${describe(b)} means nothing`, node, hint)
  const compared = (a: unknown, b: unknown) => {
    const found = order(a, b) ?? (typeof a === 'boolean' && typeof b === 'boolean' ? Number(a) - Number(b) : undefined)
    if (found === undefined) throw cannot(a, b, 'Compare two numbers or two texts: int(x) and string(x) convert.')
    return found
  }
  const ofTimes = (a: unknown, b: unknown) =>
    a instanceof Moment || b instanceof Moment ? momentOperation(node.op, a, b) : undefined
  switch (node.op) {
    case '==':
      return equal
    case '!=':
      return (a, b) => !equal(a, b)
    case '<':
      return (a, b) => ofTimes(a, b) ?? compared(a, b) < 0
    case '<=':
      return (a, b) => ofTimes(a, b) ?? compared(a, b) <= 0
    case '>':
      return (a, b) => ofTimes(a, b) ?? compared(a, b) > 0
    case '>=':
      return (a, b) => ofTimes(a, b) ?? compared(a, b) >= 0
    case 'in':
      return (a, b) => {
        if (Array.isArray(b)) return b.some((item) => equal(item, a))
        if (isMap(b)) return Object.hasOwn(b, String(a))
        if (typeof a === 'string' && typeof b === 'string') return b.includes(a)
        throw cannot(a, b, 'The right side of "in" is a list, a map or a text.')
      }
    case '+':
      return (a, b) => {
        if (typeof a === 'number' && typeof b === 'number') return a + b
        if (typeof a === 'string' && typeof b === 'string') return a + b
        if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
        const found = ofTimes(a, b)
        if (found !== undefined) return found
        throw cannot(a, b, 'Both sides must be numbers, texts or lists: string(x) and int(x) convert.')
      }
    default:
      return (a, b) => {
        const found = ofTimes(a, b)
        if (found !== undefined) return found
        if (typeof a !== 'number' || typeof b !== 'number')
          throw cannot(a, b, 'Both sides must be numbers: int(x) converts a text.')
        if (node.op === '-') return a - b
        if (node.op === '*') return a * b
        const whole = Number.isInteger(a) && Number.isInteger(b) && !fractional(node)
        if (b === 0 && whole) throw new Misfit('expression', 'division by zero', node, 'Guard it: x != 0 ? y / x : 0.')
        if (node.op === '/') return whole ? Math.trunc(a / b) : a / b
        return a % b
      }
  }
}

/** `7.0 / 2` is 3.5 where `7 / 2` is 3: JavaScript's numbers do not tell, the text does. */
function fractional(node: ASTNode): boolean {
  if (node.op === 'value') return typeof node.args === 'number'
  if (node.op === 'call') return node.args[0] === 'double' || node.args[0] === 'float'
  return (node.op === '+' || node.op === '-' || node.op === '*' || node.op === '/') && node.args.some(fractional)
}
