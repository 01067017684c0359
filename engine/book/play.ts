import type { Span } from '../base/span.ts'
import type { Node } from '../lang/node.ts'
import type { Entry } from './entry.ts'
import type { Level } from './level.ts'
import type { RoleUse } from './role.ts'

export interface Play {
  readonly span: Span
  /** The playbook's file. */
  readonly file: string
  readonly folder: string
  readonly level: Level
  /** From import_playbook, outermost first; already part of every entry's levels. */
  readonly outer: readonly Level[]
  readonly preTasks: readonly Entry[]
  /** The roles: of the play, with what they depend on, in the order they run. */
  readonly roles: readonly RoleUse[]
  readonly tasks: readonly Entry[]
  readonly postTasks: readonly Entry[]
  /** Those of its roles, then the play's own: they run in this order. */
  readonly handlers: readonly Entry[]
  /** Every role used statically, imported ones too: their defaults and vars are the play's. */
  readonly roleUses: readonly RoleUse[]
  readonly strategy: 'linear' | 'free' | 'host_pinned'
}

export function playKeyword(play: Play, name: string): Node | undefined {
  return play.level.keywords.get(name)
}

/** The sections in order; handlers run at the end of each. */
export function sections(play: Play): readonly (readonly Entry[])[] {
  return [play.preTasks, [...play.roles.flatMap((use) => use.entries), ...play.tasks], play.postTasks]
}
