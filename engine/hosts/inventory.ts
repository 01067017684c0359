import { isAbsolute, relative, resolve } from 'node:path'
import { type Problem, Problems } from '../base/problem.ts'
import { toPlain } from '../lang/plain.ts'
import type { Layer } from '../lang/scope.ts'
import type { Group } from './group.ts'
import { byDepth, Host } from './group.ts'
import { ranks, rankWithin } from './ranks.ts'
import { readInventorySource } from './sources.ts'
import { Tree } from './tree.ts'
import { type ReadingOptions, VarsFolder } from './vars-folder.ts'

export interface InventoryOptions {
  /** Relative paths start here and are shown relative to it. Default: the current folder. */
  readonly cwd?: string | undefined
  readonly unseal?: ReadingOptions['unseal']
}

export interface LoadedInventory {
  readonly inventory: Inventory
  readonly problems: readonly Problem[]
}

const localNames = new Set(['localhost', '127.0.0.1', '::1'])

/** Reads every `-i`, in order; later ones win. Problems of all files are returned together; nothing is thrown. */
export function loadInventory(sources: readonly string[], options: InventoryOptions = {}): LoadedInventory {
  const cwd = options.cwd ?? process.cwd()
  const show = (path: string) => {
    const short = relative(cwd, path)
    return short === '' ? '.' : short.startsWith('..') || isAbsolute(short) ? path : short
  }
  const tree = new Tree()
  const folders: VarsFolder[] = []
  const reading: ReadingOptions = { show, unseal: options.unseal }
  for (const source of sources) {
    const folder = readInventorySource(tree, source, cwd, show)
    if (folder === undefined) continue
    // A folder named twice counts where it is named last.
    const known = folders.findIndex((known) => known.path === folder)
    const [vars] = known < 0 ? [new VarsFolder(folder, reading)] : folders.splice(known, 1)
    folders.push(vars!)
  }
  tree.finish()
  const inventory = new Inventory(tree, folders, reading, cwd)
  return { inventory, problems: [...tree.problems, ...inventory.readVars()] }
}

export class Inventory {
  /** In the order of the inventory. */
  readonly hosts: ReadonlyMap<string, Host>
  readonly groups: ReadonlyMap<string, Group>
  readonly #folders: readonly VarsFolder[]
  readonly #reading: ReadingOptions
  readonly #cwd: string
  readonly #tree: Tree
  #order!: ReadonlyMap<Group, number>
  readonly #beside = new Map<string, VarsFolder>()
  readonly #layers = new Map<string, Layer | undefined>()
  readonly #layersOf = new Map<string, Layer[]>()
  readonly #members = new Map<Group, readonly Host[]>()
  readonly #implicit = new Map<string, Host>()
  #groupsByName: Readonly<Record<string, readonly string[]>> | undefined

  constructor(tree: Tree, folders: readonly VarsFolder[], reading: ReadingOptions, cwd: string) {
    this.hosts = tree.hosts
    this.groups = tree.groups
    this.#tree = tree
    this.#folders = folders
    this.#reading = reading
    this.#cwd = cwd
    this.#arrange()
  }

