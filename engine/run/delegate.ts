import type { Task } from '../book/entry.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import type { Reach } from './connections.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { reachKeywords, textKeyword } from './task-keywords.ts'

/** Which host does a task, and how it is reached. */
export interface Doer {
  readonly state: HostState
  readonly reach: Reach
  /** Its name, when it is another host than the one the task is for. */
  readonly delegated: string | undefined
}

/**
 * The host a task is for, or the one it is delegated to: then that host's variables say how to reach it, and the task's
 * own parameters still see those of the host it is for.
 */
export function doerOf(context: PlayContext, task: Task, state: HostState, scope: Scope, more: readonly Layer[]): Doer {
  const { session } = context
  const name = delegateName(task, scope)
  if (name === undefined || name === state.name) {
    return {
      state,
      reach: session.connections.reach(state.name, scope, reachKeywords(task.levels, scope)),
      delegated: undefined,
    }
  }
  const target = session.delegate(name)
  const its = context.taskScope(target, task, more)
  return {
    state: target,
    reach: session.connections.reach(target.name, its, reachKeywords(task.levels, its)),
    delegated: name,
  }
}

export function delegateName(
  task: Pick<Task, 'levels'> & Partial<Pick<Task, 'local'>>,
  scope: Scope,
): string | undefined {
  return task.local ? 'localhost' : textKeyword(task.levels, 'delegate_to', scope)
}
