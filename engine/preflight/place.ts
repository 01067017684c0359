import type { Entry, Task } from '../book/entry.ts'
import type { Layer } from '../lang/scope.ts'

/** Where a task stands among others: what is around it that its own levels do not say. */
export interface Place {
  /** What the loops of the includes around set, unknown before the run. */
  readonly around: readonly Layer[]
  /** A rescue takes care of its failing. */
  readonly rescued: boolean
}

export const outermost: Place = { around: [], rescued: false }

/** All tasks below entries, in order, each with its place. */
export function* placesOf(entries: readonly Entry[], place: Place): Generator<[Task, Place]> {
  for (const entry of entries) {
    if (entry.kind === 'task') {
      yield [entry, place]
      continue
    }
    yield* placesOf(entry.block, entry.rescue.length > 0 ? { ...place, rescued: true } : place)
    yield* placesOf([...entry.rescue, ...entry.always], place)
  }
}
