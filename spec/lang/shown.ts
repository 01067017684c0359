import { Problem } from '../../engine/base/problem.ts'
import { Source, type Span } from '../../engine/base/span.ts'
import { TouchedUnknown } from '../../engine/base/unknown.ts'
import { filePlace } from '../../engine/lang/place-in-text.ts'
import { layer, Variables } from '../../engine/lang/variables.ts'

/** `line:column "the characters"`. */
export function placeOf(span: Span): string {
  const { line, column } = span.source.position(span.start)
  return `${line}:${column} ${JSON.stringify(span.source.text.slice(span.start, span.end))}`
}

/** A problem as one text: `code 1:4 "x": message | hint`. */
export function shown(problem: Problem): string {
  return `${problem.code} ${problem.spans.map(placeOf).join(' and ')}: ${problem.message} | ${problem.hint ?? ''}`
}

/** What work comes to: its value, or its problem as one text, or `unknown: reason`. */
export function outcome(work: () => unknown): unknown {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof Problem) return shown(thrown)
    if (thrown instanceof TouchedUnknown) return `unknown: ${thrown.unknown.reason}`
    throw thrown
  }
}

export const textPlace = (text: string) => filePlace(new Source('text', text))
export const variables = (values: Record<string, unknown>) => new Variables([layer(0, 'spec', values)])
