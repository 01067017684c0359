import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { packageRoot } from '../base/package.ts'
import { Problem } from '../base/problem.ts'
import { Source, type Span } from '../base/span.ts'
import type { MapNode, Node } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Variable } from '../lang/scope.ts'
import type { YamlFile } from '../lang/yaml.ts'
import { openSealedFile, parseYamlFile, SEALED, type Unseal } from '../lang/yaml-file.ts'
import type { RoleUse } from './role.ts'

/** Reads YAML files once, remembers their problems, and knows where things are looked for. */
export class BookFiles {
  readonly problems: Problem[] = []
  readonly #read = new Map<string, Node | undefined>()
  readonly #texts = new Map<string, string | undefined>()
  readonly #cwd: string
  readonly #unseal: Unseal | undefined

  constructor(cwd: string, unseal?: Unseal) {
    this.#cwd = cwd
    this.#unseal = unseal
  }

  /** Every file that was read, whole paths. */
  get paths(): string[] {
    return [...new Set([...this.#read.keys(), ...this.#texts.keys()])].filter((path) => existsSync(path))
  }

  /** A file's name as people see it: relative to the current folder where that is shorter. */
  shown(path: string): string {
    const short = relative(this.#cwd, path)
    if (short === '') return './'
    return short.startsWith('..') || isAbsolute(short) ? path : short
  }

  /** A text file of the book (a template's partial), read once; undefined when it cannot be. */
  text(path: string): string | undefined {
    if (!this.#texts.has(path)) this.#texts.set(path, existsSync(path) ? this.#opened(path) : undefined)
    return this.#texts.get(path)
  }

  #opened(path: string): string | undefined {
    const text = readFileSync(path, 'utf8')
    if (!text.startsWith(SEALED)) return text
    try {
      const opened = openSealedFile(this.shown(path), text, this.#unseal)
      this.#unseal?.secret(opened)
      return opened
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      this.problems.push(thrown)
      return undefined
    }
  }

  /** What has been read so far, by path. */
  documents(): Iterable<readonly [path: string, root: Node | undefined]> {
    return this.#read
  }

  /** The texts that are no YAML, templates above all, read so far. */
  *plainTexts(): Generator<string> {
    for (const text of this.#texts.values()) if (text !== undefined) yield text
  }

  /** The first document of a file; undefined when it is empty, or has problems (which are collected). */
  read(path: string, at?: Span): Node | undefined {
    if (this.#read.has(path)) return this.#read.get(path)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (cause) {
      this.problems.push(
        new Problem('file-missing', `${this.shown(path)} cannot be read: ${reason(cause)}`, {
          at,
          hint: 'Look at its name and its permissions.',
        }),
      )
      this.#read.set(path, undefined)
      return undefined
    }
    const file = parseYamlFile(this.shown(path), text, this.#unseal)
    this.problems.push(...file.problems, ...furtherDocuments(file))
    this.#read.set(path, file.root)
    return file.root
  }

  /** Where a file begins, for what is wrong with all of it. */
  beginning(path: string): Span {
    return { source: new Source(this.shown(path), this.text(path) ?? ''), start: 0, end: 0 }
  }

  /** A variables file or folder (`main.yml`, or `main/` with several) as variables. */
  variables(path: string | undefined): Map<string, Variable> {
    const variables = new Map<string, Variable>()
    if (path === undefined) return variables
    const paths = statSync(path).isDirectory()
      ? readdirSync(path)
          .sort()
          .filter((name) => /\.(ya?ml|json)$/.test(name))
          .map((name) => join(path, name))
      : [path]
    for (const file of paths) {
      const root = this.read(file)
      if (!root) continue
      if (root.kind !== 'map') {
        this.problems.push(
          new Problem('shape', `${this.shown(file)} must be a map of variables.`, {
            at: root.span,
            hint: 'Write "name: value" lines.',
          }),
        )
        continue
      }
      setVariables(variables, root)
    }
    return variables
  }

  /** `folder/NAME`, `.yml`, `.yaml` or `.json`, or a folder of that name. */
  mainFile(folder: string, name = 'main'): string | undefined {
    return ['', '.yml', '.yaml', '.json']
      .map((extension) => join(folder, name + extension))
      .find((path) => existsSync(path) && (statSync(path).isFile() || name === 'main'))
  }

  /** Where roles are looked for, in order. */
  roleFolders(playbookFolder: string): string[] {
    const path =
      process.env['TSPLAY_ROLES_PATH']
        ?.split(':')
        .filter(Boolean)
        .map((folder) => resolve(folder)) ?? []
    return [
      join(playbookFolder, 'roles'),
      join(this.#cwd, 'roles'),
      ...path,
      join(playbookFolder, '..', 'roles'),
      join(packageRoot, 'roles'),
    ].filter((folder, index, all) => all.indexOf(folder) === index)
  }
}

/** Where a file of a task is looked for: the role's own folder for its kind, the role, the task file, the playbook (Ansible's order). */
export function searchFolders(
  kind: 'files' | 'templates' | 'vars' | 'tasks',
  role: RoleUse | undefined,
  folder: string,
  playbookFolder: string,
): string[] {
  const folders: string[] = []
  for (const use of role ? [role, ...[...role.parents].reverse()] : [])
    folders.push(join(use.role.folder, kind), use.role.folder)
  if (role) folders.push(join(role.role.folder, 'tasks'))
  folders.push(join(folder, kind), folder, join(playbookFolder, kind), playbookFolder)
  return [...new Set(folders)]
}

/** The first that exists. */
export function findFile(name: string, folders: readonly string[]): string | undefined {
  const home = name.startsWith('~/') ? join(process.env['HOME'] ?? '/', name.slice(2)) : name
  if (isAbsolute(home)) return existsSync(home) ? home : undefined
  return folders.map((folder) => join(folder, home)).find((path) => existsSync(path))
}

/** Ansible reads one document a file; a second would be passed over in silence. */
function furtherDocuments({ documents, problems }: YamlFile): Problem[] {
  const [, second] = documents.filter((node) => !(node.kind === 'scalar' && node.value === null))
  if (!second || problems.length > 0) return []
  const end = second.span.source.text.indexOf('\n', second.span.start)
  const at = { ...second.span, end: end < 0 ? second.span.end : Math.min(end, second.span.end) }
  const hint = 'Take the "---" before it out, or put it into a file of its own.'
  return [new Problem('yaml-syntax', 'a second document begins here, and a file holds one', { at, hint })]
}

export function setVariables(variables: Map<string, Variable>, map: MapNode): void {
  for (const pair of map.pairs) variables.set(keyText(pair.key), { node: pair.value })
}

export function reason(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES') return 'permission denied'
  return cause instanceof Error ? cause.message : String(cause)
}
