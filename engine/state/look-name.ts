import type { ReadKind } from './read.ts'

/** What tells one look from another, whichever host is asked: what answers are kept under. */
export interface LookName {
  readonly id: string
  readonly key: string
}

/** A run asks the same of each of its hosts, and remembers it for each: one name serves for all of them. */
const shared = new WeakMap<object, Map<string, LookName>>()
const MOST_SHARED = 10_000
/** A longer one is a text made for one host. */
const LONGEST_SHARED = 200

export function lookName<A, T>(kind: ReadKind<A, T>, ask: A): LookName {
  const key = kind.key(ask)
  if (key.length > LONGEST_SHARED) return { id: idOf(kind.name, key), key }
  let names = shared.get(kind)
  if (!names) {
    names = new Map()
    shared.set(kind, names)
  }
  let name = names.get(key)
  if (!name) {
    name = { id: idOf(kind.name, key), key }
    if (names.size >= MOST_SHARED) names.clear()
    names.set(key, name)
  }
  return name
}

export function idOf(kind: string, key: string): string {
  return `${kind}\0${key}`
}
