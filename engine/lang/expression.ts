import { Environment } from '@marcbachmann/cel-js'
import { Cache } from './cache.ts'
import { compileNode } from './expression-code.ts'
import type { Code, Frame } from './expression-frame.ts'
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
  let ast: ReturnType<Environment['parse']>['ast']
  try {
    ast = environment.parse(text).ast
  } catch (thrown) {
    throw unreadable(text, thrown as ParserError)
  }
  const names: FreeName[] = []
  const code = compileNode(ast, { bound: new Set(), names, lenient: false, compile: compileNode })
  return { names: guarded(names), code }
}

interface ParserError extends Error {
  readonly summary?: string
  readonly range?: { readonly start: number; readonly end: number }
}

const signs: Record<string, string> = {
  LPAREN: '(',
  RPAREN: ')',
  LBRACKET: '[',
  RBRACKET: ']',
  LBRACE: '{',
  RBRACE: '}',
  DOT: '.',
  COMMA: ',',
  COLON: ':',
  QUESTION: '?',
  IDENTIFIER: 'a name',
  STRING: 'a text',
  NUMBER: 'a number',
  BOOLEAN: 'true or false',
  EQ: '==',
  NE: '!=',
  AND: '&&',
  OR: '||',
  NOT: '!',
  PLUS: '+',
  MINUS: '-',
  MULTIPLY: '*',
  DIVIDE: '/',
  MODULO: '%',
  LT: '<',
  LE: '<=',
  GT: '>',
  GE: '>=',
  EOF: 'the end',
}

function unreadable(text: string, error: ParserError): Misfit {
  const jinja = jinjaHint(text)
  if (jinja) return new Misfit('expression', jinja.message, jinja, jinja.hint)
  const summary = error.summary ?? error.message
  const range = error.range ?? { start: 0, end: text.length }
  if (/\bEOF$/.test(summary)) {
    const wanted = /^Expected (\w+)/.exec(summary)?.[1]
    const what = wanted ? `${signs[wanted] ?? wanted} is missing` : 'the expression ends too early'
    return new Misfit(
      'expression',
      what,
      range,
      wanted ? 'Close what was opened before.' : 'Something is missing at its end.',
    )
  }
  const plain = summary.replace(/\b[A-Z]{2,}\b/g, (name) => signs[name] ?? name)
  const message = plain.charAt(0).toLowerCase() + plain.slice(1)
  const single = /^[^=]*[^=!<>](=)(?!=)/d.exec(text)?.indices?.[1]
  if (single)
    return new Misfit(
      'expression',
      'one = compares nothing',
      { start: single[0], end: single[1] },
      'Write == for "is equal".',
    )
  return new Misfit('expression', message, range, 'Expressions are CEL: && || ! == in, x.y, x[0], f(x), "text".')
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
