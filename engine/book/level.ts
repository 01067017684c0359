import type { Span } from '../base/span.ts'
import type { Node } from '../lang/node.ts'
import type { Variable } from '../lang/scope.ts'
import type { Bearer } from './keywords.ts'

/** The keywords of one play, role, block, include or task. What it does not say comes from the levels outside it. */
export interface Level {
  readonly bearer: Bearer
  /** For people: `block at roles/etcd/tasks/main.yml:3`. */
  readonly span: Span
  readonly keywords: ReadonlyMap<string, Node>
  readonly tags: readonly string[]
  readonly vars: ReadonlyMap<string, Variable>
  /** Of include_tasks or include_role: its vars win over set_fact; those of imports are like a block's. */
  readonly dynamic?: true
}

/** The innermost value of a keyword. */
export function keywordOf(levels: readonly Level[], name: string): Node | undefined {
  for (let index = levels.length - 1; index >= 0; index--) {
    const node = levels[index]!.keywords.get(name)
    if (node) return node
  }
  return undefined
}

/** All values of a keyword, outermost first: conditions and environments add up. */
export function keywordsThrough(levels: readonly Level[], name: string): Node[] {
  return levels.map((level) => level.keywords.get(name)).filter((node) => node !== undefined)
}

export function tagsThrough(levels: readonly Level[]): string[] {
  return [...new Set(levels.flatMap((level) => level.tags))]
}
