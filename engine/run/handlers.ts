import { Problem } from '../base/problem.ts'
import { type Entry, entryName, type Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { possibleText } from '../lang/possible-text.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { namesKeyword } from './task-keywords.ts'

/**
 * The handlers a name stands for: all that listen to it, and one that is called so. Ansible's choice: of the last list
 * (a role's, or the play's) the first. Without a scope, a name with variables in it stands for all that it may come to.
 */
export function handlersFor(name: string, handlers: readonly Entry[], scope: Scope | undefined): Entry[] {
  const listening = handlers.filter((handler) => handler.listen.includes(name))
  const called = handlers.filter((handler) => isCalled(handler, name, scope))
  const chosen = called.filter((handler) => handler.role === called.at(-1)?.role).slice(0, 1)
  return [...new Set([...chosen, ...listening])]
}

/** A handler of a role is also called `role : name`. */
function isCalled(handler: Entry, name: string, scope: Scope | undefined): boolean {
  const plain = handler.role ? [name, afterRole(name, handler.role.role.name)] : [name]
  const own = nameOf(handler, scope)
  return plain.some((one) => one !== undefined && (typeof own === 'string' ? one === own : own.test(one)))
}

function afterRole(name: string, role: string): string | undefined {
  return name.startsWith(`${role} : `) ? name.slice(role.length + 3) : undefined
}

/** The name filled in, or what it may come to when its variables are not known. */
function nameOf(handler: Entry, scope: Scope | undefined): string | RegExp {
  const node = handler.own.keywords.get('name')
  const written = entryName(handler)
  if (!node || !written.includes('{{')) return written
  if (!scope) return possibleText(written)
  try {
    return String(renderValue(node, scope))
  } catch (thrown) {
    // Its variables are not known here: it can still be notified by its name as written.
    if (thrown instanceof Problem) return written
    throw thrown
  }
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
