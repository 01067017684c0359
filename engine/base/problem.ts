import type { CodeName } from './codes.ts'
import type { Span } from './span.ts'

export interface ProblemParts {
  /** Where: the first span is shown with its line and a caret, further ones as notes. */
  at?: Span | readonly Span[] | undefined
  /** What to do next, one sentence. */
  hint?: string | undefined
  host?: string | undefined
  cause?: unknown
}

/** One thing that could not be done: what, why, where, and what to do next. The only error class people see. */
export class Problem extends Error {
  readonly code: CodeName
  readonly spans: readonly Span[]
  readonly hint: string | undefined
  host: string | undefined

  constructor(code: CodeName, message: string, parts: ProblemParts = {}) {
    super(message, parts.cause === undefined ? {} : { cause: parts.cause })
    this.name = 'Problem'
    this.code = code
    this.spans = parts.at === undefined ? [] : 'source' in parts.at ? [parts.at] : parts.at
    this.hint = parts.hint
    this.host = parts.host
  }

  /** The same problem, at a place, unless it already has one. */
  at(span: Span | undefined): Problem {
    if (!span || this.spans.length > 0) return this
    return new Problem(this.code, this.message, { at: span, hint: this.hint, host: this.host, cause: this.cause })
  }
}

/** Several problems found together, stopped for once. */
export class Problems extends Error {
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => problem.message).join('\n'))
    this.name = 'Problems'
    this.problems = problems
  }
}

/** Anything thrown, as problems; what is not a Problem is a mistake of ours. */
export function asProblems(thrown: unknown): readonly Problem[] {
  if (thrown instanceof Problems) return thrown.problems
  if (thrown instanceof Problem) return [thrown]
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return [new Problem('internal', message, { cause: thrown })]
}

export function asProblem(thrown: unknown): Problem {
  return asProblems(thrown)[0]!
}
