import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { Moment } from './function.ts'

/** Deep equality of plain data, maps without regard to order. An unknown that would decide is touched. */
export function equal(a: unknown, b: unknown): boolean {
  if (isUnknown(a)) throw new TouchedUnknown(a)
  if (isUnknown(b)) throw new TouchedUnknown(b)
  if (a === b) return true
  if (a instanceof Moment || b instanceof Moment) return sameMoment(a, b)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((part, index) => equal(part, b[index]))
  }
  if (Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) => Object.hasOwn(b, key) && equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}

/** Order of two numbers or two texts; undefined for anything else. */
export function order(a: unknown, b: unknown): number | undefined {
  if (isUnknown(a)) throw new TouchedUnknown(a)
  if (isUnknown(b)) throw new TouchedUnknown(b)
  const comparable =
    (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string')
  if (!comparable) return undefined
  return a < b ? -1 : a > b ? 1 : 0
}

function sameMoment(a: unknown, b: unknown): boolean {
  return a instanceof Moment && b instanceof Moment && a.constructor === b.constructor && a.toJSON() === b.toJSON()
}
