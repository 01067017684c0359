import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { globSync } from 'tinyglobby'
import { type Entry, type Task, tasksOf } from '../book/entry.ts'
import { searchFolders } from '../book/files.ts'
import { isComputed } from '../book/form.ts'
import { argument, readTaskFile } from '../book/read-entries.ts'
import { variableFiles } from '../book/read-playbook.ts'
import { useRole } from '../book/read-role.ts'
import { emptyLevel, type Reading } from '../book/reading.ts'
import type { RoleUse } from '../book/role.ts'
import { child, type Node } from '../lang/node.ts'
import { keyText, toPlain } from '../lang/plain.ts'
import type { PlayContext } from '../run/play-context.ts'

/** What dynamic includes may bring into a play, whatever the conditions: read before the run, to know names and handlers. */
export interface Foreseen {
  /** The play's own tasks and handlers, and those of all includes below them. */
  readonly tasks: readonly Task[]
  readonly roles: readonly RoleUse[]
  /** Variables that include_vars may read. */
  readonly variables: readonly string[]
  /** Something is included of which nobody knows where it is: it may set any name. */
  readonly open: boolean
}

export function foresee(context: PlayContext): Foreseen {
  const { play, session } = context
  const tasks: Task[] = []
  const roles: RoleUse[] = []
  const variables = new Set<string>()
  const read = new Set<string>()
  let open = false
  // What is wrong in these files is said where the include itself is checked.
  const reading = (): Reading => ({
    ...session.reading,
    problems: [],
    playbookFolder: play.folder,
    roleUses: [],
    open: [],
  })
  const follow = (entries: readonly Entry[]) => {
    for (const task of tasksOf(entries)) {
      tasks.push(task)
      if (task.action === 'include_tasks') includeTasks(task)
      if (task.action === 'include_role') includeRole(task)
      if (task.action === 'include_vars') {
        const names = variablesOf(context, task)
        if (!names) open = true
        for (const name of names ?? []) variables.add(name)
      }
    }
  }
  const once = (key: string) => !read.has(key) && read.add(key)
  const includeTasks = (task: Task) => {
    const folders = searchFolders('tasks', task.role, task.folder, play.folder)
    const node = argument(task, 'file', true)
    const paths = candidates(node, folders, task.loop?.node)
    if (paths.length === 0 && node && isComputed(node)) open = true
    for (const path of paths) {
      if (!once(`${path} ${task.role?.role.folder}`)) continue
      const here = reading()
      follow(readTaskFile(here, path, task, task.actionSpan, task.handler))
      roles.push(...here.roleUses)
      for (const one of here.roleUses) follow(one.handlers)
    }
  }
  const includeRole = (task: Task) => {
    const name = argument(task, 'name') ?? argument(task, 'role')
    const names = roleNames(name, session.reading.files.roleFolders(play.folder))
    if (names.length === 0) open = true
    for (const role of names) {
      const from = fromParts(task)
      const isPublic = argument(task, 'public')
      if (!once(`role ${role} ${JSON.stringify([from, isPublic && toPlain(isPublic)])}`)) continue
      const here = reading()
      const use = useRole(here, role, task.actionSpan, {
        ...from,
        setting: task,
        level: emptyLevel('role', task.span),
        params: new Map(),
        public: isPublic !== undefined && !(isPublic.kind === 'scalar' && isPublic.value === false),
        dependencies: true,
      })
      if (!use) continue
      roles.push(use, ...here.roleUses)
      follow(use.entries)
      for (const one of [use, ...here.roleUses]) follow(one.handlers)
    }
  }
  for (const node of variableFiles(play.level.keywords.get('vars_files')).flat()) {
    if (!isComputed(node)) continue
    const paths = candidates(node, [join(play.folder, 'vars'), play.folder], undefined)
    if (paths.length === 0) open = true
    for (const name of namesIn(context, paths)) variables.add(name)
  }
  follow(context.flat)
  follow(play.handlers)
  return { tasks, roles, variables: [...variables], open }
}

/** The `…_from` parameters that are written out. */
export function fromParts(
  task: Task,
): Record<'tasksFrom' | 'varsFrom' | 'defaultsFrom' | 'handlersFrom', string | undefined> {
  const text = (name: string) => {
    const node = argument(task, name)
    return node?.kind === 'scalar' && !isComputed(node) ? node.text : undefined
  }
  return {
    tasksFrom: text('tasks_from'),
    varsFrom: text('vars_from'),
    defaultsFrom: text('defaults_from'),
    handlersFrom: text('handlers_from'),
  }
}

