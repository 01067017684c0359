import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Source, Span } from '../../base/span.ts'
import { type Block, blocksOf, type Entry, type Task, tasksOf } from '../../book/entry.ts'
import type { Level } from '../../book/level.ts'
import { sections } from '../../book/play.ts'
import type { RoleUse } from '../../book/role.ts'
import type { Node } from '../../lang/node.ts'
import { keyText } from '../../lang/plain.ts'
import type { Layer, Variable } from '../../lang/scope.ts'
import type { Session } from '../../run/session.ts'
import type { Foreseen } from '../foreseen.ts'
import type { LoadedModule } from '../loaded-modules.ts'
import { taskNames } from '../task-names.ts'

const WORD = /[A-Za-z_]\w*/g
/** Their values set a name, or are for people. */
const definitions = new Set(['register', 'name', 'loop_var', 'index_var'])
/** Parts of a role that this run may not read, and that may be what a name is for. */
const parts = ['tasks', 'templates', 'vars', 'defaults', 'meta', 'modules', 'files']

/** All that a book says, to be asked what nothing else mentions. */
export class Written {
  readonly session: Session
  readonly tasks: readonly Task[]
  readonly handlers: readonly Entry[]
  readonly roles: readonly RoleUse[]
  /** Plays, roles, blocks, includes and tasks, each once. */
  readonly levels: readonly Level[]
  #words: Set<string> | undefined
  #used: ReadonlySet<string> | undefined
  readonly #modules: ReadonlyMap<Task, LoadedModule>
  #inventoryLayers: readonly Layer[] | undefined
  readonly blocks: readonly Block[]
  /** Names of registered results. */
  readonly registers: ReadonlySet<string>
  readonly #notified: string[] = []
  /** Files that no run of this book reads, but other books may: any word of them counts. */
  readonly #roleWords = new Map<string, ReadonlySet<string>>()
  readonly #roleTexts = new Map<string, string>()

  constructor(session: Session, foreseen: readonly Foreseen[], modules: ReadonlyMap<Task, LoadedModule>) {
    this.session = session
    this.#modules = modules
    this.handlers = [
      ...new Set([
        ...session.contexts.flatMap(({ play }) => play.handlers),
        ...foreseen.flatMap(({ roles }) => roles.flatMap((use) => use.handlers)),
      ]),
    ]
    const tasks = [...foreseen.flatMap((one) => one.tasks), ...tasksOf(this.handlers)]
    this.tasks = onceBySpan(tasks)
    this.roles = [
      ...new Set([
        ...session.contexts.flatMap(({ play }) => [...play.roles, ...play.roleUses]),
        ...foreseen.flatMap((one) => one.roles),
      ]),
    ]
    this.levels = onceBySpan([
      ...session.contexts.flatMap(({ play }) => [...play.outer, play.level]),
      ...this.roles.flatMap((use) => use.levels),
      ...tasks.flatMap((task) => task.levels),
    ])
    this.blocks = onceBySpan(
      blocksOf([
        ...session.contexts.flatMap(({ play }) => sections(play).flat()),
        ...this.handlers,
        ...this.roles.flatMap((use) => use.entries),
      ]),
    )
    this.registers = new Set(this.tasks.flatMap(({ register }) => register ?? []))
  }

  /** Names that tasks ask for. */
  get used(): ReadonlySet<string> {
    this.#used ??= new Set(
      this.tasks.flatMap((task) => {
        const { loop, conditions, item } = taskNames(task, this.#modules.get(task)?.module)
        return [...loop, ...conditions, ...item].map(({ name }) => name)
      }),
    )
    return this.#used
  }

  /** What tasks notify, as it is written. */
  get notified(): readonly string[] {
    this.#readAll()
    return this.#notified
  }

  /** Whether any value, text or template has this word. */
  mentions(name: string): boolean {
    return this.#readAll().has(name)
  }

  #readAll(): ReadonlySet<string> {
    if (this.#words) return this.#words
    this.#words = new Set()
    const { reading, options } = this.session
    for (const [, root] of reading.files.documents()) if (root) this.#read(root)
    for (const text of reading.files.plainTexts()) this.#add(text)
    for (const layer of this.inventoryLayers()) this.#variables(layer.variables)
    this.#variables(options.extra.variables)
    return this.#words
  }

