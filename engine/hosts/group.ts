import type { Span } from '../base/span.ts'
import type { Variable } from '../lang/scope.ts'

export type Variables = Map<string, Variable>

export interface Origin {
  /** The inventory file as shown to people, or the comma list. */
  readonly file: string
  /** Absolute path of the folder the inventory file is in; undefined for a comma list. */
  readonly dir: string | undefined
  readonly path: string | undefined
}

export class Host {
  readonly name: string
  /** Where the inventory first names it. */
  readonly span: Span | undefined
  /** From the inventory itself, not from host_vars/. */
  readonly vars: Variables = new Map()
  /** The groups that list it themselves. */
  readonly groups = new Set<Group>()
  /** Made up because a pattern says localhost and no inventory does. */
  readonly implicit: boolean
  /** The last inventory file that names it: `inventory_file`, `inventory_dir`. */
  origin: Origin | undefined

  constructor(name: string, span?: Span, implicit = false) {
    this.name = name
    this.span = span
    this.implicit = implicit
  }
}

export class Group {
  readonly name: string
  readonly span: Span | undefined
  readonly vars: Variables = new Map()
  readonly parents = new Set<Group>()
  readonly children = new Set<Group>()
  /** Listed by the group itself, in the order of the inventory. */
  readonly hosts = new Set<Host>()
  /** Longest way down from `all`, which has 0. */
  depth = 0
  /** `ansible_group_priority`: among groups of one depth the higher wins. */
  priority = 1

  constructor(name: string, span?: Span) {
    this.name = name
    this.span = span
  }

  /** Itself and every group below, nearest first, as Ansible walks them. */
  descendants(): Set<Group> {
    const found = new Set<Group>([this])
    for (const group of found) for (const child of group.children) found.add(child)
    return found
  }

  ancestors(): Set<Group> {
    const found = new Set<Group>(this.parents)
    for (const group of found) for (const parent of group.parents) found.add(parent)
    return found
  }

  /** Every host of it and of the groups below, each once. */
  members(): Host[] {
    const found = new Set<Host>()
    for (const group of this.descendants()) for (const host of group.hosts) found.add(host)
    return [...found]
  }
}

/** The order in which groups' variables are laid over each other: parents first, then priority, then name. */
export function byDepth(a: Group, b: Group): number {
  return a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
}
