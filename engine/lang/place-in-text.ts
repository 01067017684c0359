import type { CodeName } from '../base/codes.ts'
import { Problem } from '../base/problem.ts'
import type { Source, Span } from '../base/span.ts'
import { TouchedUnknown } from '../base/unknown.ts'
import type { Scope } from './scope.ts'

/** Where a template or expression stands: scalar and `!expr` nodes are such places themselves. */
export interface TextPlace {
  readonly span: Span
  readonly offsets?: (index: number) => number
}

/** A whole file (a .hbs template) as a place. */
export function filePlace(source: Source): TextPlace {
  return { span: { source, start: 0, end: source.text.length }, offsets: (index) => index }
}

/** Characters `start` to `end` of the text, as a span of the file it stands in. */
export function spanIn(place: TextPlace, start: number, end: number): Span {
  if (!place.offsets) return place.span
  const from = place.offsets(start)
  return { source: place.span.source, start: from, end: end > start ? place.offsets(end - 1) + 1 : from }
}

/** Characters of a text; `place` when it is another text than the one at hand (a partial's). */
export interface TextRange {
  readonly start: number
  readonly end: number
  readonly place?: TextPlace
}

/** A mistake at characters of a text whose place in a file is not known yet; compiled texts are shared between places. */
export class Misfit extends Error {
  readonly code: CodeName
  readonly hint: string | undefined
  readonly range: TextRange

  constructor(code: CodeName, message: string, range: { start: number; end: number }, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.hint = hint
    this.range = range
  }

  toProblem(place: TextPlace): Problem {
    return new Problem(this.code, this.message, {
      at: spanIn(this.range.place ?? place, this.range.start, this.range.end),
      hint: this.hint,
      cause: this.cause,
    })
  }
}

/** Runs work on a text; its misfits become problems with their place. */
export function placed<T>(place: TextPlace, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw thrown instanceof Misfit ? thrown.toProblem(place) : thrown
  }
}

/** A name that a text needs from its scope. */
export interface FreeName extends TextRange {
  readonly name: string
  /** The text copes when nothing defines it (default, defined, has, `.?`). */
  readonly optional: boolean
  /** The keys written out behind it: `stdout` of `r.stdout`. */
  readonly keys?: readonly WrittenKey[] | undefined
  /** It is only asked for where all of these may hold: the other side of `&&`, the `#if` around. */
  readonly guards?: readonly Guard[] | undefined
}

export interface WrittenKey extends TextRange {
  readonly name: string
}

export interface Guard {
  /** false: surely does not hold with these variables; true when it holds, or nobody can know. */
  mayHold(scope: Scope): boolean
}

/** A guard out of work that computes whether it holds. */
export function guard(holds: (scope: Scope) => boolean): Guard {
  return {
    mayHold(scope) {
      try {
        return holds(scope)
      } catch (thrown) {
        if (thrown instanceof Misfit || thrown instanceof Problem || thrown instanceof TouchedUnknown) return true
        throw thrown
      }
    },
  }
}

/** What is tested with `defined` somewhere in a text is guarded everywhere in it. */
export function guarded(names: readonly FreeName[]): FreeName[] {
  const optional = new Set(names.filter((name) => name.optional).map((name) => name.name))
  return names.map((name) => (optional.has(name.name) ? { ...name, optional: true } : name))
}
