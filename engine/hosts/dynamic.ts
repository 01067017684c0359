import type { Group, Host } from './group.ts'
import type { Inventory } from './inventory.ts'
import type { Tree } from './tree.ts'

/** A host that a run adds, as add_host describes it. */
export interface AddedHost {
  readonly name: string
  readonly groups: readonly string[]
  readonly vars: Readonly<Record<string, unknown>>
}

/** A group that a run puts a host into, as group_by describes it. */
export interface AddedGroup {
  readonly name: string
  readonly parents: readonly string[]
}

/** What runs have added to an inventory, so that it can be added again once its sources are read anew. */
export class Additions {
  readonly #made: ((inventory: Inventory) => void)[] = []

  /** true: something is different now. */
  host(inventory: Inventory, added: AddedHost): boolean {
    this.#made.push((again) => void addHost(again, added))
    return addHost(inventory, added)
  }

  /** true: something is different now. */
  group(inventory: Inventory, added: AddedGroup, host: Host): boolean {
    this.#made.push((again) => {
      const known = again.host(host.name)
      if (known) addGroup(again, added, known)
    })
    return addGroup(inventory, added, host)
  }

  replay(inventory: Inventory): void {
    for (const make of this.#made) make(inventory)
  }
}

function addHost(inventory: Inventory, added: AddedHost): boolean {
  return inventory.change((tree) => {
    let changed = !tree.hosts.has(added.name)
    const host = tree.hosts.get(added.name) ?? tree.host(added.name, tree.all, undefined)
    for (const [name, value] of Object.entries(added.vars)) {
      const before = host.vars.get(name)
      if (before && 'value' in before && JSON.stringify(before.value) === JSON.stringify(value)) continue
      host.vars.set(name, { value })
      changed = true
    }
    for (const name of added.groups) changed = join(tree, host, name) || changed
    return changed
  })
}

function addGroup(inventory: Inventory, added: AddedGroup, host: Host): boolean {
  return inventory.change((tree) => {
    let changed = false
    const group = tree.group(added.name)
    for (const name of added.parents) {
      changed = !tree.groups.has(name) || changed
      const parent = tree.group(name)
      if (parent === group || group.parents.has(parent) || parent.ancestors().has(group)) continue
      parent.children.add(group)
      group.parents.add(parent)
      changed = true
    }
    return join(tree, host, added.name) || changed
  })
}

/** Puts a host into a group that may be new. */
function join(tree: Tree, host: Host, name: string): boolean {
  const known: Group | undefined = tree.groups.get(name)
  if (known?.hosts.has(host)) return false
  const group = tree.group(name)
  group.hosts.add(host)
  host.groups.add(group)
  return true
}
