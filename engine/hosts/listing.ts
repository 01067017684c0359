import type { Group } from './group.ts'
import type { Inventory } from './inventory.ts'

/** The groups and hosts as a tree of text, from `all` or another group, as `ansible-inventory --graph` draws it. */
export function graph(
  inventory: Inventory,
  from = 'all',
  options: { vars?: boolean; playbookDir?: string | undefined } = {},
): string {
  const start = inventory.groups.get(from)
  if (!start) return ''
  const variables = (vars: Record<string, unknown>, depth: number) =>
    options.vars
      ? Object.keys(vars)
          .sort()
          .map((name) => line(`{${name} = ${shown(vars[name])}}`, depth))
      : []
  const draw = (group: Group, depth: number): string[] => [
    line(`@${group.name}:`, depth),
    ...[...group.children].flatMap((child) => draw(child, depth + 1)),
    ...(group.name === 'all' ? [] : [...group.hosts]).flatMap((host) => [
      line(host.name, depth + 1),
      ...variables(options.vars ? inventory.hostVars(host.name, options.playbookDir) : {}, depth + 2),
    ]),
  ]
  return draw(start, 0).join('\n')
}

export interface ListedGroup {
  hosts?: string[]
  children?: string[]
}

/** All of the inventory as data, shaped as `ansible-inventory --list` prints it: `_meta.hostvars`, then each group. */
export function list(
  inventory: Inventory,
  options: { playbookDir?: string | undefined } = {},
): Record<string, unknown> {
  const hostvars: Record<string, Record<string, unknown>> = {}
  for (const name of inventory.hosts.keys()) {
    const vars = inventory.hostVars(name, options.playbookDir)
    if (Object.keys(vars).length > 0) hostvars[name] = vars
  }
  const listed: Record<string, unknown> = { _meta: { hostvars } }
  const add = (group: Group): void => {
    const entry: ListedGroup = {}
    if (group.hosts.size > 0 && group.name !== 'all') entry.hosts = [...group.hosts].map((host) => host.name)
    if (group.children.size > 0) entry.children = [...group.children].map((child) => child.name)
    if (entry.hosts || entry.children) listed[group.name] = entry
    for (const child of group.children) if (!(child.name in listed)) add(child)
  }
  add(inventory.groups.get('all')!)
  return listed
}

function line(text: string, depth: number): string {
  return depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
