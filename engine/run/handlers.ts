import { Problem } from '../base/problem.ts'
import { type Entry, entryName, type Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { namesKeyword } from './task-keywords.ts'

/** The handlers a name stands for: all that listen to it, and the last that is called so (Ansible's choice). */
export function handlersFor(name: string, handlers: readonly Entry[], scope: Scope | undefined): Entry[] {
  const listening = handlers.filter((handler) => handler.listen.includes(name))
  const called = handlers.filter((handler) => handlerNames(handler, scope).includes(name)).slice(-1)
  return [...new Set([...called, ...listening])]
}

/** A handler of a role is also called `role : name`. */
function handlerNames(handler: Entry, scope: Scope | undefined): string[] {
  const node = handler.own.keywords.get('name')
  let name = entryName(handler)
  if (node && scope && name.includes('{{')) {
    try {
      name = String(renderValue(node, scope))
    } catch (thrown) {
      // Its variables are not known here: it can still be notified by its name as written.
      if (!(thrown instanceof Problem)) throw thrown
    }
  }
  return handler.role ? [name, `${handler.role.role.name} : ${name}`] : [name]
}

/** Remembers what a changed task notifies; `named` are the names of its items, filled in. Throws unknown-handler. */
export function notify(
  context: PlayContext,
  handlers: readonly Entry[],
  task: Task,
  state: HostState,
  named: (() => string[]) | undefined,
): void {
  const node = keywordOf(task.levels, 'notify')
  if (!node) return
  const scope = context.taskScope(state, task)
  for (const name of new Set(named?.() ?? namesKeyword(task.levels, 'notify', scope))) {
    const found = handlersFor(name, handlers, scope)
    if (found.length === 0) {
      throw new Problem('unknown-handler', `No handler is called "${name}", and none listens to it.`, { at: node.span })
    }
    for (const handler of found) {
      if (state.notified.has(handler)) continue
      state.notified.add(handler)
      context.session.emit({ event: 'handler_notified', host: state.name, handler: entryName(handler) })
    }
  }
}
