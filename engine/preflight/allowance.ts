import { type Code, codes } from '../base/codes.ts'
import { Problem } from '../base/problem.ts'
import type { Source } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'

interface Allowance {
  readonly codes: readonly string[]
  /** Lines, both included, from 1. */
  readonly from: number
  readonly to: number
}

const COMMENT =
  /(?:(?<=^|\s)#|\{\{!-*)\s*tsplay:\s*(allow(?:-file)?)\s+([a-z][a-z, -]*?)(?=\s+--|\s*--?\}\}|\s*\}\}|\s*$)/
const known = new WeakMap<Source, readonly Allowance[]>()

/** Whether a comment in the file allows a warning where it stands. */
export function isAllowed(warning: Problem): boolean {
  const at = warning.spans[0]
  if (!at) return false
  const { line } = at.source.position(at.start)
  return allowancesOf(at.source).some(
    ({ codes, from, to }) => codes.includes(warning.code) && from <= line && line <= to,
  )
}

/** Comments that allow what is no warning. */
export function unknownAllowances(source: Source): Problem[] {
  const warnings = Object.entries<Code>(codes).flatMap(([name, code]) => (code.warning ? [name] : []))
  return source.text.includes('tsplay:')
    ? allowancesOf(source).flatMap(({ codes: allowed, from }) =>
        allowed
          .filter((code) => !warnings.includes(code) && code !== 'undefined-variable')
          .map(
            (code) =>
              new Problem('unknown-allowance', `there is no warning "${code}" to allow`, {
                at: lineSpan(source, from, code),
                hint: didYouMean(code, warnings) ?? `There are: ${warnings.join(', ')}.`,
              }),
          ),
      )
    : []
}

function lineSpan(source: Source, from: number, code: string) {
  // The comment stands on the line itself or above what it is for.
  const before = source.text.split('\n').slice(0, from).join('\n')
  const start = Math.max(0, before.lastIndexOf(code))
  return { source, start, end: start + code.length }
}

function allowancesOf(source: Source): readonly Allowance[] {
  let found = known.get(source)
  if (!found) {
    found = source.text.includes('tsplay:') ? read(source.text.split(/\r?\n/)) : []
    known.set(source, found)
  }
  return found
}

function read(lines: readonly string[]): Allowance[] {
  return lines.flatMap((text, index) => {
    const comment = COMMENT.exec(text)
    if (!comment) return []
    const codes = comment[2]!.split(/[\s,]+/).filter(Boolean)
    if (comment[1] === 'allow-file') return [{ codes, from: 1, to: lines.length }]
    if (text.slice(0, comment.index).trim() !== '') return [{ codes, from: index + 1, to: index + 1 }]
    return [{ codes, ...itemBelow(lines, index + 1) }]
  })
}

/** The next line that says something, and those that are further in. */
function itemBelow(lines: readonly string[], start: number): { from: number; to: number } {
  const isEmpty = (line: string) => /^\s*(?:#.*)?$/.test(line)
  let first = start
  while (first < lines.length && isEmpty(lines[first]!)) first++
  const indent = (line: string) => line.length - line.trimStart().length
  const outer = indent(lines[first] ?? '')
  let last = first
  for (let next = first + 1; next < lines.length; next++) {
    if (isEmpty(lines[next]!)) continue
    if (indent(lines[next]!) <= outer) break
    last = next
  }
  return { from: first + 1, to: last + 1 }
}
