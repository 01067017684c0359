import { Problem } from '../base/problem.ts'
import type { Task } from '../book/entry.ts'
import { tagsThrough } from '../book/level.ts'
import { plainNode } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'

/** A task's tags, variables filled in; a variable may hold a list of them. */
export function filledTags(task: Task, scope: () => Scope): string[] {
  return tagsThrough(task.levels).flatMap((tag) => {
    if (!tag.includes('{{')) return [tag]
    try {
      return [renderValue(plainNode(tag, task.span), scope())].flat().map(String)
    } catch (thrown) {
      // Nobody can ask for a tag that is not known.
      if (thrown instanceof Problem) return [tag]
      throw thrown
    }
  })
}

/** Whether a task with these tags runs, as Ansible decides: `always`, `never`, `tagged`, `untagged`, `all`. */
export function isSelected(tags: readonly string[], asked: readonly string[], skip: readonly string[]): boolean {
  const only = asked.length > 0 ? asked : ['all']
  const own = tags.length > 0 ? tags : ['untagged']
  const has = (tag: string) => own.includes(tag)
  const tagged = !has('untagged')
  const isAsked =
    has('always') ||
    (only.includes('all') && !has('never')) ||
    only.some((tag) => has(tag)) ||
    (only.includes('tagged') && tagged && !has('never'))
  if (!isAsked) return false
  if (skip.includes('all')) return has('always') && !skip.includes('always')
  if (skip.includes('tagged') && tagged) return false
  return !skip.some((tag) => has(tag))
}
