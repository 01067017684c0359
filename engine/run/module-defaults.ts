import type { Span } from '../base/span.ts'
import { keywordsThrough, type Level } from '../book/level.ts'
import { type MapNode, type Node, nodeAt } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import type { Module } from '../module/definition.ts'
import { shortName } from '../module/registry.ts'
import type { Given, Resolving } from './task-arguments.ts'

const GROUP = 'group/'

/** One key of `module_defaults`: a module's name, or `group/NAME`. */
export interface Defaults {
  readonly name: string
  readonly isGroup: boolean
  readonly value: Node
  readonly key: Span
}

/** What a level's own `module_defaults` says. */
export function defaultsOf(level: Level): Defaults[] {
  const node = level.keywords.get('module_defaults')
  return node ? mapsOf(node).flatMap(entriesOf) : []
}

/**
 * The defaults that hold for a task: those of its module's groups, over them those of the module itself. As in Ansible
 * what an inner level says of a module takes the place of all that an outer one says of it.
 */
export function moduleDefaults(
  task: { readonly action: string; readonly levels: readonly Level[] },
  module: Module,
  scope: Scope,
  resolving: Resolving,
): Map<string, Given> {
  const groups = new Map<string, Defaults>()
  let own: Defaults | undefined
  for (const entry of keywordsThrough(task.levels, 'module_defaults').flatMap(mapsOf).flatMap(entriesOf)) {
    if (entry.isGroup) {
      if (module.groups?.includes(entry.name)) groups.set(entry.name, entry)
    } else if (entry.name === shortName(task.action)) own = entry
  }
  const given = new Map<string, Given>()
  for (const { value, key } of own ? [...groups.values(), own] : groups.values()) {
    if (value.kind === 'map') {
      for (const pair of value.pairs) given.set(keyText(pair.key), { value: pair.value, key: pair.key.span })
      continue
    }
    const rendered = renderValue(value, scope, resolving)
    if (typeof rendered !== 'object' || rendered === null) continue
    for (const name of Object.keys(rendered)) given.set(name, { value: nodeAt(value, [name]), key })
  }
  return given
}

function mapsOf(node: Node): MapNode[] {
  return (node.kind === 'seq' ? node.items : [node]).filter((item) => item.kind === 'map')
}

function entriesOf(map: MapNode): Defaults[] {
  return map.pairs.map((pair) => {
    const text = keyText(pair.key)
    const isGroup = text.startsWith(GROUP)
    const name = shortName(isGroup ? text.slice(GROUP.length) : text)
    return { name, isGroup, value: pair.value, key: pair.key.span }
  })
}
