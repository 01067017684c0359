import { posix } from 'node:path'
import { changesAll, type Effect } from './effect.ts'
import { idOf, type LookName } from './look-name.ts'
import type { PredictedFiles } from './predicted-files.ts'
import type { ReadKind } from './read.ts'
import { prefixes } from './reads/link.ts'

/** An answer of a host, and what was asked. Some hundred of them are kept for each host. */
export interface Kept {
  readonly way: string
  readonly name: LookName
  readonly kind: ReadKind<unknown, unknown>
  readonly ask: unknown
  readonly answer: Promise<unknown>
}

/** The files that an answer rests on. */
export function pathsOf({ kind, ask }: Kept): readonly string[] {
  return kind.paths?.(ask) ?? []
}

/** The answers that are known, found by what was asked and by what outdates them. */
export class KeptAnswers {
  readonly #files: PredictedFiles
  /** By way, then by the look's id. */
  readonly #all = new Map<string, Map<string, Kept>>()
  /** Made when first needed, and anew when links are known to lead elsewhere: many runs change nothing. */
  #index: Index | undefined

  constructor(files: PredictedFiles) {
    this.#files = files
  }

  get(way: string, id: string): Kept | undefined {
    return this.#all.get(way)?.get(id)
  }

  set(kept: Kept): void {
    const all = this.#all.get(kept.way) ?? new Map<string, Kept>()
    this.#all.set(kept.way, all)
    const before = all.get(kept.name.id)
    if (before) this.#index?.delete(before)
    all.set(kept.name.id, kept)
    this.#index?.add(kept)
  }

  delete(kept: Kept): void {
    if (this.get(kept.way, kept.name.id) !== kept) return
    this.#all.get(kept.way)!.delete(kept.name.id)
    this.#index?.delete(kept)
  }

  clear(): void {
    this.#all.clear()
    this.#index = undefined
  }

  /** All but what lasts. */
  clearPassing(): void {
    for (const kept of [...this.#passing()]) this.#all.get(kept.way)!.delete(kept.name.id)
    this.#index = undefined
  }

  *#passing(): Generator<Kept> {
    for (const all of this.#all.values()) for (const kept of all.values()) if (!kept.kind.lasting) yield kept
  }

  /** Whoever asked, whichever way. */
  named(kind: string, key: string): Kept[] {
    const id = idOf(kind, key)
    return [...this.#all.values()].flatMap((all) => all.get(id) ?? [])
  }

  ofKind(name: string): Iterable<Kept> {
    return this.#indexed().ofKind(name)
  }

  /** What an effect may outdate; `changed` are the names of the file that it changes. */
  outdatedBy(effect: Effect, changed: readonly string[]): Set<Kept> {
    if (changesAll(effect)) return new Set(this.#passing())
    const index = this.#indexed()
    if ('file' in effect || 'obscures' in effect) return new Set(changed.flatMap((path) => [...index.touchedBy(path)]))
    if ('brings' in effect) return new Set(index.ofKind(effect.brings))
    if ('forgets' in effect) return new Set(index.ofKind(effect.forgets))
    const kind = 'read' in effect ? effect.read : effect.outdates
    const key = 'key' in effect ? effect.key : undefined
    return new Set([...index.ofKind(kind)].filter((kept) => key === undefined || kept.name.key === key))
  }

  #indexed(): Index {
    if (this.#index?.links !== this.#files.links)
      this.#index = new Index(
        this.#files,
        [...this.#all.values()].flatMap((all) => [...all.values()]),
      )
    return this.#index
  }
}

class Index {
  /** What the files' links were when it was made. */
  readonly links: number
  readonly #files: PredictedFiles
  readonly #byKind = new Map<string, Set<Kept>>()
  /** By the paths that an answer rests on with all that is in them, those included that links lead through. */
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

  #each(kept: Kept, visit: (map: Map<string, Set<Kept>>, name: string) => void): void {
    visit(this.#byKind, kept.kind.name)
    for (const path of pathsOf(kept))
      for (const one of [path, ...this.#files.trail(path, true)]) {
        if (!kept.kind.itself) visit(this.#at, one)
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
