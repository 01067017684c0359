import type { Task } from '../book/entry.ts'
import { keywordsThrough } from '../book/level.ts'
import type { Node } from '../lang/node.ts'
import { isTemplate } from '../lang/render.ts'
import type { Module } from '../module/definition.ts'
import type { Resolved } from './task-arguments.ts'

interface Fixed {
  readonly module: Module
  readonly resolved: Resolved
}

/** Nothing when they are computed. */
const known = new WeakMap<Task, Fixed | 'computed'>()

/**
 * Parameters in which nothing is computed are the same for every host and every time: they are worked out once, and nobody may
 * change them.
 */
export function fixedOr(task: Task, module: Module, resolve: () => Resolved): Resolved {
  const before = known.get(task)
  if (before === 'computed') return resolve()
  if (before?.module === module) return before.resolved
  const resolved = resolve()
  // With mistakes it is not done anyway.
  if (resolved.problems.length > 0 || !isFixed(task)) known.set(task, 'computed')
  else {
    frozen(resolved.params)
    known.set(task, { module, resolved })
  }
  return resolved
}

function isFixed(task: Task): boolean {
  return (
    keywordsThrough(task.levels, 'module_defaults').length === 0 &&
    [task.args, task.moreArgs].every((node) => node === undefined || isPlain(node))
  )
}

function isPlain(node: Node): boolean {
  switch (node.kind) {
    case 'scalar':
      return !isTemplate(node)
    case 'seq':
      return node.items.every(isPlain)
    case 'map':
      return node.pairs.every(({ key, value }) => isPlain(key) && isPlain(value))
    default:
      return false
  }
}

/** Through and through, but for conditions: they are places in the playbook. */
function frozen(value: unknown): void {
  if (typeof value !== 'object' || value === null || 'span' in value) return
  Object.freeze(value)
  for (const part of Object.values(value)) frozen(part)
}
