import type { Layer } from '../lang/scope.ts'
import type { Group, Host } from './group.ts'
import type { Inventory } from './inventory.ts'
import { listedValue, Tagged } from './listed-value.ts'
import { pythonValue } from './python-value.ts'
import { ranks } from './ranks.ts'

export interface ListingOptions {
  /** The group_vars/ and host_vars/ there count too. */
  readonly playbookDir?: string | undefined
  /** Each group and host with what it is itself given, to be used as an inventory again. */
  readonly export?: boolean | undefined
  /** Only these hosts. */
  readonly only?: ReadonlySet<string> | undefined
  /** `-e`, over everything. */
  readonly extra?: Layer | undefined
}

type Values = Record<string, unknown>

/** The groups and hosts as a tree of text, from `all` or another group; '' when there is no such group. */
export function graph(
  inventory: Inventory,
  from = 'all',
  options: ListingOptions & { readonly vars?: boolean } = {},
): string {
  const start = inventory.groups.get(from)
  if (!start) return ''
  const variables = (values: () => Values, depth: number) =>
    options.vars
      ? Object.entries(values())
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => line(`{${name} = ${shown(value)}}`, depth))
      : []
  const draw = (group: Group, depth: number): string[] => [
    line(`@${group.name}:`, depth),
    ...[...group.children].flatMap((child) => draw(child, depth + 1)),
    ...hostsOf(group, options).flatMap((host) => [
      line(host.name, depth + 1),
      ...variables(() => hostValues(inventory, host, options), depth + 2),
    ]),
    ...variables(() => groupValues(inventory, group, options), depth + 1),
  ]
  return draw(start, 0).join('\n')
}

/** All of the inventory as data, in the form that inventory programs print: `_meta.hostvars`, then each group. */
export function list(inventory: Inventory, options: ListingOptions = {}): Values {
  const listed: Values = { _meta: { hostvars: hostvars(inventory, options) } }
  const seen = new Set<Group>()
  const add = (group: Group): void => {
    seen.add(group)
    const entry: Values = {}
    const hosts = hostsOf(group, options).map((host) => host.name)
    if (hosts.length > 0) entry['hosts'] = hosts
    if (group.children.size > 0) entry['children'] = [...group.children].map((child) => child.name)
    const vars = options.export ? groupValues(inventory, group, options) : {}
    if (Object.keys(vars).length > 0) entry['vars'] = vars
    if (Object.keys(entry).length > 0) listed[group.name] = entry
    for (const child of group.children) if (!seen.has(child)) add(child)
  }
  add(inventory.groups.get('all')!)
  return listed
}

/** All of the inventory as data, in the form of a YAML inventory; a host's variables stand where it is first named. */
export function tree(inventory: Inventory, options: ListingOptions = {}): Values {
  const seen = new Set<Host>()
  const of = (group: Group): Values => {
    const entry: Values = {}
    const children = Object.fromEntries([...group.children].map((child) => [child.name, of(child)]))
    if (group.children.size > 0) entry['children'] = children
    const hosts: Values = {}
    for (const host of hostsOf(group, options)) {
      hosts[host.name] = seen.has(host) ? {} : hostValues(inventory, host, options)
      seen.add(host)
    }
    if (Object.keys(hosts).length > 0) entry['hosts'] = hosts
    const vars = options.export ? groupValues(inventory, group, options) : {}
    if (Object.keys(vars).length > 0) entry['vars'] = vars
    return entry
  }
  return { all: of(inventory.groups.get('all')!) }
}

/** Every host's variables, those without any left out. */
export function hostvars(inventory: Inventory, options: ListingOptions = {}): Record<string, Values> {
  const all: Record<string, Values> = {}
  for (const host of inventory.hosts.values()) {
    if (options.only && !options.only.has(host.name)) continue
    const values = hostValues(inventory, host, options)
    if (Object.keys(values).length > 0) all[host.name] = values
  }
  return all
}

/** A host's variables; with `export` only those that it is itself given. */
export function hostValues(inventory: Inventory, host: Host, options: ListingOptions = {}): Values {
  const layers = inventory.layersFor(host, options.playbookDir)
  const own = options.export ? layers.filter((layer) => layer.rank >= ranks.inventoryHost) : layers
  return values([...own, ...(options.extra && !options.export ? [options.extra] : [])])
}

function groupValues(inventory: Inventory, group: Group, options: ListingOptions): Values {
  const all = values(inventory.layersOfGroup(group, options.playbookDir))
  return group.priority === 1 ? all : { ...all, ansible_group_priority: group.priority }
}

/** Later layers win. */
function values(layers: readonly Pick<Layer, 'variables'>[]): Values {
  const all: Values = {}
  for (const layer of layers) for (const [name, variable] of layer.variables) all[name] = listedValue(variable)
  return all
}

/** Those that a group lists itself; `all` lists none. */
function hostsOf(group: Group, options: ListingOptions): Host[] {
  if (group.name === 'all') return []
  return [...group.hosts].filter((host) => !options.only || options.only.has(host.name))
}

function line(text: string, depth: number): string {
  return depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`
}

/** Ansible opens sealed values here; these stay shut. */
function shown(value: unknown): string {
  return pythonValue(untagged(value))
}

function untagged(value: unknown): unknown {
  if (value instanceof Tagged)
    return value.tag === 'unsafe' ? value.text : value.tag === 'vault' ? '!vault (sealed)' : value.toJSON()
  if (Array.isArray(value)) return value.map(untagged)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, untagged(part)]))
}
