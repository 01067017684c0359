import { Problem } from '../base/problem.ts'
import { Source, type Span } from '../base/span.ts'
import type { Task } from '../book/entry.ts'
import { findFile, searchFolders } from '../book/files.ts'
import { missingFileHint } from '../book/missing-file.ts'
import { type NeededName, placedNames } from '../lang/free-names.ts'
import type { Node } from '../lang/node.ts'
import { filePlace, spanIn } from '../lang/place-in-text.ts'
import { compileTemplate } from '../lang/template.ts'
import type { Module } from '../module/definition.ts'
import { firstWord } from '../module/first-word.ts'
import { type ObjectSchema, schemaOf } from '../module/parameters.ts'
import type { Session } from '../run/session.ts'
import { givenNodes } from '../run/task-arguments.ts'
import { sealedSourceProblems } from './sealed-source.ts'

export interface ReadTemplate {
  readonly names: readonly NeededName[]
  readonly problems: readonly Problem[]
}

type Kind = 'files' | 'templates' | 'vars'

interface NamedFile {
  /** The parameter. */
  readonly name: string
  readonly kind: Kind
  readonly node: Node
  /** The file is the first word of it. */
  readonly words: boolean
}

/** A file as its parameter names it, and where that stands. */
export function namedFile({ node, words }: NamedFile, value: string): { name: string; span: Span } {
  const first = words ? firstWord(value) : undefined
  if (!first) return { name: words ? '' : value, span: node.span }
  const start = value.indexOf(first.raw)
  const literal = node.kind === 'scalar' && node.value === value && node.offsets !== undefined
  return { name: first.value, span: literal ? spanIn(node, start, start + first.raw.length) : node.span }
}

/** The files of the controller that tasks name, each read once. */
export class ControllerFiles {
  readonly #session: Session
  readonly #templates = new Map<string, ReadTemplate>()
  readonly #found = new Map<string, string | undefined>()

  constructor(session: Session) {
    this.#session = session
  }

  /** The parameters that name a file of the controller. */
  parameters(task: Task, module: Module): NamedFile[] {
    const { properties } = schemaOf(module) as ObjectSchema
    const kinds = Object.entries(properties).filter(([, property]) => property.controllerFile)
    if (kinds.length === 0) return []
    const given = givenNodes(task, module)
    const remote = given.get('remote_src')
    if (remote && !(remote.kind === 'scalar' && remote.value === false)) return []
    // Pulled from the host.
    const mode = properties['mode']?.enum && given.get('mode')
    if (mode && !(mode.kind === 'scalar' && mode.value === 'push')) return []
    return kinds.flatMap(([name, property]) => {
      const node = given.get(name)
      const kind = property.controllerFile as Kind
      return node ? [{ name, kind, node, words: property.format === 'words' }] : []
    })
  }

  find(task: Task, kind: Kind, name: string, playbookFolder: string): string | undefined {
    const key = `${kind} ${name} ${task.folder} ${task.role?.role.folder ?? ''}`
    if (!this.#found.has(key))
      this.#found.set(key, findFile(name, searchFolders(kind, task.role, task.folder, playbookFolder)))
    return this.#found.get(key)
  }

  missing(task: Task, kind: Kind, name: string, playbookFolder: string, at: Span): Problem {
    const folders = searchFolders(kind, task.role, task.folder, playbookFolder)
    const shown = (folder: string) => this.#session.reading.files.shown(folder)
    return new Problem('file-missing', `There is no file "${name}".`, {
      at,
      hint: missingFileHint(name, folders, shown),
    })
  }

  sealed(task: Task, module: Module, path: string): Problem[] {
    return sealedSourceProblems(this.#session, task, module, path)
  }

  template(task: Task, path: string, playbookFolder: string): ReadTemplate {
    // Partials are looked for where the task is.
    const key = `${path} ${task.folder} ${task.role?.role.folder ?? ''}`
    let template = this.#templates.get(key)
    if (!template) {
      template = this.#read(task, path, playbookFolder)
      this.#templates.set(key, template)
    }
    return template
  }

  #read(task: Task, path: string, playbookFolder: string): ReadTemplate {
    const source = this.#source(path)
    if (!source) return { names: [], problems: [] }
    const partial = (name: string) => {
      const found =
        this.find(task, 'templates', `${name}.hbs`, playbookFolder) ??
        this.find(task, 'templates', name, playbookFolder)
      return found === undefined ? undefined : this.#source(found)
    }
    try {
      const place = filePlace(source)
      const { names } = compileTemplate(source.text, place, { partials: partial })
      return { names: placedNames(names, place), problems: [] }
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      return { names: [], problems: [thrown] }
    }
  }

  #source(path: string): Source | undefined {
    const { files } = this.#session.reading
    const text = files.text(path)
    return text === undefined ? undefined : new Source(files.shown(path), text)
  }
}
