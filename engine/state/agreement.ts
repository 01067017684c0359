import { isDeepStrictEqual } from 'node:util'

/** Equal, where the prediction says something: a predicted object may leave fields out. */
export function agrees(predicted: unknown, seen: unknown): boolean {
  if (isPlain(predicted) && isPlain(seen))
    return Object.entries(predicted).every(([key, value]) => agrees(value, seen[key]))
  return isDeepStrictEqual(predicted, seen)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