/** The files a name may mean: computed parts may be anything, and a name that is an item alone what the loop says. */
function candidates(node: Node | undefined, folders: readonly string[], loop: Node | undefined): string[] {
  const pattern = patternOf(node)
  if (pattern === undefined) return []
  const words = pattern === '*' && loop ? textsIn(loop).flatMap((text) => patternOf(text) ?? []) : []
  const places = [...folders, ...folders.flatMap((folder) => words.map((word) => join(folder, word)))]
  const patterns = words.length > 0 ? words.filter((word) => word !== '*') : [pattern]
  const paths = places.flatMap((folder) =>
    patterns.flatMap((one) =>
      globSync(one.startsWith('/') ? one : `${escaped(folder)}/${one}`, {
        absolute: true,
        onlyFiles: true,
        expandDirectories: false,
      }),
    ),
  )
  return [...new Set(isComputed(node!) ? paths : paths.slice(0, 1))].filter((path) =>
    /\.(ya?ml|json)$|\/[^.]*$/.test(path),
  )
}

function patternOf(node: Node | undefined): string | undefined {
  if (node?.kind === 'expr') return '*'
  if (node?.kind !== 'scalar' || typeof node.value !== 'string') return undefined
  return node.value
    .split(/\{\{.*?\}\}/)
    .map(escaped)
    .join('*')
}

const escaped = (text: string) => text.replace(/[[\]{}()*?!+@\\]/g, '\\$&')

function roleNames(node: Node | undefined, folders: readonly string[]): string[] {
  if (node?.kind === 'scalar' && !isComputed(node)) return [node.text]
  const pattern = patternOf(node)
  if (pattern === undefined) return []
  const paths = folders.flatMap((folder) =>
    globSync(`${escaped(folder)}/${pattern}`, { onlyDirectories: true, expandDirectories: false }),
  )
  return [...new Set(paths.map((path) => path.replace(/\/$/, '').split('/').at(-1)!))]
}

/** All texts of a value, however deep. */
function textsIn(node: Node): Node[] {
  if (node.kind === 'seq') return node.items.flatMap(textsIn)
  if (node.kind === 'map') return node.pairs.flatMap((pair) => textsIn(pair.value))
  return node.kind === 'scalar' ? [node] : []
}

/** undefined: nobody can know. */
function variablesOf(context: PlayContext, task: Task): string[] | undefined {
  const name = argument(task, 'name')
  if (name?.kind === 'scalar') return [name.text]
  const folders = searchFolders('vars', task.role, task.folder, context.play.folder)
  const folder = argument(task, 'dir')
  const file = argument(task, 'file') ?? argument(task, '_raw_params', true)
  const paths = folder ? filesBelow(folder, folders, endings(task)) : candidates(file, folders, task.loop?.node)
  // It may be made while it runs; a name that is written out and wrong is told where the task is looked at.
  if (paths.length === 0) return undefined
  return namesIn(context, paths)
}

/** The variables that files set. */
function namesIn(context: PlayContext, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const root = context.session.reading.files.read(path)
    return root?.kind === 'map' ? root.pairs.map((pair) => keyText(pair.key)) : []
  })
}

/** Of the files in a folder that include_vars reads. */
function endings(task: Task): readonly string[] {
  const node = argument(task, 'extensions')
  const written = node?.kind === 'seq' ? node.items : node ? [node] : []
  const texts = written.flatMap((item) => (item.kind === 'scalar' ? [item.text.replace(/^\.?/, '.')] : []))
  return texts.length > 0 ? texts : ['.yml', '.yaml', '.json']
}

function filesBelow(node: Node, folders: readonly string[], endings: readonly string[]): string[] {
  const pattern = patternOf(node)
  if (pattern === undefined) return []
  const found = folders.flatMap((folder) =>
    globSync(pattern.startsWith('/') ? pattern : `${escaped(folder)}/${pattern}`, {
      absolute: true,
      onlyDirectories: true,
      expandDirectories: false,
    }),
  )
  return found
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)) && statSync(path).isFile())
}

/** The variable names that a loop of an include sets for all it brings. */
export function loopNames(task: Task): string[] {
  const control = task.own.keywords.get('loop_control')
  const named = (key: string) => {
    const node = control?.kind === 'map' ? child(control, key) : undefined
    return node?.kind === 'scalar' ? [node.text] : []
  }
  const own = named('loop_var')
  return [
    ...(own.length > 0 ? own : ['item']),
    ...named('index_var'),
    'ansible_loop',
    'ansible_loop_var',
    'ansible_index_var',
  ]
}
