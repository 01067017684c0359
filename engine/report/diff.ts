import { createHash } from 'node:crypto'
import type { Change } from '../base/result.ts'
import { isUnknown } from '../base/unknown.ts'
import { listDiff, mapDiff } from './data-diff.ts'
import { bytes, plural } from './measure.ts'
import { type Palette, palette } from './palette.ts'
import { plainData } from './plain-data.ts'
import { textDiff } from './text-diff.ts'
import { harmless } from './text-width.ts'

export interface DiffOptions {
  readonly colour?: boolean | undefined
  /** Lines of one difference before it is folded; of all of a task together, five times as many. Infinity shows all. Default: 60. */
  readonly lines?: number | undefined
}

/** Larger texts are told by size and digest: nobody reads their difference. */
const longestText = 1_000_000

/** What differs, for people: unified diffs of texts, a line for an attribute, what came and went of a list, size and digest for what is not text. */
export function formatDiff(changes: readonly Change[], options: DiffOptions = {}): string {
  const paint = palette(options.colour ?? false)
  const most = options.lines ?? 60
  const lines: string[] = []
  for (const [index, change] of changes.entries()) {
    if (index > 0 && lines.length >= most * 5) {
      lines.push(paint.faint(`(${plural(changes.length - index, 'more difference')}; -v shows all)`))
      break
    }
    lines.push(...formatChange(change, paint, most))
  }
  return lines.join('\n')
}

function formatChange(change: Change, paint: Palette, most: number): string[] {
  const path = harmless(change.path)
  if (change.secret)
    return [
      `${path}: (secret, ${change.before === undefined ? 'new' : change.after === undefined ? 'removed' : 'changed'})`,
    ]
  const list = listDiff(path, change.before, change.after, paint)
  if (list && (Array.isArray(change.before) || Array.isArray(change.after))) return folded(list, paint, most)
  const parts = mapDiff(change.path, change.before, change.after)
  if (parts)
    return folded(
      parts.flatMap((part) => formatChange(part, paint, most)),
      paint,
      most,
    )
  const [before, after] = [comparable(change.before), comparable(change.after)]
  if (typeof before === 'string' && before === after) return [`${path}: (only what is secret differs)`]
  if (isLines(before) || isLines(after)) {
    if (isTextOrNothing(before) && isTextOrNothing(after)) return fileDiff(path, before, after, paint, most)
  }
  return [`${path}: ${paint.removed(short(before))} → ${paint.added(short(after))}`]
}

function folded(lines: string[], paint: Palette, most: number): string[] {
  if (lines.length <= most) return lines
  return [...lines.slice(0, most), paint.faint(`(${plural(lines.length - most, 'more line')}; -v shows all)`)]
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

function fileDiff(
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
  const body = textDiff(before ?? '', after ?? '', paint, most)
  if (body) return [...head, ...body]
  const [was, is] = [content(Buffer.from(before ?? ''), 'text'), content(Buffer.from(after ?? ''), 'text')]
  return [...head, `too different to show line by line: ${paint.removed(was)} → ${paint.added(is)}`]
}
