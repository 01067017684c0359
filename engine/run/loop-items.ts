import { dirname, isAbsolute } from 'node:path'
import { globSync } from 'tinyglobby'
import { Problem } from '../base/problem.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { findFile, searchFolders } from '../book/files.ts'
import { child, type Node } from '../lang/node.ts'
import { renderValue } from '../lang/render.ts'
import type { Layer, Scope } from '../lang/scope.ts'

/** Above every variable but the magic ones, as in Ansible. */
const ITEM_RANK = 900

export interface LoopControl {
  readonly variable: string
  readonly indexVariable: string | undefined
  readonly label: string | undefined
  /** Seconds between items. */
  readonly pause: number
  readonly extended: boolean
  /** Whether `ansible_loop` holds the whole list too. */
  readonly allItems: boolean
}

/** The items of a task's loop; undefined when it has none. Throws TouchedUnknown where they cannot be known. */
export function loopItems(task: Task, scope: Scope, playbookDir: string): unknown[] | undefined {
  if (!task.loop) return undefined
  const { word, node } = task.loop
  const value = renderValue(node, scope)
  if (isUnknown(value)) throw new TouchedUnknown(value)
  const wrong = (what: string, hint?: string) =>
    new Problem('shape', `"${word}" must be ${what}, and is ${describe(value)}.`, { at: node.span, hint })
  const list = (): unknown[] => {
    if (Array.isArray(value)) return value
    if (word === 'loop')
      throw wrong(
        'a list',
        typeof value === 'object'
          ? `For a map, write: loop: !expr items(${pathOf(node) ?? 'x'}).`
          : 'Write a list, or !expr with an expression that gives one.',
      )
    return value === null || value === undefined ? [] : [value]
  }
  switch (word) {
    case 'loop':
    case 'with_list':
      return list()
    case 'with_items':
      return list().flatMap((item) => (Array.isArray(item) ? item : [item]))
    case 'with_flattened':
      return list().flat(Number.POSITIVE_INFINITY)
    case 'with_indexed_items':
      return list()
        .flatMap((item) => (Array.isArray(item) ? item : [item]))
        .map((item, index) => [index, item])
    case 'with_dict':
      if (Array.isArray(value) && value.every(isMap))
        return value.flatMap((map) => Object.entries(map).map(([key, item]) => ({ key, value: item })))
      if (!isMap(value)) throw wrong('a map', 'For a list, write loop.')
      return Object.entries(value).map(([key, item]) => ({ key, value: item }))
    case 'with_nested':
      return list().reduce<unknown[][]>(
        (rows, column) =>
          rows.flatMap((row) => (Array.isArray(column) ? column : [column]).map((item) => [...row, item])),
        [[]],
      )
    case 'with_together': {
      const columns = list().map((column) => (Array.isArray(column) ? column : [column]))
      return Array.from({ length: Math.max(0, ...columns.map((column) => column.length)) }, (_, row) =>
        columns.map((column) => column[row] ?? null),
      )
    }
    case 'with_subelements':
      return subelements(list(), wrong)
    case 'with_sequence':
      return sequence(list().map(String).join(' '), wrong)
    case 'with_fileglob':
      return list().flatMap((pattern) => fileglob(String(pattern), task, playbookDir))
    case 'with_first_found':
      return firstFound(value, task, playbookDir)
    case 'with_random_choice': {
      const choices = list()
      return choices.length === 0 ? [] : [choices[Math.floor(Math.random() * choices.length)]]
    }
    default:
      throw wrong('one of the loops that are known')
  }
}

/** `{{ users }}`: the path alone. */
function pathOf(node: Node): string | undefined {
  return node.kind === 'scalar' ? /^\s*\{\{\s*([\w.]+)\s*\}\}\s*$/.exec(node.text)?.[1] : undefined
}

export function loopControl(task: Task, scope: Scope): LoopControl {
  const node = task.own.keywords.get('loop_control')
  const part = (name: string): unknown => {
    const value = node?.kind === 'map' ? child(node, name) : undefined
    return value === undefined ? undefined : renderValue(value, scope)
  }
  return {
    variable: String(part('loop_var') ?? 'item'),
    indexVariable: part('index_var') === undefined ? undefined : String(part('index_var')),
    label: undefined,
    pause: Number(part('pause') ?? 0),
    extended: part('extended') === true,
    allItems: part('extended_allitems') !== false,
  }
}

/** An item's variables. */
export function itemLayer(control: LoopControl, items: readonly unknown[], index: number): Layer {
  const item = items[index]
  const variables = new Map<string, { value: unknown }>([
    [control.variable, { value: item }],
    ['ansible_loop_var', { value: control.variable }],
  ])
  if (control.indexVariable) {
    variables.set(control.indexVariable, { value: index })
    variables.set('ansible_index_var', { value: control.indexVariable })
  }
  if (control.extended) {
    const last = items.length - 1
    variables.set('ansible_loop', {
      value: {
        ...(control.allItems ? { allitems: items } : {}),
        index: index + 1,
        index0: index,
        revindex: items.length - index,
        revindex0: last - index,
        first: index === 0,
        last: index === last,
        length: items.length,
        ...(index > 0 ? { previtem: items[index - 1] } : {}),
        ...(index < last ? { nextitem: items[index + 1] } : {}),
      },
    })
  }
  return { rank: ITEM_RANK, name: 'loop', variables }
}