  #arrange(): void {
    this.#order = new Map([...this.groups.values()].sort(byDepth).map((group, index) => [group, index]))
  }

  /** Changes what hosts and groups there are, in memory only: add_host and group_by. Gives what the work gives. */
  change<T>(work: (tree: Tree) => T): T {
    const result = work(this.#tree)
    this.#tree.finish()
    this.#arrange()
    this.#layers.clear()
    this.#layersOf.clear()
    this.#members.clear()
    this.#groupsByName = undefined
    return result
  }

  /** A host by name; `localhost` is always there, made up when no inventory names it. */
  host(name: string): Host | undefined {
    const known = this.hosts.get(name)
    if (known || !localNames.has(name)) return known
    for (const other of this.hosts.values()) if (localNames.has(other.name)) return other
    let host = this.#implicit.get(name)
    if (!host) {
      host = new Host(name, undefined, true)
      host.vars.set('ansible_connection', { value: 'local' })
      this.#implicit.set(name, host)
    }
    return host
  }

  /** Every host of a group and the groups below it, in inventory order; made-up hosts are in none. */
  members(group: Group): readonly Host[] {
    let members = this.#members.get(group)
    if (!members) {
      members = group.members()
      this.#members.set(group, members)
    }
    return members
  }

  /** Every group a host is in, in the order their variables are laid over each other, `all` first. */
  groupsOf(host: Host): Group[] {
    const found = new Set<Group>()
    for (const group of host.groups) {
      found.add(group)
      for (const ancestor of group.ancestors()) found.add(ancestor)
    }
    found.add(this.groups.get('all')!)
    return [...found].sort((a, b) => this.#order.get(a)! - this.#order.get(b)!)
  }

  /** The magic `group_names`: sorted, without `all`. */
  groupNames(host: Host): string[] {
    return this.groupsOf(host)
      .map((group) => group.name)
      .filter((name) => name !== 'all')
      .sort()
  }

  /** The magic `groups`: every group's host names. */
  groupsByName(): Readonly<Record<string, readonly string[]>> {
    this.#groupsByName ??= Object.fromEntries(
      [...this.groups].map(([name, group]) => [name, this.members(group).map((host) => host.name)]),
    )
    return this.#groupsByName
  }

  /**
   * The inventory's variables for a host, lowest rank first. `playbookDir` adds the group_vars/ and host_vars/ there.
   * Layers are shared between hosts and calls. Throws Problems when one of the files read cannot be used.
   */
  layersFor(host: Host, playbookDir?: string): readonly Layer[] {
    const beside = playbookDir === undefined ? undefined : this.#folderBeside(playbookDir)
    const key = `${host.name}\0${beside?.path ?? ''}`
    const known = this.#layersOf.get(key)
    if (known) return known
    const layers = this.#collect(host, beside)
    const folders = [...this.#folders, ...(beside ? [beside] : [])]
    const files = folders.flatMap((folder) => [
      folder.of('host_vars', host.name),
      ...this.groupsOf(host).map((group) => folder.of('group_vars', group.name)),
    ])
    const problems = [...folders.flatMap((folder) => folder.problems), ...files.flatMap((file) => file?.sealed ?? [])]
    if (problems.length > 0) throw new Problems(problems)
    this.#layersOf.set(key, layers)
    return layers
  }

  /** Reads what every host and group has in group_vars/ and host_vars/, beside the inventories or in `playbookDir`: all problems at once. */
  readVars(playbookDir?: string): readonly Problem[] {
    const folders = playbookDir === undefined ? this.#folders : [this.#folderBeside(playbookDir)]
    for (const folder of folders) {
      for (const name of this.groups.keys()) folder.of('group_vars', name)
      for (const name of this.hosts.keys()) folder.of('host_vars', name)
    }
    return folders.flatMap((folder) => folder.problems)
  }

  /** A host's variables as plain data, templates left as text: what `inventory --host` prints. */
  hostVars(name: string, playbookDir?: string): Record<string, unknown> {
    const vars: Record<string, unknown> = {}
    const host = this.host(name)
    if (!host) return vars
    for (const layer of this.layersFor(host, playbookDir)) {
      for (const [variable, set] of layer.variables) vars[variable] = 'node' in set ? toPlain(set.node) : set.value
    }
    return vars
  }

  /** What a group itself is given, lowest first: by the inventory, then by group_vars/. */
  layersOfGroup(group: Group, playbookDir?: string): readonly Pick<Layer, 'name' | 'variables'>[] {
    const beside = playbookDir === undefined ? [] : [this.#folderBeside(playbookDir)]
    const files = [...this.#folders, ...beside].map((folder) => folder.of('group_vars', group.name))
    const sealed = files.flatMap((file) => file?.sealed ?? [])
    if (sealed.length > 0) throw new Problems(sealed)
    return [{ name: group.name, variables: group.vars }, ...files.filter((file) => file !== undefined)]
  }

  #collect(host: Host, beside: VarsFolder | undefined): Layer[] {
    const all = this.groups.get('all')!
    const groups = this.groupsOf(host).filter((group) => group !== all)
    const count = this.#order.size
    const folders = this.#folders
    const layers: (Layer | undefined)[] = []
    const perFolder = (
      kind: 'group_vars' | 'host_vars',
      rank: 'groupVarsAll' | 'groupVars' | 'hostVars',
      names: readonly [string, number, number][],
    ) => {
      for (const [at, folder] of folders.entries()) {
        for (const [name, index, of] of names) {
          layers.push(this.#fileLayer(folder, kind, name, rankWithin(rank, at * of + index, of * folders.length)))
        }
      }
    }
    const placed = groups.map((group): [string, number, number] => [group.name, this.#order.get(group)!, count])
    layers.push(this.#ownLayer('all', ranks.inventoryAll, all.vars, 'inventory vars of all'))
    for (const group of groups) {
      const rank = rankWithin('inventoryGroup', this.#order.get(group)!, count)
      layers.push(this.#ownLayer(group.name, rank, group.vars, `inventory vars of ${group.name}`))
    }
    perFolder('group_vars', 'groupVarsAll', [['all', 0, 1]])
    if (beside) layers.push(this.#fileLayer(beside, 'group_vars', 'all', ranks.playbookGroupVarsAll))
    perFolder('group_vars', 'groupVars', placed)
    if (beside) {
      for (const [name, index, of] of placed) {
        layers.push(this.#fileLayer(beside, 'group_vars', name, rankWithin('playbookGroupVars', index, of)))
      }
    }
    if (host.vars.size > 0)
      layers.push({ rank: ranks.inventoryHost, name: `inventory vars of ${host.name}`, variables: host.vars })
    perFolder('host_vars', 'hostVars', [[host.name, 0, 1]])
    if (beside) layers.push(this.#fileLayer(beside, 'host_vars', host.name, ranks.playbookHostVars))
    return layers.filter((layer) => layer !== undefined)
  }

  #ownLayer(group: string, rank: number, variables: Layer['variables'], name: string): Layer | undefined {
    return this.#layer(`vars/${group}`, () => (variables.size === 0 ? undefined : { rank, name, variables }))
  }

  #fileLayer(folder: VarsFolder, kind: 'group_vars' | 'host_vars', name: string, rank: number): Layer | undefined {
    return this.#layer(`${rank}/${folder.path}/${kind}/${name}`, () => {
      const read = folder.of(kind, name)
      return read && { rank, name: read.name, variables: read.variables }
    })
  }

  #layer(key: string, make: () => Layer | undefined): Layer | undefined {
    if (!this.#layers.has(key)) this.#layers.set(key, make())
    return this.#layers.get(key)
  }

  #folderBeside(playbookDir: string): VarsFolder {
    const path = resolve(this.#cwd, playbookDir)
    let folder = this.#beside.get(path)
    if (!folder) {
      folder = new VarsFolder(path, this.#reading)
      this.#beside.set(path, folder)
    }
    return folder
  }
}
