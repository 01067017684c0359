import { coverSecrets } from '../base/secret-line.ts'
import type { Source, Span } from '../base/span.ts'
import type { Palette } from './palette.ts'
import { characterWidth } from './text-width.ts'

const tabStop = 4

/** The line where a span begins, with its number, and carets below as far as the span goes on it. */
export function excerpt(span: Span, digits: number, paint: Palette, width: number): string[] {
  const { source } = span
  const first = source.position(span.start)
  const last = source.position(Math.max(span.start, span.end - 1))
  const bar = paint.gutter('|')
  const margin = ' '.repeat(digits)
  const text = coverSecrets(source.line(first.line), () => linesAbove(source, first.line))
  const from = first.column - 1
  const to = last.line > first.line ? text.trimEnd().length : last.column - 1 + (span.end > span.start ? 1 : 0)
  const shown = window(text, from, Math.min(Math.max(to, from), Math.max(text.length, from)), width - digits - 3)
  return [
    `${margin} ${bar}`,
    `${paint.gutter(String(first.line).padStart(digits))} ${bar} ${shown.text}`.trimEnd(),
    `${margin} ${bar} ${' '.repeat(shown.start)}${paint.error('^'.repeat(shown.length))}`,
  ]
}

function* linesAbove(source: Source, number: number): Generator<string> {
  for (let line = number - 1; line > 0; line--) yield source.line(line)
}

/** A line as the terminal shows it, cut around the part that counts; where that part is, in cells. */
function window(
  line: string,
  from: number,
  to: number,
  width: number,
): { text: string; start: number; length: number } {
  const cells: string[] = []
  let start: number | undefined
  let end: number | undefined
  let at = 0
  for (const character of line) {
    if (at >= from) start ??= cells.length
    if (at >= to) end ??= cells.length
    at += character.length
    if (character === '\t') cells.push(...' '.repeat(tabStop - (cells.length % tabStop)))
    else push(cells, isControl(character) ? '\ufffd' : character)
  }
  start ??= cells.length
  end = Math.max(end ?? cells.length, start + 1)
  if (cells.length <= width) return { text: cells.join(''), start, length: end - start }
  // Some of what stands before helps to find the place.
  const skipped = Math.max(0, Math.min(start - Math.floor(width / 3), cells.length - width))
  const shown = cells.slice(skipped, skipped + width)
  if (skipped > 0) shown[0] = '…'
  if (skipped + width < cells.length) shown[shown.length - 1] = '…'
  return {
    text: shown.join(''),
    start: start - skipped,
    length: Math.max(1, Math.min(end - skipped, width) - (start - skipped)),
  }
}

/** One entry a cell: a wide character leaves the second one empty, a combining one joins the cell before. */
function push(cells: string[], character: string): void {
  const width = characterWidth(character)
  if (width === 0) {
    if (cells.length > 0) cells[cells.length - 1] += character
    return
  }
  cells.push(character)
  if (width === 2) cells.push('')
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0)!
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}
