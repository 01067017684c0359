import { Environment } from '@marcbachmann/cel-js'
import { Cache } from './cache.ts'
import { type Code, compileNode, type Frame } from './expression-code.ts'
import { Optional } from './expression-optional.ts'
import { jinjaHint } from './jinja-hint.ts'
import { type FreeName, guarded, Misfit, placed, type TextPlace } from './place-in-text.ts'
import type { Scope } from './scope.ts'

export interface Expression {
  readonly text: string
  /** The variables it needs, each where it stands in the text. */
  readonly names: readonly FreeName[]
  /** Throws Problem (undefined-variable, expression) with its place, or TouchedUnknown. */
  evaluate(scope: Scope): unknown
}

interface Core {
  readonly names: readonly FreeName[]
  readonly code: Code
}

let environment: Environment | undefined
const cores = new Cache<Core>(2000)

/** Reads a CEL expression; a mistake in it is a Problem `expression` at its character. */
export function compileExpression(text: string, at: TextPlace): Expression {
  const core = placed(at, () => cores.get(text, () => compile(text)))
  return { text, names: core.names, evaluate: (scope) => placed(at, () => run(core, scope)) }
}

function compile(text: string): Core {
  if (text.trim() === '')
    throw new Misfit(
      'expression',
      'the expression is empty',
      { start: 0, end: text.length },
      'Write a condition, or leave the keyword out.',
    )
  environment ??= new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  })
  const hint = jinjaHint(text)
  let ast: ReturnType<Environment['parse']>['ast']
  try {
    ast = environment.parse(text).ast
  } catch (thrown) {
    const error = thrown as { summary?: string; message: string; range?: { start: number; end: number } }
    const range = hint ?? error.range ?? { start: 0, end: text.length }
    const why = hint ? hint.message : lower(error.summary ?? error.message)
    throw new Misfit(
      'expression',
      why,
      range,
      hint?.hint ?? 'Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".',
      thrown,
    )
  }
  const names: FreeName[] = []
  const code = compileNode(ast, { bound: new Set(), names, lenient: false })
  return { names: guarded(names), code }
}

function run(core: Core, scope: Scope): unknown {
  const value = core.code({ scope, locals: undefined } satisfies Frame)
  if (value instanceof Optional) {
    if (!value.present)
      throw new Misfit(
        'expression',
        'the optional value is not there',
        { start: 0, end: 0 },
        'End the expression with .orValue(…).',
      )
    return value.value
  }
  return value
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
