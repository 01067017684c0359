import { Problem } from '../base/problem.ts'
import { TouchedUnknown } from '../base/unknown.ts'
import type { Entry, Task } from '../book/entry.ts'
import { isComputed } from '../book/form.ts'
import { argument, readTaskFile, tasksFile } from '../book/read-entries.ts'
import { useRole } from '../book/read-role.ts'
import { emptyLevel } from '../book/reading.ts'
import type { Node } from '../lang/node.ts'
import { renderValue } from '../lang/render.ts'
import type { Variables } from '../lang/variables.ts'
import { applied } from '../run/include.ts'
import type { PlayContext } from '../run/play-context.ts'
import { fromParts } from './foreseen.ts'

/** The node of an include that says what is included. */
export function includedName(task: Task): Node | undefined {
  return task.action === 'include_role'
    ? (argument(task, 'name') ?? argument(task, 'role'))
    : argument(task, 'file', true)
}

export function includeWithoutName(task: Task): Problem {
  const needs = task.action === 'include_role' ? '"name", a role' : 'a file'
  return new Problem('bad-parameter', `${task.action} needs ${needs}.`, { at: task.actionSpan })
}

/** The names it may be, as far as they are known. */
export function includedNames(node: Node, scopes: readonly Variables[]): string[] {
  if (node.kind === 'scalar' && !isComputed(node)) return [node.text]
  const names = scopes.flatMap((scope) => {
    try {
      const name = renderValue(node, scope)
      return typeof name === 'string' ? [name] : []
    } catch (thrown) {
      // Told where its names are looked at.
      if (thrown instanceof TouchedUnknown || thrown instanceof Problem) return []
      throw thrown
    }
  })
  return [...new Set(names)]
}

/** What an include brings, its own condition left out: it is asked once, before. */
export function includedEntries(
  context: PlayContext,
  task: Task,
  name: string,
  at: Node,
): { readonly entries: readonly Entry[]; readonly problems: readonly Problem[] } {
  const { session, play } = context
  const problems: Problem[] = []
  const reading = { ...session.reading, problems, playbookFolder: play.folder, roleUses: [], open: [] as string[] }
  const kept = new Map([...task.own.keywords].filter(([word]) => word === 'when'))
  const level = { ...task.own, bearer: 'include' as const, dynamic: true as const, keywords: kept, tags: [] }
  const levels = [...task.levels.slice(0, -1), level, ...applied(reading, task)]
  const setting = { levels, role: task.role, folder: task.folder }
  if (task.action === 'include_tasks') {
    const path = tasksFile(reading, setting, name, at.span)
    return { entries: path ? readTaskFile(reading, path, setting, at.span, task.handler) : [], problems }
  }
  const use = useRole(reading, name, at.span, {
    setting,
    level: emptyLevel('role', task.span),
    params: new Map(),
    ...fromParts(task),
    public: false,
    dependencies: true,
  })
  return { entries: use?.entries ?? [], problems }
}
