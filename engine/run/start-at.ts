import { globPattern } from '../base/glob.ts'
import type { Entry, Task } from '../book/entry.ts'
import { sections } from '../book/play.ts'
import type { PlayContext } from './play-context.ts'

/**
 * `--start-at-task`: the tasks of a play that come before the one it begins at; `undefined` when it is not in the play.
 * As in Ansible only what is read before the run can be begun at: imports and roles, not includes, nor a rescue.
 */
export function tasksBefore(context: PlayContext, name: string): Set<Task> | undefined {
  const matches = globPattern(name)
  const before = new Set<Task>()
  for (const task of inOrder(sections(context.play).flat())) {
    if (
      context.isTagged(task) &&
      task.action !== 'meta' &&
      names(task).some((one) => one === name || matches.test(one))
    )
      return before
    before.add(task)
  }
  return undefined
}

/** A rescue is reached by failing only. */
function* inOrder(entries: readonly Entry[]): Generator<Task> {
  for (const entry of entries) {
    if (entry.kind === 'task') yield entry
    else {
      yield* inOrder(entry.block)
      yield* inOrder(entry.always)
    }
  }
}

/** As written, and with the role in front, where a task without a name is called by its module. */
function names(task: Task): string[] {
  const node = task.own.keywords.get('name')
  const own = node?.kind === 'scalar' && node.text !== '' ? node.text : undefined
  const role = task.role ? `${task.role.role.name} : ` : ''
  return [...(own === undefined ? [] : [own]), role + (own ?? task.action)]
}