/** How an item is called in reports: loop_control.label, filled in, or the item. */
export function itemLabel(task: Task, scope: Scope, item: unknown): string {
  const control = task.own.keywords.get('loop_control')
  const label = control?.kind === 'map' ? child(control, 'label') : undefined
  const value = label ? renderValue(label, scope) : item
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return Array.isArray(value)
    ? 'a list'
    : typeof value === 'object'
      ? 'a map'
      : typeof value === 'string'
        ? `the text ${JSON.stringify(value)}`
        : String(value)
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function subelements(list: readonly unknown[], wrong: (what: string) => Problem): unknown[] {
  const [parents, key, flags] = list
  const all = isMap(parents) ? Object.values(parents) : parents
  if (!Array.isArray(all) || typeof key !== 'string') throw wrong('a list of maps and the name of a list in each')
  const skipMissing = isMap(flags) && flags['skip_missing'] === true
  return all.flatMap((parent) => {
    const path = key.split('.')
    const children = path.reduce<unknown>((at, name) => (isMap(at) ? at[name] : undefined), parent)
    if (children === undefined && skipMissing) return []
    if (!Array.isArray(children)) throw wrong(`a list of maps that all have a list "${key}"`)
    // As in Ansible, the parent comes without the list that is gone through.
    const rest = without(parent, path)
    return children.map((one) => [rest, one])
  })
}

function without(value: unknown, [first, ...more]: readonly string[]): unknown {
  if (!isMap(value)) return value
  const entries = Object.entries(value).map(([name, one]) => [name, name === first ? without(one, more) : one])
  return Object.fromEntries(entries.filter(([name]) => name !== first || more.length > 0))
}

/** `start=1 end=5 stride=2 format=web%02d`, `count=4`, or `1-5/2:web%02d`. */
function sequence(text: string, wrong: (what: string) => Problem): string[] {
  const pairs = new Map([...text.matchAll(/(\w+)=(\S+)/g)].map((match) => [match[1]!, match[2]!]))
  const short = /^(?:(-?\w+)-)?(-?\w+)(?:\/(-?\w+))?(?::(.*))?$/.exec(text.trim())
  const number = (value: string | undefined, otherwise: number) =>
    value === undefined ? otherwise : Number(/^0\d+$/.test(value) ? `0o${value.slice(1)}` : value)
  const start = pairs.size > 0 ? number(pairs.get('start'), 1) : number(short?.[1], 1)
  const stride = pairs.size > 0 ? number(pairs.get('stride'), 1) : number(short?.[3], 1)
  const count = pairs.get('count')
  const end =
    count !== undefined
      ? start + (number(count, 0) - 1) * stride
      : pairs.size > 0
        ? number(pairs.get('end'), Number.NaN)
        : number(short?.[2], Number.NaN)
  const format = pairs.get('format') ?? short?.[4] ?? '%d'
  if (![start, stride, end].every(Number.isFinite) || stride === 0)
    throw wrong('like "start=1 end=5 stride=2 format=web%02d"')
  if (count !== undefined && number(count, 0) === 0) return []
  if (stride > 0 ? end < start : end > start)
    throw wrong(`a sequence that reaches its end: from ${start} to ${end} by ${stride} there is no way`)
  const items: string[] = []
  for (let at = start; stride > 0 ? at <= end : at >= end; at += stride) items.push(formatted(format, at))
  return items
}

function formatted(format: string, number: number): string {
  return format.replace(/%(0?)(\d*)([dxoi])/g, (_, zero: string, width: string, kind: string) => {
    const text = kind === 'x' ? number.toString(16) : kind === 'o' ? number.toString(8) : String(number)
    return text.padStart(Number(width || 0), zero ? '0' : ' ')
  })
}

function fileglob(pattern: string, task: Task, playbookDir: string): string[] {
  const roots = isAbsolute(pattern) ? [dirname(pattern)] : searchFolders('files', task.role, task.folder, playbookDir)
  for (const root of roots) {
    const found = globSync(isAbsolute(pattern) ? pattern : `${root}/${pattern}`, {
      absolute: true,
      onlyFiles: true,
      dot: false,
      expandDirectories: false,
    })
    if (found.length > 0) return found.sort()
  }
  return []
}

function firstFound(value: unknown, task: Task, playbookDir: string): unknown[] {
  const terms = Array.isArray(value) ? value.flat() : [value]
  const maps = terms.filter(isMap)
  const names = [
    ...terms.filter((term) => typeof term === 'string'),
    ...maps.flatMap((map) => ([] as unknown[]).concat(map['files'] ?? [])),
  ].map(String)
  const folders = maps.flatMap((map) => ([] as unknown[]).concat(map['paths'] ?? [])).map(String)
  const search =
    folders.length > 0
      ? folders.map((folder) => findFile(folder, searchFolders('files', task.role, task.folder, playbookDir)) ?? folder)
      : [
          ...searchFolders('files', task.role, task.folder, playbookDir),
          ...searchFolders('templates', task.role, task.folder, playbookDir),
          ...searchFolders('vars', task.role, task.folder, playbookDir),
        ]
  for (const name of names) {
    const path = findFile(name, search)
    if (path) return [path]
  }
  if (maps.some((map) => map['skip'] === true)) return []
  throw new Problem('file-missing', `None of these files exists: ${names.join(', ')}.`, {
    at: task.loop?.node.span,
    hint: 'Write "skip: true" to go on without one.',
  })
}
