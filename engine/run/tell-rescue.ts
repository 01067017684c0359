import type { Task } from '../book/entry.ts'
import { tagsThrough } from '../book/level.ts'
import type { Node } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { safely } from './task-voice.ts'

/** Sets `ansible_failed_task` and `ansible_failed_result`, which stay as if they had been registered. */
export function tellRescue(
  context: PlayContext,
  task: Task,
  state: HostState,
  result: unknown,
  more: readonly Layer[],
): void {
  const scope = context.taskScope(state, task, more)
  const name = task.own.keywords.get('name')
  state.set('set_fact', {
    ansible_failed_task: {
      name: name ? filled(name, scope) : '',
      action: task.action,
      args: argumentsOf(task, scope),
      tags: tagsThrough(task.levels),
      register: task.register ?? null,
    },
    ansible_failed_result: result,
  })
}

/** Arguments that cannot be filled in any more (the item of a loop) are as they were written. */
function argumentsOf({ args }: Task, scope: Scope): Record<string, unknown> {
  if (args?.kind === 'map')
    return Object.fromEntries(args.pairs.map(({ key, value }) => [keyText(key), filled(value, scope)]))
  return args === undefined ? {} : { _raw_params: filled(args, scope) }
}

function filled(node: Node, scope: Scope): unknown {
  return safely(() => renderValue(node, scope), node.kind === 'scalar' ? node.text : null)
}
