import { dirname } from 'node:path'
import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { child, type MapNode, type Node } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Block, Entry, Setting, Task } from './entry.ts'
import { findFile, searchFolders } from './files.ts'
import type { Level } from './level.ts'
import { missingFileHint } from './missing-file.ts'
import { checkLoopControl, misplacedKey, readAction } from './read-action.ts'
import { useRole } from './read-role.ts'
import { emptyLevel, fail, isLoopWord, names, type Reading, readLevel, unknownKeyword } from './reading.ts'

export { moduleFolders } from './read-action.ts'

/** A list of tasks and blocks; imports are expanded in place. */
export function readEntries(reading: Reading, node: Node | undefined, setting: Setting, handler = false): Entry[] {
  if (!node || (node.kind === 'scalar' && node.value === null)) return []
  if (node.kind !== 'seq') {
    const inside = node.kind === 'map' && child(node, 'tasks') !== undefined
    const hint = inside ? 'Leave "tasks:" out here: the file itself is the list.' : 'Begin each task with "- ".'
    fail(reading, 'shape', 'This must be a list of tasks.', node.span, hint)
    return []
  }
  return node.items.flatMap((item) => readEntry(reading, item, setting, handler))
}

function readEntry(reading: Reading, node: Node, setting: Setting, handler: boolean): Entry[] {
  if (node.kind !== 'map') {
    fail(
      reading,
      'shape',
      'A task must be a map: its name, its module, its keywords.',
      node.span,
      'Write "- name: …" and the module below it.',
    )
    return []
  }
  if (child(node, 'block') !== undefined) return [readBlock(reading, node, setting, handler)]
  const misplaced = misplacedKey(node)
  if (misplaced) {
    fail(reading, 'shape', misplaced.message, misplaced.at, misplaced.hint)
    return []
  }
  return readTask(reading, node, setting, handler)
}

function readBlock(reading: Reading, map: MapNode, setting: Setting, handler: boolean): Block {
  const { level, others } = readLevel(reading, 'block', map)
  for (const pair of others) unknownKeyword(reading, 'block', pair)
  const inner: Setting = { ...setting, levels: [...setting.levels, level] }
  const part = (name: string) => readEntries(reading, level.keywords.get(name), inner, handler)
  const listen = names(level.keywords.get('listen'))
  return {
    ...inner,
    kind: 'block',
    block: part('block'),
    rescue: part('rescue'),
    always: part('always'),
    handler,
    listen,
    own: level,
    span: map.span,
  }
}

function readTask(reading: Reading, map: MapNode, setting: Setting, handler: boolean): Entry[] {
  const { level, others } = readLevel(reading, handler ? 'handler' : 'task', map)
  const loops = others.filter((pair) => isLoopWord(keyText(pair.key)))
  const actionPairs = others.filter((pair) => !loops.includes(pair))
  const action = readAction(reading, map, level, actionPairs, setting, handler)
  if (!action) return []
  const loopNode = level.keywords.get('loop')
  const loop = loopNode
    ? { word: 'loop', node: loopNode }
    : loops[0]
      ? { word: keyText(loops[0].key), node: loops[0].value }
      : undefined
  if (loops.length + (loopNode ? 1 : 0) > 1)
    fail(reading, 'shape', 'A task can have one loop only.', loops.at(-1)!.key.span, 'Leave one of them.')
  checkLoopControl(reading, level)
  const register = level.keywords.get('register')
  const levels = [...setting.levels, level]
  const task: Task = {
    ...setting,
    kind: 'task',
    levels,
    ...action,
    moreArgs: level.keywords.get('args'),
    loop,
    register: register?.kind === 'scalar' ? register.text : undefined,
    handler,
    listen: names(level.keywords.get('listen')),
    own: level,
    span: map.span,
  }
  if (task.register !== undefined && !/^[A-Za-z_]\w*$/.test(task.register)) {
    fail(
      reading,
      'shape',
      `"${task.register}" cannot be the name of a variable.`,
      register!.span,
      task.register.includes('{{')
        ? 'The results of a loop are all in one variable: register: result, then result.results.'
        : `Use letters, digits and _: ${task.register.replace(/^(?=\d)|\W/g, '_')}.`,
    )
  }
  if (task.action === 'include_tasks' || task.action === 'include_role') checkIncludeKeywords(reading, task)
  if (task.action === 'import_tasks') return importTasks(reading, task, setting)
  if (task.action === 'import_role') return importRole(reading, task, setting)
  return [task]
}

/** What a dynamic include may say of itself; anything else would reach nothing that it brings. */
const includeKeywords = new Set(
  'action args ignore_errors listen local_action loop loop_control name no_log register run_once tags timeout vars when'.split(
    ' ',
  ),
)

