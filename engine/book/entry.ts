import type { Span } from '../base/span.ts'
import type { Node } from '../lang/node.ts'
import type { Level } from './level.ts'
import type { RoleUse } from './role.ts'

/** Where an entry stands: what it inherits, and where its files are looked for. */
export interface Setting {
  /** Outermost first. */
  readonly levels: readonly Level[]
  /** The role it belongs to; its parents are the role's own `parents`. */
  readonly role: RoleUse | undefined
  /** The folder of the file it stands in. */
  readonly folder: string
}

export type Entry = Task | Block

export interface Task extends Setting {
  readonly kind: 'task'
  /** The module's name as written, or include_tasks, include_role, meta. */
  readonly action: string
  readonly actionSpan: Span
  /** A map of parameters, or the words of the short form. */
  readonly args: Node | undefined
  /** `args:` beside the module. */
  readonly moreArgs: Node | undefined
  readonly loop: { readonly word: string; readonly node: Node } | undefined
  readonly register: string | undefined
  readonly local: boolean
  readonly handler: boolean
  readonly listen: readonly string[]
  readonly own: Level
  readonly span: Span
}

export interface Block extends Setting {
  readonly kind: 'block'
  readonly block: readonly Entry[]
  readonly rescue: readonly Entry[]
  readonly always: readonly Entry[]
  readonly handler: boolean
  readonly listen: readonly string[]
  readonly own: Level
  readonly span: Span
}

/** The name as written, templates not filled in; the action when there is none. */
export function entryName(entry: Entry): string {
  const name = entry.own.keywords.get('name')
  if (name?.kind === 'scalar' && name.text !== '') return name.text
  return entry.kind === 'task' ? entry.action : 'block'
}

/** All tasks below entries, in order. */
export function* tasksOf(entries: readonly Entry[]): Generator<Task> {
  for (const entry of entries) {
    if (entry.kind === 'task') yield entry
    else yield* tasksOf([...entry.block, ...entry.rescue, ...entry.always])
  }
}

/** All blocks among and below entries. */
export function blocksOf(entries: readonly Entry[]): Block[] {
  return entries.flatMap((entry) =>
    entry.kind === 'block' ? [entry, ...blocksOf([...entry.block, ...entry.rescue, ...entry.always])] : [],
  )
}
