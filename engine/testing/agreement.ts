import { posix } from 'node:path'
import { findUnknown } from '../base/unknown.ts'
import { foretold, type Ran, type TaskEnd } from './example-runs.ts'

/** A task of a dry run, and the same task of the run that came after it. */
export interface Disagreement {
  readonly said: TaskEnd
  readonly came: TaskEnd | undefined
}

/**
 * Where a dry run and the run after it differ: task by task the status, and change by change what was and what will be.
 * What the dry run called unknown may come to anything; an opaque command may have run. A task that fails without having
 * been foretold is no disagreement here: nothing was done that the dry run had not told.
 */
export function disagreements(checked: Ran, real: Ran): Disagreement[] {
  const hosts = [...new Set(checked.ends.map((end) => end.host))].sort()
  return hosts.flatMap((host) => {
    const of = (ran: Ran) => ran.ends.filter((end) => end.host === host)
    const came = of(real)
    const stopped = came.some(failed)
    return of(checked).flatMap((said, index) => {
      const then = came[index]
      const right = then === undefined ? stopped : agree(said, then)
      return right ? [] : [{ said, came: then }]
    })
  })
}

function agree(said: TaskEnd, came: TaskEnd): boolean {
  if (failed(came) && !failed(said)) return true
  const opaque = said.mayChange?.startsWith('would run: ') ?? false
  return foretold(opaque, said.status, came.status) && (opaque || sameChanges(said, came))
}

const failed = ({ status }: TaskEnd) => status === 'failed' || status === 'unreachable'

/** What was unknown may have become anything; all else is to be as it was said. */
function sameChanges(said: TaskEnd, came: TaskEnd): boolean {
  const masks = said.changes.map(({ before, after }) =>
    [before, after].map((value) => findUnknown(value) !== undefined),
  )
  const told = (end: TaskEnd) =>
    JSON.stringify(
      end.changes.map(({ before, after, ...change }, index) => ({
        ...change,
        ...(masks[index]?.[0] ? {} : { before }),
        ...(masks[index]?.[1] ? {} : { after }),
      })),
    )
  return told(said) === told(came)
}

/** The paths that a dry run named: in its differences, in the steps it showed, and in what it would have registered. */
export function namedPaths({ ends }: Ran): string[] {
  const texts = ends.flatMap(({ changes, steps }) => [...changes.map((change) => change.path), ...steps])
  const words = texts.flatMap((text) => text.split(/[\s"',;=:()]+/))
  return [...new Set(words.filter((word) => posix.isAbsolute(word) && word !== '/').map(plain))]
}

/** Files that changed though nobody had said so: neither they, nor a folder above them, nor what they are a backup of. */
export function unnamed(changed: Iterable<string>, named: readonly string[]): string[] {
  const covers = (name: string, path: string) =>
    path === name || path.startsWith(`${name}/`) || (path.startsWith(`${name}.`) && path.endsWith('~'))
  return [...changed].filter((path) => !named.some((name) => covers(name, path)))
}

const plain = (path: string) => posix.normalize(path).replace(/\/$/, '')
