import { join } from 'node:path'
import type { Span } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'
import { child, type MapNode, type Node, type Pair } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Setting, Task } from './entry.ts'
import { includeOptions, isKeyword, loopControls } from './keywords.ts'
import type { Level } from './level.ts'
import { fail, type Reading, unknownKeyword } from './reading.ts'

const includes = new Set(['include_tasks', 'include_role', 'import_tasks', 'import_role', 'include'])
/** Folders of modules that a task of this setting may use beside the built-in ones. */
export function moduleFolders(setting: Setting, playbookFolder: string): string[] {
  const uses = setting.role ? [setting.role, ...[...setting.role.parents].reverse()] : []
  return [...uses.map((use) => join(use.role.folder, 'modules')), join(playbookFolder, 'modules')]
}

/** What stands among tasks and is none: a play, or the rest of a block. */
export function misplacedKey(map: MapNode): { message: string; hint: string; at: Span } | undefined {
  const key = (name: string) => map.pairs.find((pair) => keyText(pair.key) === name)?.key
  const hosts = key('hosts')
  if (hosts && (key('tasks') ?? key('roles')))
    return {
      message: 'This is a play, and here tasks belong.',
      hint: 'Use import_playbook beside the plays, or leave only the tasks here.',
      at: hosts.span,
    }
  const rest = key('rescue') ?? key('always')
  return (
    rest && {
      message: `There is no "block" beside this "${keyText(rest)}".`,
      hint: 'Put the tasks that may fail below "block:", lined up with it.',
      at: rest.span,
    }
  )
}

/** What a task says of its loop, beside the loop. */
export function checkLoopControl(reading: Reading, level: Level): void {
  const node = level.keywords.get('loop_control')
  for (const { key } of node?.kind === 'map' ? node.pairs : []) {
    const name = keyText(key)
    if (Object.hasOwn(loopControls, name)) continue
    const hint = didYouMean(name, Object.keys(loopControls)) ?? `It has: ${Object.keys(loopControls).join(', ')}.`
    fail(reading, 'unknown-keyword', `"loop_control" has no "${name}".`, key.span, hint)
  }
}

export type Action = Pick<Task, 'action' | 'actionSpan' | 'args' | 'local'>

/** The module of a task with its parameters; undefined when there is none, or several (which is said). */
export function readAction(
  reading: Reading,
  map: MapNode,
  level: Level,
  pairs: readonly Pair[],
  setting: Setting,
  handler: boolean,
): Action | undefined {
  const folders = moduleFolders(setting, reading.playbookFolder)
  const isAction = (pair: Pair) =>
    includes.has(shortAction(keyText(pair.key))) || reading.isModule(keyText(pair.key), folders)
  const actions = pairs.filter(isAction)
  for (const word of ['action', 'local_action'] as const) {
    const node = level.keywords.get(word)
    if (!node) continue
    const read = actionWord(node)
    if (read) return { ...read, action: shortAction(read.action), local: word === 'local_action' }
    fail(
      reading,
      'shape',
      `"${word}" must name a module.`,
      node.span,
      'Write "action: copy src=a dest=/b", or {module: copy, src: …}.',
    )
    return undefined
  }
  const bearer = handler ? 'handler' : 'task'
  if (actions.length > 1) {
    fail(
      reading,
      'shape',
      `A task can have one module only; this has "${actions.map((pair) => keyText(pair.key)).join('" and "')}".`,
      actions[1]!.key.span,
      'Make two tasks of it, each beginning with "- ".',
    )
    return undefined
  }
  if (actions.length === 1) {
    const module = keyText(actions[0]!.key)
    const isBare = actions[0]!.value.kind === 'scalar' && actions[0]!.value.value === null
    const hint = isBare ? `Indent it below "${module}:", if it is one of its parameters.` : undefined
    for (const pair of pairs) if (pair !== actions[0]) unknownKeyword(reading, bearer, pair, hint)
    const name = shortAction(keyText(actions[0]!.key))
    checkInclude(reading, name, actions[0]!.value)
    return {
      action: name,
      actionSpan: actions[0]!.key.span,
      args: actions[0]!.value,
      local: false,
    }
  }
  if (pairs.length === 1) {
    // The only word that is no keyword was meant as the module.
    return { action: keyText(pairs[0]!.key), actionSpan: pairs[0]!.key.span, args: pairs[0]!.value, local: false }
  }
  if (pairs.length === 0)
    fail(reading, 'shape', 'This task has no module.', map.span, 'Say what to do: "copy:", "command:", "file:", …')
  else for (const pair of pairs) unknownKeyword(reading, bearer, pair)
  return undefined
}

/** A module's name without its collection, where that is Ansible's own. */
function shortAction(name: string): string {
  const short = name.replace(/^ansible\.(builtin|legacy)\./, '')
  return short === 'include' ? 'include_tasks' : short
}

function checkInclude(reading: Reading, name: string, args: Node): void {
  const options = includeOptions[name]
  for (const { key } of options && args.kind === 'map' ? args.pairs : []) {
    if (Object.hasOwn(options!, keyText(key))) continue
    const names = Object.keys(options!)
    const hint = isKeyword(keyText(key), 'include')
      ? `"${keyText(key)}" is a keyword of the task: line it up with "${name}:".`
      : (didYouMean(keyText(key), names) ?? `It has: ${names.join(', ')}.`)
    fail(reading, 'unknown-parameter', `"${name}" has no parameter "${keyText(key)}".`, key.span, hint)
  }
}

function actionWord(node: Node): Omit<Action, 'local'> | undefined {
  if (node.kind === 'map') {
    const module = child(node, 'module')
    if (module?.kind !== 'scalar') return undefined
    const pairs = node.pairs.filter((pair) => keyText(pair.key) !== 'module')
    return { action: module.text, actionSpan: module.span, args: { ...node, pairs } }
  }
  if (node.kind !== 'scalar') return undefined
  const words = /^(\S+)\s*([\s\S]*)$/.exec(node.text)
  if (!words) return undefined
  const start = node.text.length - words[2]!.length
  const { offsets } = node
  const args: Node | undefined =
    words[2] === ''
      ? undefined
      : {
          ...node,
          value: words[2]!,
          text: words[2]!,
          ...(offsets ? { offsets: (index: number) => offsets(index + start) } : {}),
        }
  return { action: words[1]!, actionSpan: node.span, args }
}