  /** What the inventory sets, each of its parts once however many hosts share it. */
  inventoryLayers(): readonly Layer[] {
    const { inventory, contexts } = this.session
    this.#inventoryLayers ??= [
      ...new Map(
        [...new Set(contexts.map(({ play }) => play.folder))]
          .flatMap((folder) => [...inventory.hosts.values()].flatMap((host) => inventory.layersFor(host, folder)))
          .map((one) => [one.variables, one]),
      ).values(),
    ]
    return this.#inventoryLayers
  }

  /** The YAML files that were read. */
  sources(): Source[] {
    const roots = [...this.session.reading.files.documents()].flatMap(([, root]) => (root ? [root] : []))
    return [...new Set(roots.map((root) => root.span.source))]
  }

  /** Whether anything sets a variable of this name. */
  mentionsKey(name: string): boolean {
    const { options } = this.session
    return (
      options.extra.variables.has(name) ||
      this.levels.some((level) => level.vars.has(name)) ||
      this.roles.some((use) => [use.params, use.vars, use.defaults].some((variables) => variables.has(name))) ||
      this.inventoryLayers().some((one) => one.variables.has(name))
    )
  }

  /** The same, any file of the role counting, and of those beside it: a role may be there to set variables for others. */
  mentionsIn(use: RoleUse, name: string): boolean {
    const { folder } = use.role
    return this.mentions(name) || [folder, ...rolesBeside(folder)].some((one) => this.wordsOf(one).has(name))
  }

  /** The same, any file of any role of the book counting. */
  mentionsAnywhere(name: string): boolean {
    return this.mentions(name) || this.roles.some((use) => this.wordsOf(use.role.folder).has(name))
  }

  wordsOf(folder: string): ReadonlySet<string> {
    let words = this.#roleWords.get(folder)
    if (!words) {
      words = new Set(this.textOf(folder).match(WORD) ?? [])
      this.#roleWords.set(folder, words)
    }
    return words
  }

  /** All files of a role, one after the other. */
  textOf(folder: string): string {
    let text = this.#roleTexts.get(folder)
    if (text === undefined) {
      text = textsBelow(folder).join('\n')
      this.#roleTexts.set(folder, text)
    }
    return text
  }

  #variables(variables: ReadonlyMap<string, Variable>): void {
    for (const variable of variables.values()) {
      if ('node' in variable) this.#read(variable.node)
      else this.#add(JSON.stringify(variable.value) ?? '')
    }
  }

  #read(node: Node): void {
    if (node.kind === 'seq') for (const item of node.items) this.#read(item)
    else if (node.kind === 'map') {
      for (const { key, value } of node.pairs) {
        if (keyText(key).includes('{{')) this.#add(keyText(key))
        if (keyText(key) === 'notify') this.#notified.push(...textsOf(value))
        if (!(definitions.has(keyText(key)) && value.kind === 'scalar' && !value.text.includes('{{'))) this.#read(value)
      }
    } else if (node.kind !== 'vault') this.#add(node.text)
  }

  #add(text: string): void {
    for (const word of text.match(WORD) ?? []) this.#words!.add(word)
  }
}

function textsOf(node: Node | undefined): string[] {
  if (!node) return []
  if (node.kind === 'seq') return node.items.flatMap(textsOf)
  return node.kind === 'scalar' || node.kind === 'expr' ? [node.kind === 'expr' ? '{{…}}' : node.text] : []
}

function onceBySpan<T extends { readonly span: Span }>(all: readonly T[]): T[] {
  const once = new Map<string, T>()
  for (const one of all) once.set(`${one.span.source.file} ${one.span.start} ${one.span.end}`, one)
  return [...once.values()]
}

function rolesBeside(folder: string): string[] {
  const around = dirname(folder)
  return readdirSync(around, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(around, entry.name))
}

/** The texts of a role's files, but for what is set in `vars` and `defaults` itself: there a word must stand in a value. */
function textsBelow(folder: string): string[] {
  return parts.flatMap((part) => {
    let names: string[]
    try {
      names = readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
    } catch {
      // Hardly a role has all of its parts.
      return []
    }
    return names
      .filter((name) => /\.(?:ya?ml|hbs|json|ts|js|mjs)$/.test(name))
      .map((name) => readFileSync(join(folder, part, name), 'utf8'))
      .map((text) =>
        part === 'vars' || part === 'defaults' ? text.replace(/^[\w-]+:/gm, '').replace(/#.*$/gm, '') : text,
      )
  })
}
