import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import type { Origin } from './group.ts'
import { Group, Host } from './group.ts'

/** Hosts and groups while the inventory sources are read; several sources add to one tree. */
export class Tree {
  readonly hosts = new Map<string, Host>()
  readonly groups = new Map<string, Group>()
  readonly problems: Problem[] = []
  readonly warnings: string[] = []
  readonly all: Group
  readonly ungrouped: Group

  constructor() {
    this.all = this.group('all')
    this.ungrouped = this.group('ungrouped')
    this.#join(this.all, this.ungrouped)
  }

  group(name: string, span?: Span): Group {
    const known = this.groups.get(name)
    if (known) return known
    const made = new Group(name, span)
    this.groups.set(name, made)
    return made
  }

  host(name: string, group: Group, origin: Origin | undefined, span?: Span): Host {
    let host = this.hosts.get(name)
    if (!host) {
      host = new Host(name, span)
      this.hosts.set(name, host)
    }
    host.origin = origin
    host.groups.add(group)
    group.hosts.add(host)
    return host
  }

  /** Puts a group below another; a cycle becomes a problem and is not made. */
  child(parent: Group, child: Group, span: Span): void {
    if (parent === child || parent.ancestors().has(child)) {
      const way =
        parent === child
          ? `"${child.name}" would be inside itself`
          : `"${parent.name}" is already inside "${child.name}"`
      this.problems.push(
        new Problem('inventory', `the group "${child.name}" cannot be a child of "${parent.name}": ${way}`, {
          at: child.span && child.span.start !== span.start ? [span, child.span] : span,
          hint: 'Remove one of the two children entries.',
        }),
      )
      return
    }
    this.#join(parent, child)
  }

  /** What holds for every inventory, once all sources are read. */
  finish(): void {
    for (const group of this.groups.values()) {
      if (group !== this.all && group.parents.size === 0) this.#join(this.all, group)
    }
    for (const host of this.hosts.values()) {
      const grouped = [...host.groups].some((group) => group !== this.all && group !== this.ungrouped)
      if (grouped && host.groups.delete(this.ungrouped)) this.ungrouped.hosts.delete(host)
      else if (!grouped) {
        host.groups.add(this.ungrouped)
        this.ungrouped.hosts.add(host)
      }
    }
    this.#measure()
    for (const [name, group] of this.groups) {
      const host = this.hosts.get(name)
      if (!host) continue
      this.problems.push(
        new Problem('inventory', `"${name}" is both a host and a group`, {
          at: [host.span, group.span].filter((span) => span !== undefined),
          hint: 'Rename one of them: a pattern could not tell which is meant.',
        }),
      )
    }
  }

  #join(parent: Group, child: Group): void {
    parent.children.add(child)
    child.parents.add(parent)
  }

  /** Depth is the longest way from `all`: groups are settled once all their parents are. */
  #measure(): void {
    const waiting = new Map([...this.groups.values()].map((group) => [group, group.parents.size]))
    const settled = [...this.groups.values()].filter((group) => group.parents.size === 0)
    for (const group of settled) {
      for (const child of group.children) {
        child.depth = Math.max(child.depth, group.depth + 1)
        const left = waiting.get(child)! - 1
        waiting.set(child, left)
        if (left === 0) settled.push(child)
      }
    }
  }
}
