import { posix } from 'node:path'
import type { Effect } from './effect.ts'
import type { PredictedFiles } from './predicted-files.ts'
import type { ReadKind } from './read.ts'
import { prefixes } from './reads/link.ts'

/** An answer of a host, and what was asked. */
export interface Kept {
  readonly id: string
  readonly way: string
  readonly kind: ReadKind<unknown, unknown>
  readonly ask: unknown
  readonly key: string
  readonly paths: readonly string[]
  readonly answer: Promise<unknown>
}

/** The answers that are known, found by what was asked and by what outdates them. */
export class KeptAnswers {
  readonly #files: PredictedFiles
  readonly #all = new Map<string, Kept>()
  /** Made when first needed, and anew when links are known to lead elsewhere: many runs change nothing. */
  #index: Index | undefined

  constructor(files: PredictedFiles) {
    this.#files = files
  }

  get(id: string): Kept | undefined {
    return this.#all.get(id)
  }

  set(kept: Kept): void {
    const before = this.#all.get(kept.id)
    if (before) this.#index?.delete(before)
    this.#all.set(kept.id, kept)
    this.#index?.add(kept)
  }

  delete(kept: Kept): void {
    if (this.#all.get(kept.id) !== kept) return
    this.#all.delete(kept.id)
    this.#index?.delete(kept)
  }

  clear(): void {
    this.#all.clear()
    this.#index = undefined
  }

  values(): IterableIterator<Kept> {
    return this.#all.values()
  }

  ofKind(name: string): Iterable<Kept> {
    return this.#indexed().ofKind(name)
  }

  /** What an effect may outdate; `changed` are the names of the file that it changes. */
  outdatedBy(effect: Effect, changed: readonly string[]): Set<Kept> {
    const index = this.#indexed()
    if ('file' in effect || 'obscures' in effect) return new Set(changed.flatMap((path) => [...index.touchedBy(path)]))
    if ('brings' in effect) return new Set(index.ofKind(effect.brings))
    if ('forgets' in effect) return new Set(index.ofKind(effect.forgets))
    const kind = 'read' in effect ? effect.read : effect.outdates
    const key = 'key' in effect ? effect.key : undefined
    return new Set([...index.ofKind(kind)].filter((kept) => key === undefined || kept.key === key))
  }

  #indexed(): Index {
    if (this.#index?.links !== this.#files.links) this.#index = new Index(this.#files, this.#all.values())
    return this.#index
  }
}

class Index {
  /** What the files' links were when it was made. */
  readonly links: number
  readonly #files: PredictedFiles
  readonly #byKind = new Map<string, Set<Kept>>()
  /** By the paths that an answer rests on, those included that links lead through. */
  readonly #at = new Map<string, Set<Kept>>()
  /** By those and all folders above. */
  readonly #below = new Map<string, Set<Kept>>()

  constructor(files: PredictedFiles, all: Iterable<Kept>) {
    this.links = files.links
    this.#files = files
    for (const kept of all) this.add(kept)
  }

  add(kept: Kept): void {
    this.#each(kept, (map, name) => {
      const there = map.get(name)
      if (there) there.add(kept)
      else map.set(name, new Set([kept]))
    })
  }

  delete(kept: Kept): void {
    this.#each(kept, (map, name) => map.get(name)?.delete(kept))
  }

  ofKind(name: string): Iterable<Kept> {
    return this.#byKind.get(name) ?? []
  }

  /** Of a change at a path: what is about the path or below it, and its folder's listing. */
  touchedBy(path: string): Iterable<Kept> {
    return [...(this.#below.get(path) ?? []), ...(this.#at.get(posix.dirname(path)) ?? [])]
  }

  #each({ kind, paths }: Kept, visit: (map: Map<string, Set<Kept>>, name: string) => void): void {
    visit(this.#byKind, kind.name)
    for (const path of paths)
      for (const one of [path, ...this.#files.trail(path, true)]) {
        visit(this.#at, one)
        visit(this.#below, one)
        for (const folder of foldersAbove(one)) visit(this.#below, folder)
      }
  }
}

function foldersAbove(path: string): readonly string[] {
  if (path.startsWith('/')) return prefixes(path)
  const folder = posix.dirname(path)
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)]
}
