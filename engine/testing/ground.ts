import { posix } from 'node:path'
import { unnamed } from './agreement.ts'
import type { Made } from './damage.ts'
import type { PlayTasks } from './example-runs.ts'

/** What is at a path that differs from a new host. Two with one digest: nothing happened to it in between. */
export interface Seen {
  readonly kind: 'added' | 'changed' | 'deleted'
  /** Of what was deleted: what it was. */
  readonly type: 'file' | 'folder' | 'link' | 'other'
  readonly digest: string
}

/** What differs from a new host, by path; files of the controller as `controller:NAME`. */
export type Sight = ReadonlyMap<string, Seen>

/** A host that trials may break, with the controller's folder that its runs work in. */
export interface Ground {
  readonly play: PlayTasks
  /** With `within`: all that is in that folder too, wherever it is mounted from. */
  look(within?: string): Promise<Sight>
  /** Runs shell text as root, whatever logging in has come to; gives its exit status and what it complained of. */
  shell(script: string): Promise<{ readonly status: number; readonly said: string }>
  /** Remembers the files, and what runs, is mounted and is set. */
  keep(): Promise<Kept>
  /**
   * Plays tasks up to where something is done for the nth time, and there cuts them off, this many milliseconds later. How:
   * the connection is lost, or the host tells all that it runs to end. Returns when nothing of it is at work any more.
   */
  cut?(tasks: string, at: Cut): Promise<void>
  /** A new host, and an empty folder. */
  renew(): Promise<void>
}

export interface Cut {
  readonly nth: number
  readonly after: number
  readonly how: 'lost' | 'told to end'
}

export interface Kept {
  /** Makes all as it was, or just these paths; false when more than files had changed. */
  putBack(paths?: readonly string[]): Promise<boolean>
  /** Forgets it. */
  drop(): Promise<void>
}

/** The paths at which two looks differ. */
export function differing(one: Sight, other: Sight): string[] {
  const paths = new Set([...one.keys(), ...other.keys()])
  return [...paths].filter((path) => one.get(path)?.digest !== other.get(path)?.digest).sort()
}

/** What programs keep beside what they change. */
const BESIDE = /[-~]$|\block/

/** What a run made, changed and removed on the host, between two looks; first what the dry run had named. */
export function madeBetween(before: Sight, after: Sight, named: readonly string[]): Made[] {
  const changed = differing(before, after).filter(posix.isAbsolute)
  const was = (path: string) =>
    (before.get(path) ?? { kind: after.get(path)?.kind === 'added' ? 'deleted' : '' }).kind !== 'deleted'
  const is = (path: string) =>
    (after.get(path) ?? { kind: before.get(path)?.kind === 'added' ? 'deleted' : '' }).kind !== 'deleted'
  const folderOf = (path: string): string => {
    const above = posix.dirname(path)
    return changed.includes(above) && !was(above) ? folderOf(above) : above
  }
  const made = changed.flatMap((path): Made[] => {
    const { type = 'other' } = after.get(path) ?? before.get(path) ?? {}
    if (type === 'other') return []
    return [
      {
        path,
        type,
        before: was(path),
        after: is(path),
        named: unnamed([path], named).length === 0,
        folder: folderOf(path),
      },
    ]
  })
  return made.sort(
    (a, b) =>
      Number(b.named) - Number(a.named) ||
      Number(BESIDE.test(a.path)) - Number(BESIDE.test(b.path)) ||
      b.path.length - a.path.length,
  )
}
