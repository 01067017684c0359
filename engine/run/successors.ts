import type { Entry, Task } from '../book/entry.ts'
import { type Play, sections } from '../book/play.ts'

/**
 * The task that comes next where one has ended well, by task. None behind the last of a section (handlers may come), and
 * none across the border of a block that hosts go through by turns.
 */
export function successorsIn(play: Play): ReadonlyMap<Task, Task> {
  const next = new Map<Task, Task>()
  for (const section of sections(play)) link(section, undefined, next)
  return next
}

/** Gives the first task of `entries`, behind which `then` comes. */
function link(entries: readonly Entry[], then: Task | undefined, next: Map<Task, Task>): Task | undefined {
  let follower = then
  for (const entry of entries.toReversed()) {
    if (entry.kind === 'task') {
      if (follower) next.set(entry, follower)
      follower = entry
      continue
    }
    const byTurns = entry.own.keywords.has('throttle')
    const behind = byTurns ? undefined : follower
    link(entry.rescue, undefined, next)
    // Behind an always there is nothing for those that failed in its block.
    const always = link(entry.always, undefined, next)
    const first = link(entry.block, entry.always.length > 0 ? always : behind, next)
    follower = byTurns ? undefined : first
  }
  return follower
}
