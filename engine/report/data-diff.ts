import { isUnknown } from '../base/unknown.ts'
import type { Palette } from './palette.ts'
import { plainData } from './plain-data.ts'
import { harmless } from './text-width.ts'

/** A line that is not longer holds a whole list. */
const widest = 100

/** What came to a list and what left it: `groups: wheel +adm -games`, or an entry a line; undefined when it is no such thing. */
export function listDiff(path: string, before: unknown, after: unknown, paint: Palette): string[] | undefined {
  const [old, fresh] = [entries(before), entries(after)]
  if (!old || !fresh) return undefined
  const stays = fresh.filter((entry) => old.includes(entry))
  const marked = [
    ...fresh.filter((entry) => !old.includes(entry)).map((entry) => paint.added(`+${entry}`)),
    ...old.filter((entry) => !fresh.includes(entry)).map((entry) => paint.removed(`-${entry}`)),
  ]
  // Another order is a difference too.
  if (marked.length === 0) return undefined
  const line = [...stays, ...marked].join(' ')
  const plain = [...stays, ...old, ...fresh].join(' ').length + path.length
  const spaced = [...old, ...fresh].some((entry) => /\s/.test(entry))
  return plain <= widest && !spaced ? [`${path}: ${line}`] : [`${path}:`, ...marked.map((entry) => `  ${entry}`)]
}

/** A list of plain values as texts; nothing is an empty one. */
function entries(value: unknown): string[] | undefined {
  if (value === undefined) return []
  if (!Array.isArray(value)) return undefined
  const plain = value.every((entry) => ['string', 'number', 'boolean'].includes(typeof entry))
  return plain ? value.map((entry) => harmless(String(entry)).replaceAll('\n', '\\n')) : undefined
}

/** The parts of two maps that differ, by their whole names; undefined when it is no two maps, or they differ in nothing. */
export function mapDiff(
  path: string,
  before: unknown,
  after: unknown,
): { path: string; before?: unknown; after?: unknown }[] | undefined {
  if (!isMap(before) || !isMap(after)) return undefined
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const parts = names.flatMap((name) => {
    const [old, fresh] = [before[name], after[name]]
    if (JSON.stringify(plainData(old)) === JSON.stringify(plainData(fresh))) return []
    const own = `${path}.${name}`
    return mapDiff(own, old, fresh) ?? [{ path: own, before: old, after: fresh }]
  })
  return parts.length === 0 ? undefined : parts
}

function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || isUnknown(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
