import type { Span } from '../base/span.ts'
import type { Node } from '../lang/node.ts'
import type { Variable } from '../lang/scope.ts'
import type { Entry } from './entry.ts'
import type { Level } from './level.ts'

/** A role's folder and what its meta file says. */
export interface Role {
  readonly name: string
  readonly folder: string
  readonly allowDuplicates: boolean
  readonly dependencies: readonly Node[]
  /** A JSON Schema of the role's variables, checked before the first connection. */
  readonly params: Node | undefined
  /** Conditions that must hold before the first connection, with what to say. */
  readonly checks: readonly { readonly that: Node; readonly msg: Node | undefined }[]
}

/** What a role depends on, innermost first. */
export function needsOf(use: RoleUse): RoleUse[] {
  return use.needs.flatMap((needed) => [...needsOf(needed), needed])
}

/** A role as a play uses it. */
export interface RoleUse {
  readonly role: Role
  readonly span: Span
  /** Given where the role is used; they win over everything but includes and -e. */
  readonly params: ReadonlyMap<string, Variable>
  /** Its `vars` where it is used: below those of its vars/. */
  readonly givenVars: ReadonlyMap<string, Variable>
  readonly defaults: ReadonlyMap<string, Variable>
  readonly vars: ReadonlyMap<string, Variable>
  readonly level: Level
  /** The same for uses of one role that are given the same: they have their handlers in common. */
  readonly identity: string
  /** It runs again on hosts where the same has run already in this play. */
  readonly repeats: boolean
  /** All levels around it and its own, outermost first. */
  readonly levels: readonly Level[]
  /** Roles that depend on it, innermost last. */
  readonly parents: readonly RoleUse[]
  /** What it depends on itself: it sees their variables, below its own. */
  readonly needs: readonly RoleUse[]
  /** Its variables are seen by the whole play (roles: and imports; includes only with public). */
  readonly public: boolean
  readonly entries: readonly Entry[]
  readonly handlers: readonly Entry[]
}
