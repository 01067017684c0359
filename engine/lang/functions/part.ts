import { isUnknown, TouchedUnknown } from '../../base/unknown.ts'
import { describe, WrongArgument } from './function.ts'

/** The value at `a.b.0` inside another; undefined when some part is missing. */
export function partAt(value: unknown, path: string): unknown {
  let found = value
  for (const key of path.split('.')) {
    if (isUnknown(found)) throw new TouchedUnknown(found)
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Record<string, unknown>)[key]
  }
  return found
}

/** The same, of something that must have it. */
export function neededPart(item: unknown, path: string, name: string): unknown {
  const value = partAt(item, path)
  if (value === undefined)
    throw new WrongArgument(
      `${name}: an item has no ${path} (it is ${describe(item)})`,
      undefined,
      'Every item must have it; in expressions, filter(x, has(x.key)) leaves the others out.',
    )
  return value
}

/** The items of a list, the characters of a text, the keys of a map: what Jinja2 goes through. */
export function itemsOf(value: unknown): unknown[] {
  if (typeof value === 'string') return [...value]
  return Array.isArray(value) ? value : Object.keys(value as object)
}
