import { createHash } from 'node:crypto'
import { structuredPatch } from 'diff'
import type { Change } from '../base/result.ts'
import { isUnknown } from '../base/unknown.ts'
import { bytes, plural } from './measure.ts'
import { type Palette, palette } from './palette.ts'
import { plainData } from './plain-data.ts'
import { harmless } from './text-width.ts'

export interface DiffOptions {
  readonly colour?: boolean | undefined
  /** Lines of one file's difference before it is folded; Infinity shows all. Default: 60. */
  readonly lines?: number | undefined
}

/** Larger texts are told by size and digest: nobody reads their difference. */
const longestText = 1_000_000
/** Milliseconds, and edits, that looking for a short difference may take. */
const patience = { timeout: 300, maxEditLength: 4000 }

/** What differs, for people: unified diffs of texts, one line for an attribute, size and digest for what is not text. */
export function formatDiff(changes: readonly Change[], options: DiffOptions = {}): string {
  const paint = palette(options.colour ?? false)
  return changes.map((change) => formatChange(change, paint, options.lines ?? 60).join('\n')).join('\n')
}

function formatChange(change: Change, paint: Palette, most: number): string[] {
  const path = harmless(change.path)
  if (change.secret)
    return [
      `${path}: (secret, ${change.before === undefined ? 'new' : change.after === undefined ? 'removed' : 'changed'})`,
    ]
  const [before, after] = [comparable(change.before), comparable(change.after)]
  if (isLines(before) || isLines(after)) {
    if (isTextOrNothing(before) && isTextOrNothing(after)) return textDiff(path, before, after, paint, most)
  }
  return [`${path}: ${paint.removed(short(before))} → ${paint.added(short(after))}`]
}

type Comparable = string | undefined | { readonly said: string }

/** Texts stay; nothing stays nothing; the rest is said in words, or as JSON when it is data. */
function comparable(value: unknown): Comparable {
  if (value === undefined) return undefined
  if (isUnknown(value)) return { said: `(known only afterwards: ${harmless(value.reason)})` }
  if (ArrayBuffer.isView(value))
    return { said: content(Buffer.from(value.buffer, value.byteOffset, value.byteLength), 'binary') }
  if (typeof value === 'string') {
    if (value.includes('\0')) return { said: content(Buffer.from(value), 'binary') }
    return value.length > longestText ? { said: content(Buffer.from(value), 'text') } : value
  }
  if (typeof value !== 'object' || value === null) return { said: String(value) }
  const file = value as { size?: unknown; sha256?: unknown; digest?: unknown }
  const digest = file.sha256 ?? file.digest
  if (typeof file.size === 'number' && typeof digest === 'string')
    return { said: `(${bytes(file.size)}, sha256 ${digest.slice(0, 12)})` }
  const data = plainData(value)
  const line = JSON.stringify(data)
  return line.length <= 60 ? { said: harmless(line) } : `${JSON.stringify(data, null, 2)}\n`
}

function content(data: Buffer, kind: string): string {
  return `(${kind}, ${bytes(data.length)}, sha256 ${createHash('sha256').update(data).digest('hex').slice(0, 12)})`
}

function isLines(value: Comparable): boolean {
  return typeof value === 'string' && value.includes('\n')
}

function isTextOrNothing(value: Comparable): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function short(value: Comparable): string {
  if (value === undefined) return '(none)'
  if (typeof value !== 'string') return value.said
  if (value === '') return '""'
  const lines = value.split('\n')
  return lines.length > 1 ? `(${plural(lines.length - (lines.at(-1) === '' ? 1 : 0), 'line')})` : harmless(value)
}

function textDiff(
  path: string,
  before: string | undefined,
  after: string | undefined,
  paint: Palette,
  most: number,
): string[] {
  const head = [
    paint.strong(`--- ${before === undefined ? '/dev/null' : path}`),
    paint.strong(`+++ ${after === undefined ? '/dev/null' : path}`),
  ]
  const patch = structuredPatch(path, path, before ?? '', after ?? '', '', '', { context: 3, ...patience })
  if (!patch) {
    const [was, is] = [content(Buffer.from(before ?? ''), 'text'), content(Buffer.from(after ?? ''), 'text')]
    return [...head, `too different to show line by line: ${paint.removed(was)} → ${paint.added(is)}`]
  }
  const body = patch.hunks.flatMap((hunk) => [
    paint.hunk(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`),
    ...hunk.lines.map((line) => paintLine(harmless(line.replaceAll('\r', '^M')), paint)),
  ])
  if (body.length <= most) return [...head, ...body]
  const left = body.length - most
  return [...head, ...body.slice(0, most), paint.faint(`(${plural(left, 'more line')}; -v shows all)`)]
}

function range(start: number, lines: number): string {
  if (lines === 0) return `${start - 1},0`
  return lines === 1 ? String(start) : `${start},${lines}`
}

function paintLine(line: string, paint: Palette): string {
  if (line.startsWith('+')) return paint.added(line)
  return line.startsWith('-') ? paint.removed(line) : line
}
