import { structuredPatch } from 'diff'
import { differingPart } from './differing-part.ts'
import { plural } from './measure.ts'
import type { Palette } from './palette.ts'
import { harmless } from './text-width.ts'

/** Milliseconds, and edits, that looking for a short difference may take. */
const patience = { timeout: 300, maxEditLength: 2000 }
/** Lines that are alike, shown around what is not. */
const context = 3
/** Of longer texts only what differs is taken apart into lines: nothing else is heard meanwhile. */
const longText = 64 * 1024
/** Characters of a line that are shown, unless all is asked for. */
const longestLine = 240
/** Of what stands before the first difference of such a line. */
const lead = 40

/**
 * A unified difference as git shows it, without its head; undefined when the texts are too different to find one in time.
 * `most` lines are shown; Infinity: all, and long lines whole.
 */
export function textDiff(before: string, after: string, paint: Palette, most: number): string[] | undefined {
  const long = Math.max(before.length, after.length) > longText
  const part = long ? differingPart(before, after, context) : { before, after, skipped: 0 }
  const patch = structuredPatch('', '', part.before, part.after, '', '', { context, ...patience })
  if (!patch) return undefined
  const body = patch.hunks.flatMap((hunk) => [
    paint.hunk(
      `@@ -${range(hunk.oldStart + part.skipped, hunk.oldLines)} +${range(hunk.newStart + part.skipped, hunk.newLines)} @@`,
    ),
    ...blocks(hunk.lines.map((line) => harmless(line.replaceAll('\r', '^M')))).flatMap((block) =>
      block.length === 1 ? shownLine(block[0]!, 0, block[0]!.length, paint, most) : pairs(block, paint, most),
    ),
  ])
  if (body.length <= most) return body
  return [...body.slice(0, most), paint.faint(`(${plural(body.length - most, 'more line')}; -v shows all)`)]
}

function range(start: number, lines: number): string {
  if (lines === 0) return `${start - 1},0`
  return lines === 1 ? String(start) : `${start},${lines}`
}

/** Lines that go and those that come in their place are one block; every other line is one by itself. */
function blocks(lines: readonly string[]): string[][] {
  const found: string[][] = []
  for (const line of lines) {
    const last = found.at(-1)
    const sign = line[0]
    const goesOn =
      last !== undefined &&
      (sign === '-' ? last.at(-1)![0] === '-' : sign === '+' ? /[-+]/.test(last.at(-1)![0]!) : false)
    if (goesOn) last.push(line)
    else found.push([line])
  }
  return found
}

/** As many lines come as go: each is held against its fellow, and what differs within it stands out. */
function pairs(block: readonly string[], paint: Palette, most: number): string[] {
  const old = block.filter((line) => line.startsWith('-'))
  const fresh = block.filter((line) => line.startsWith('+'))
  const paired = old.length === fresh.length
  return block.map((line, index) => {
    if (!paired) return shownLine(line, 0, line.length, paint, most)[0]!
    const [one, other] = [old[index % old.length]!, fresh[index % fresh.length]!]
    const [start, end] = common(one, other)
    // Hardly anything in common: the whole line is another.
    const alike = start - 1 + end > (Math.max(one.length, other.length) - 1) / 3
    return shownLine(line, alike ? start : 0, alike ? line.length - end : line.length, paint, most)[0]!
  })
}

/** How many characters two lines share at the beginning, their sign not compared, and at the end. */
function common(one: string, other: string): [start: number, end: number] {
  const shortest = Math.min(one.length, other.length)
  let start = 1
  while (start < shortest && one[start] === other[start]) start++
  let end = 0
  while (end < shortest - start && one.at(-1 - end) === other.at(-1 - end)) end++
  return [start, end]
}

/** One line, cut around what differs when it is too long, and that part marked. */
function shownLine(line: string, start: number, end: number, paint: Palette, most: number): [string] {
  const sign = line[0]!
  const whole = most === Number.POSITIVE_INFINITY || line.length <= longestLine
  const from = whole || start < longestLine - lead ? 1 : start - lead
  const to = whole ? line.length : Math.min(line.length, from + longestLine)
  const left = line.length - to
  const shown = (low: number, high: number) => line.slice(Math.max(from, low), Math.max(from, Math.min(to, high)))
  const [head, tail] = [from > 1 ? '…' : '', left > 0 ? `… (${plural(left, 'more character')})` : '']
  if (sign !== '+' && sign !== '-') return [`${sign}${head}${shown(1, line.length)}${tail}`]
  const { plain, mark } =
    sign === '+' ? { plain: paint.added, mark: paint.addedPart } : { plain: paint.removed, mark: paint.removedPart }
  const marks = start > 1 || end < line.length
  const middle = shown(start, end)
  if (!marks || middle === '') return [plain(`${sign}${head}${shown(1, line.length)}${tail}`)]
  return [plain(`${sign}${head}${shown(1, start)}`) + mark(middle) + plain(`${shown(end, line.length)}${tail}`)]
}
