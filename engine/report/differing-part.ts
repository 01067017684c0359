/** What two texts do not share at their beginnings and ends, with some lines around it; `skipped` lines come before. */
export interface DifferingPart {
  readonly before: string
  readonly after: string
  readonly skipped: number
}

/** Characters that are compared at once: far faster than one by one. */
const PIECE = 4096

/** Both parts begin with a line; they end with one too, or with their text. `context` lines that are alike stay at each side. */
export function differingPart(before: string, after: string, context: number): DifferingPart {
  const start = lineBack(before, alikeAtStart(before, after), context + 1)
  const end = alikeAtEnd(before, after, start)
  // The first line end of what is alike ends a line that may differ.
  let kept = before.length - end - 1
  for (let line = 0; line <= context && kept < before.length && end > 0; line += 1) kept = lineOn(before, kept + 1)
  const rest = end > 0 ? before.length - Math.min(kept + 1, before.length) : 0
  return {
    before: before.slice(start, before.length - rest),
    after: after.slice(start, after.length - rest),
    skipped: linesIn(before, start),
  }
}

function alikeAtStart(one: string, other: string): number {
  const shortest = Math.min(one.length, other.length)
  let at = 0
  while (at + PIECE <= shortest && one.slice(at, at + PIECE) === other.slice(at, at + PIECE)) at += PIECE
  while (at < shortest && one.charCodeAt(at) === other.charCodeAt(at)) at += 1
  return at
}

function alikeAtEnd(one: string, other: string, start: number): number {
  const longest = Math.min(one.length, other.length) - start
  const same = (from: number, to: number) =>
    one.slice(one.length - to, one.length - from) === other.slice(other.length - to, other.length - from)
  let size = 0
  while (size + PIECE <= longest && same(size, size + PIECE)) size += PIECE
  while (size < longest && same(size, size + 1)) size += 1
  return size
}

/** Where the line begins that is so many line ends before. */
function lineBack(text: string, at: number, count: number): number {
  let found = at
  for (let line = 0; line < count && found >= 0; line += 1) found = found === 0 ? -1 : text.lastIndexOf('\n', found - 1)
  return found + 1
}

/** The next line end, or the text's. */
function lineOn(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at
}

function linesIn(text: string, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
