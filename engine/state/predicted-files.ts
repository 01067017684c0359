import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { isUnknown, Unknown } from '../base/unknown.ts'
import type { FileEffect } from './effect.ts'
import type { Stat } from './stat.ts'

/** A path's predicted fields, merged over what is really there. */
export interface PredictedFile extends FileEffect {
  /** Whether something real may lie under the prediction (else it replaces whatever is there). */
  readonly overReal: boolean
}

/** The files of a host as unmade steps would leave them. */
export class PredictedFiles {
  readonly #files = new Map<string, PredictedFile>()
  /** Links that are really there. */
  readonly #links = new Map<string, string>()
  /** Counts the changes of what leads where. */
  links = 0

  get empty(): boolean {
    return this.#files.size === 0
  }

  /** What a look saw: `path` is a link to `target`, or none. */
  linked(path: string, target: string | null): void {
    if ((this.#links.get(path) ?? null) === target) return
    this.links++
    if (target === null) this.#links.delete(path)
    else this.#links.set(path, target)
  }

  /** The real links are those that another knows of. */
  linkedAs(other: PredictedFiles): void {
    for (const [path, target] of other.#links) this.linked(path, target)
  }

  apply(effect: FileEffect): void {
    this.links++
    const path = this.resolve(effect.path, false)
    const before = this.#files.get(path)
    if (effect.type === 'absent') {
      for (const known of this.#files.keys()) if (isUnder(known, path)) this.#files.delete(known)
      this.#files.set(path, { path, type: 'absent', overReal: false })
      return
    }
    const fields = Object.fromEntries(Object.entries(effect).filter(([, value]) => value !== undefined))
    if (effect.type === 'unchanged') {
      this.#files.set(path, {
        ...(before ?? { overReal: true }),
        ...fields,
        type: before?.type ?? 'unchanged',
        path,
      } as PredictedFile)
      return
    }
    const kept =
      before && before.type === effect.type ? before : { overReal: before ? before.type === 'unchanged' : true }
    const { mtime, ...merged } = { ...kept, ...fields, path } as PredictedFile
    // What is written anew is of a new time, unless that is foretold too.
    this.#files.set(path, 'mtime' in fields ? { ...merged, mtime: mtime! } : merged)
  }

  /** The prediction for a path; `absent` when a folder above it is predicted gone; undefined when nothing is predicted. */
  at(path: string, follow = true): PredictedFile | undefined {
    const resolved = this.resolve(path, follow)
    const own = this.#files.get(resolved)
    if (own) return own
    for (let above = posix.dirname(resolved); ; above = posix.dirname(above)) {
      const prediction = this.#files.get(above)
      if (prediction && !prediction.overReal && prediction.type !== 'directory')
        return { path, type: 'absent', overReal: false }
      // A folder that replaces what was removed starts empty.
      if (prediction?.type === 'directory' && !prediction.overReal) return { path, type: 'absent', overReal: false }
      if (above === '/' || above === '.') return undefined
    }
  }

  /** Whether something is predicted of this very path. */
  foretells(path: string): boolean {
    return this.#files.has(this.resolve(path, true))
  }

  /** Names that predictions add to, or take from, a folder. */
  children(folder: string): Map<string, 'present' | 'absent'> {
    const names = new Map<string, 'present' | 'absent'>()
    const resolved = this.resolve(folder, true)
    for (const [path, prediction] of this.#files) {
      if (posix.dirname(path) === resolved && path !== resolved && prediction.type !== 'unchanged') {
        names.set(posix.basename(path), prediction.type === 'absent' ? 'absent' : 'present')
      }
    }
    return names
  }

  /** Every prediction below a folder, those above others first. */
  below(folder: string): PredictedFile[] {
    const resolved = this.resolve(folder, true)
    return [...this.#files.values()]
      .filter((file) => file.path !== resolved && isUnder(file.path, resolved))
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** Follows links in a path, predicted and real ones; the last part only with `last`. */
  resolve(path: string, last: boolean): string {
    return this.trail(path, last).at(-1)!
  }

  /** A path, and every path that following its links comes through. */
  trail(path: string, last: boolean): string[] {
    let resolved = posix.normalize(path)
    if (resolved.length > 1 && resolved.endsWith('/')) resolved = resolved.slice(0, -1)
    const trail = [resolved]
    if (this.#links.size === 0 && this.#files.size === 0) return trail
    for (let round = 0; round < 20; round++) {
      const next = this.#step(resolved, last)
      if (next === undefined) break
      resolved = next
      trail.push(resolved)
    }
    return trail
  }

  /** The path with its first link followed; undefined when there is none in it. */
  #step(path: string, last: boolean): string | undefined {
    if (!path.startsWith('/')) return undefined
    const parts = path.split('/').filter(Boolean)
    let at = ''
    // Below what is predicted to be replaced, nothing real is left.
    let real = true
    for (const [index, part] of parts.entries()) {
      at += `/${part}`
      if (index === parts.length - 1 && !last) return undefined
      const prediction = this.#files.get(at)
      const laid = prediction !== undefined && prediction.type !== 'unchanged'
      if (laid && !prediction.overReal) real = false
      const target = laid
        ? prediction.type === 'link'
          ? prediction.target
          : undefined
        : real
          ? this.#links.get(at)
          : undefined
      if (target !== undefined) return posix.resolve(posix.dirname(at), target, ...parts.slice(index + 1))
    }
    return undefined
  }
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** The bytes predicted at a path: a buffer, unknown (why), or undefined when only a digest or nothing is predicted. */
export function predictedContent(file: PredictedFile): Buffer | Unknown | undefined {
  if (file.content !== undefined) return file.content
  if (file.sha256 !== undefined) return new Unknown(`the content of ${file.path}, which is not made in a dry run`)
  return undefined
}

export function predictedDigest(file: PredictedFile, algorithm: string): string | Unknown | undefined {
  if (file.sha256 !== undefined && algorithm === 'sha256') return file.sha256
  const content = predictedContent(file)
  if (content === undefined || isUnknown(content)) return content
  return createHash(algorithm).update(content).digest('hex')
}

/** Lays predicted fields over a real stat (or over none). */
export function predictedStat(file: PredictedFile, real: Stat | null): Stat | null {
  if (file.type === 'absent') return null
  if (file.type === 'unchanged' && !real) return null
  const type = file.type === 'unchanged' ? real!.type : file.type
  const sameType = real?.type === type
  const base = real && sameType ? real : undefined
  const now = Math.floor(Date.now() / 1000)
  const size = file.size ?? (Buffer.isBuffer(file.content) ? file.content.length : (base?.size ?? 0))
  return {
    type,
    mode: file.mode ?? base?.mode ?? (type === 'directory' ? '0755' : type === 'link' ? '0777' : '0644'),
    uid: file.owner === undefined ? (base?.uid ?? 0) : file.owner === base?.owner ? base.uid : numberOr(file.owner, -1),
    gid: file.group === undefined ? (base?.gid ?? 0) : file.group === base?.group ? base.gid : numberOr(file.group, -1),
    owner: file.owner ?? base?.owner ?? 'root',
    group: file.group ?? base?.group ?? 'root',
    size,
    mtime: file.mtime ?? base?.mtime ?? now,
    atime: base?.atime ?? now,
    ctime: base?.ctime ?? now,
    inode: base?.inode ?? 0,
    device: base?.device ?? 0,
    links: base?.links ?? 1,
    ...(type === 'link' && (file.target ?? base?.target) !== undefined ? { target: file.target ?? base!.target! } : {}),
  }
}

/** Owners may be named by number; `root` is 0 everywhere. */
function numberOr(name: string, otherwise: number): number {
  if (name === 'root') return 0
  return /^\d+$/.test(name) ? Number(name) : otherwise
}