function checkIncludeKeywords(reading: Reading, task: Task): void {
  for (const [name, node] of task.own.keywords) {
    if (includeKeywords.has(name)) continue
    const hint = `For all that is included, write it below "apply" of ${task.action}.`
    fail(reading, 'unknown-keyword', `${task.action} has no keyword "${name}" of its own.`, node.span, hint)
  }
}

/** The file of import_tasks, or of include_tasks once its name is known. */
export function tasksFile(reading: Reading, setting: Setting, name: string, at: Span): string | undefined {
  const folders = searchFolders('tasks', setting.role, setting.folder, reading.playbookFolder)
  const path = findFile(name, folders)
  if (!path)
    reading.problems.push(
      new Problem('file-missing', `There is no task file "${name}".`, {
        at,
        hint: missingFileHint(name, folders, (folder) => reading.files.shown(folder)),
      }),
    )
  return path
}

/** Reads a task file as part of a setting. */
export function readTaskFile(reading: Reading, path: string, setting: Setting, at: Span, handler = false): Entry[] {
  if (reading.open.includes(path)) {
    fail(
      reading,
      'shape',
      `This file is imported by itself: ${[...reading.open, path].map((file) => reading.files.shown(file)).join(' → ')}.`,
      at,
      'Use include_tasks with a condition for recursion.',
    )
    return []
  }
  reading.open.push(path)
  const root = reading.files.read(path, at)
  const entries = root ? readEntries(reading, root, { ...setting, folder: dirname(path) }, handler) : []
  reading.open.pop()
  return entries
}

/** The free form (`import_tasks: file.yml`) or the parameter of that name. */
export function argument(task: Task, name: string, freeForm = false): Node | undefined {
  if (task.args?.kind === 'map')
    return child(task.args, name) ?? (task.moreArgs?.kind === 'map' ? child(task.moreArgs, name) : undefined)
  if (freeForm && task.args && !(task.args.kind === 'scalar' && task.args.value === null)) return task.args
  return task.moreArgs?.kind === 'map' ? child(task.moreArgs, name) : undefined
}

function importTasks(reading: Reading, task: Task, setting: Setting): Entry[] {
  const node = argument(task, 'file', true)
  const name = node && reading.static(node)
  if (!node || typeof name !== 'string') {
    fail(
      reading,
      'shape',
      'import_tasks needs the name of a file that is known before any host is.',
      node?.span ?? task.actionSpan,
      'Where the name depends on a host, use include_tasks.',
    )
    return []
  }
  noLoop(reading, task)
  const path = tasksFile(reading, setting, name, node.span)
  return path
    ? readTaskFile(reading, path, { ...setting, levels: [...setting.levels, asInclude(task)] }, node.span, task.handler)
    : []
}

function importRole(reading: Reading, task: Task, setting: Setting): Entry[] {
  const node = argument(task, 'name') ?? argument(task, 'role')
  const name = node && reading.static(node)
  if (!node || typeof name !== 'string') {
    fail(
      reading,
      'shape',
      'import_role needs the name of a role that is known before any host is.',
      node?.span ?? task.actionSpan,
    )
    return []
  }
  noLoop(reading, task)
  const from = (kind: string) => {
    const value = argument(task, `${kind}_from`)
    return value ? String(reading.static(value)) : undefined
  }
  const use = useRole(reading, name, node.span, {
    setting: { ...setting, levels: [...setting.levels, asInclude(task)] },
    level: emptyLevel('role', task.span),
    params: new Map(),
    tasksFrom: from('tasks'),
    varsFrom: from('vars'),
    defaultsFrom: from('defaults'),
    handlersFrom: from('handlers'),
    public: true,
    included: task.own.vars,
    repeats: repeats(task, (node) => reading.static(node)),
    dependencies: true,
  })
  if (use) reading.roleUses.push(use)
  return use ? [...use.entries] : []
}

/** `allow_duplicates` of import_role and include_role, true unless it is said. */
export function repeats(task: Task, value: (node: Node) => unknown): boolean {
  const node = argument(task, 'allow_duplicates')
  return node === undefined || !/^(false|no|off|0)$/i.test(String(value(node)))
}

/** An import's keywords hold for what it brings; its name does not. */
export function asInclude(task: Task): Level {
  const kept = new Map(
    [...task.own.keywords].filter(
      ([name]) =>
        !['name', 'register', 'loop', 'loop_control', 'args', 'listen', 'until', 'retries', 'delay'].includes(name),
    ),
  )
  return { ...task.own, bearer: 'include', keywords: kept }
}

function noLoop(reading: Reading, task: Task): void {
  if (task.loop)
    fail(
      reading,
      'shape',
      `${task.action} cannot loop: it is read before any host is known.`,
      task.loop.node.span,
      `Use ${task.action.replace('import', 'include')}.`,
    )
}
