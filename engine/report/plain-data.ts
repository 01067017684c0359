import { Unknown } from '../base/unknown.ts'
import { bytes } from './measure.ts'

/** A result as data that JSON can hold: no buffers, no cycles, nothing lost without a word. */
export function plainData(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Unknown) return value.toJSON()
  if (ArrayBuffer.isView(value)) return `<binary, ${bytes(value.byteLength)}>`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Error) return value.message
  if (above.includes(value)) return '<contains itself>'
  const here = [...above, value]
  if (value instanceof Set) return [...value].map((part) => plainData(part, here) ?? null)
  if (Array.isArray(value)) return value.map((part) => plainData(part, here) ?? null)
  if ('toJSON' in value && typeof value.toJSON === 'function') return plainData(value.toJSON(), here)
  const plain: Record<string, unknown> = {}
  for (const [key, part] of value instanceof Map ? value : Object.entries(value)) {
    const shown = plainData(part, here)
    // defineProperty: a key called __proto__ is data here.
    if (shown !== undefined)
      Object.defineProperty(plain, String(key), { value: shown, enumerable: true, configurable: true, writable: true })
  }
  return plain
}
