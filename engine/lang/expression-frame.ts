import type { ASTNode } from '@marcbachmann/cel-js'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { unwrap } from './expression-optional.ts'
import { describe } from './functions/function.ts'
import { type FreeName, type Guard, guard, Misfit, type WrittenKey } from './place-in-text.ts'
import type { Scope } from './scope.ts'

export interface Local {
  readonly name: string
  readonly value: unknown
  readonly outer: Local | undefined
}

export interface Frame {
  readonly scope: Scope
  readonly locals: Local | undefined
}

export type Code = (frame: Frame) => unknown

export interface Context {
  /** Names bound by a macro around. */
  readonly bound: ReadonlySet<string>
  /** Free variables, collected. */
  readonly names: FreeName[]
  /** Missing variables and keys are undefined instead of an error. */
  readonly lenient: boolean
  /** What must hold for the part to be computed at all. */
  readonly guards?: readonly Guard[] | undefined
  /** Keys written out behind the part. */
  readonly keys?: readonly WrittenKey[] | undefined
  /** Compiles a part; given along so that operators and macros need not know the rest. */
  readonly compile: (node: ASTNode, context: Context) => Code
}

export const strict = (context: Context): Context => (context.lenient ? { ...context, lenient: false } : context)
export const lenient = (context: Context): Context => (context.lenient ? context : { ...context, lenient: true })

/** For a part that is only computed when another gives `wanted`; what rests on a macro's own names is not asked. */
export function guardedBy(context: Context, code: () => Code, wanted: (value: unknown) => boolean): Context {
  if (context.bound.size > 0) return context
  const one = guard((scope) => wanted(known(unwrap(code()({ scope, locals: undefined })))))
  return { ...context, guards: [...(context.guards ?? []), one] }
}

/** A value that must be known to go on. */
export function known(value: unknown): unknown {
  if (isUnknown(value)) throw new TouchedUnknown(value)
  return value
}

export const textOf = (node: ASTNode) => node.input.slice(node.start, node.end)

/** True or false, or an error that says what it was instead. */
export function asBool(value: unknown, what: string, node: ASTNode): boolean {
  const plain = known(unwrap(value))
  if (typeof plain === 'boolean') return plain
  const text = textOf(node)
  const simple = /^[\w.]+$/.test(text) ? text : `(${text})`
  const hint =
    Array.isArray(plain) || typeof plain === 'string'
      ? `Say what is meant: size(${text}) > 0, or bool(${text}).`
      : `Say what is meant: ${simple} != 0, or bool(${text}).`
  throw new Misfit('expression', `${what} must be true or false, and this is ${describe(plain)}`, node, hint)
}
