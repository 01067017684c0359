import type { Item, Reply } from '../wire/connection.ts'
import type { PredictedFiles } from './predicted-files.ts'

/**
 * One kind of look at a host. All looks of a kind that are asked for in one tick are folded into `items`, and travel with
 * the other kinds' items in one round trip. A kind never changes anything on the host.
 */
export interface ReadKind<A, T> {
  readonly name: string
  /** Tells two looks of this kind apart; also what predictions name. */
  key(ask: A): string
  /** Shell texts that answer all the asks; as few processes as can be. */
  items(asks: readonly A[]): string[]
  /** Whether one of the items changes nothing of the shell but variables called `__…`: it needs no process of its own. */
  builtins?(item: string): boolean
  /** One answer for each ask, in order. Throw a Problem for what cannot be read (not for what is not there). */
  parse(replies: readonly Reply[], asks: readonly A[]): (T | Error)[]
  /** Files the answer rests on: a step that changes one of them outdates it. */
  paths?(ask: A): readonly string[]
  /** About a folder, the answer does not rest on what is in it. */
  readonly itself?: boolean
  /** Holds as long as the connection: no command that is run over it changes the answer. */
  readonly lasting?: boolean
  /** The answer as predicted file changes would make it; undefined when they do not touch it. */
  predicted?(files: PredictedFiles, ask: A, real: () => Promise<T>): Promise<T> | undefined
  /** Whether what is seen is what was predicted; default: equal in every field that the prediction gives. */
  agrees?(predicted: unknown, seen: T): boolean
  /** Rests on other hosts or on time (health, ports): never kept, never looked ahead. */
  readonly volatile?: boolean
}

/** One kind's looks, on their way. */
export interface Looks<A, T> {
  readonly kind: ReadKind<A, T>
  readonly asks: readonly A[]
  readonly items: readonly Item[]
}

/** The looks of a kind as items, each after the `preamble`. */
export function looksOf<A, T>(kind: ReadKind<A, T>, asks: readonly A[], preamble: string): Looks<A, T> {
  const items = kind.items(asks).map((text): Item => {
    const own = preamble !== '' || !kind.builtins?.(text)
    return own ? { script: preamble + text } : { script: text, builtins: true }
  })
  return { kind, asks, items }
}

export function defineRead<A, T>(kind: ReadKind<A, T>): ReadKind<A, T> {
  return kind
}
