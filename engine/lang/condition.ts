import { Problem } from '../base/problem.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { compileExpression } from './expression.ts'
import { describe } from './functions/function.ts'
import type { Node } from './node.ts'
import { plainNode } from './plain.ts'
import type { Scope } from './scope.ts'

/**
 * A condition (`when`, `changed_when`, `until`, `that`): true or false, an expression, or a list of which all must hold.
 * Throws Problem when it is neither true nor false, TouchedUnknown when nobody can know yet.
 */
export function evaluateCondition(condition: Node | string | boolean, scope: Scope): boolean {
  if (typeof condition === 'boolean') return condition
  const node = typeof condition === 'string' ? plainNode(condition, 'condition') : condition
  if (node.kind === 'seq') return allHold(node.items, scope)
  const value = evaluate(node, scope)
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (typeof value === 'boolean') return value
  const text = node.kind === 'scalar' || node.kind === 'expr' ? node.text.trim() : ''
  throw new Problem('expression', `a condition must be true or false, and this is ${describe(value)}`, {
    at: node.span,
    hint: conditionHint(value, text),
  })
}

/** As with &&: a part that is surely false decides, even behind one that cannot be known. */
function allHold(items: readonly Node[], scope: Scope): boolean {
  let unknown: TouchedUnknown | undefined
  for (const item of items) {
    try {
      if (!evaluateCondition(item, scope)) return false
    } catch (thrown) {
      if (!(thrown instanceof TouchedUnknown)) throw thrown
      unknown ??= thrown
    }
  }
  if (unknown) throw unknown
  return true
}

function evaluate(node: Node, scope: Scope): unknown {
  if (node.kind === 'expr') return compileExpression(node.text, node).evaluate(scope)
  if (node.kind === 'scalar') {
    if (typeof node.value === 'boolean') return node.value
    if (typeof node.value === 'string') return compileExpression(node.value, node).evaluate(scope)
    return node.value
  }
  throw new Problem(
    'expression',
    `a condition must be true, false, an expression or a list of them, and this is a ${node.kind === 'map' ? 'map' : 'sealed value'}`,
    {
      at: node.span,
      hint: 'Write it as text: when: x == 1. Quote it when it contains ": ".',
    },
  )
}

function conditionHint(value: unknown, text: string): string {
  if (value === null && text === '') return 'Write a condition behind the colon.'
  const part = /^[\w.[\]']+$/.test(text) ? text : `(${text})`
  if (typeof value === 'string')
    return value === 'true' || value === 'false' || value === 'yes' || value === 'no'
      ? `Write bool(${text}).`
      : `Say what is meant: ${part} != "", or bool(${text}).`
  if (Array.isArray(value) || (typeof value === 'object' && value !== null))
    return `Say what is meant: size(${text}) > 0.`
  return typeof value === 'number' ? `Say what is meant: ${part} != 0.` : `Say what is meant: ${part} != null.`
}
