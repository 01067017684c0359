import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Problem } from '../base/problem.ts'
import { parseYamlFile, type Unseal } from '../lang/yaml-file.ts'
import type { Variables } from './group.ts'
import { firstLine, kindOf, setAll } from './yaml-inventory.ts'

export interface FileVariables {
  /** The file, or the folder with a slash, as shown to people. */
  readonly name: string
  readonly variables: Variables
  /** Files sealed as a whole that could not be opened: they matter to whoever has these variables only. */
  readonly sealed: readonly Problem[]
}

export interface ReadingOptions {
  /** How a path is shown in problems. */
  readonly show: (path: string) => string
  /** Opens a file that is sealed as a whole; without it such a file is a problem. */
  readonly unseal?: Unseal | undefined
}

const extensions = ['.yml', '.yaml', '.json']

/** One folder's `group_vars/` and `host_vars/`, each file read once. */
export class VarsFolder {
  readonly path: string
  readonly problems: Problem[] = []
  readonly #options: ReadingOptions
  readonly #listings = new Map<string, Map<string, Dirent>>()
  readonly #read = new Map<string, FileVariables | undefined>()

  constructor(path: string, options: ReadingOptions) {
    this.path = path
    this.#options = options
  }

  of(kind: 'group_vars' | 'host_vars', name: string): FileVariables | undefined {
    const key = `${kind}/${name}`
    if (!this.#read.has(key)) this.#read.set(key, this.#find(kind, name))
    return this.#read.get(key)
  }

  /** As Ansible: `name` (a folder or a file), else name.yml, name.yaml, name.json; the first that is there. */
  #find(kind: 'group_vars' | 'host_vars', name: string): FileVariables | undefined {
    if (name.includes('/')) return undefined
    const folder = join(this.path, kind)
    const entry = ['', ...extensions]
      .map((extension) => this.#list(folder).get(name + extension))
      .find((found) => found)
    if (!entry) return undefined
    const path = join(folder, entry.name)
    const isFolder = this.#isFolder(path, entry)
    const variables: Variables = new Map()
    const sealed: Problem[] = []
    for (const file of isFolder ? this.#filesIn(path) : [path]) this.#readFile(file, variables, sealed)
    return { name: this.#options.show(path) + (isFolder ? '/' : ''), variables, sealed }
  }

  #list(folder: string): Map<string, Dirent> {
    let listing = this.#listings.get(folder)
    if (!listing) {
      listing = new Map()
      this.#listings.set(folder, listing)
      try {
        for (const entry of readdirSync(folder, { withFileTypes: true })) listing.set(entry.name, entry)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#unreadable(folder, error)
      }
    }
    return listing
  }

  #filesIn(folder: string): string[] {
    const files: string[] = []
    for (const [name, entry] of [...this.#list(folder)].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (name.startsWith('.') || name.endsWith('~')) continue
      const path = join(folder, name)
      const extension = extname(name)
      if (this.#isFolder(path, entry)) {
        if (extension === '') files.push(...this.#filesIn(path))
      } else if (extension === '' || extensions.includes(extension)) files.push(path)
    }
    return files
  }

  #isFolder(path: string, entry: Dirent): boolean {
    if (!entry.isSymbolicLink()) return entry.isDirectory()
    try {
      return statSync(path).isDirectory()
    } catch {
      // A dangling link: reading it as a file says so.
      return false
    }
  }

  #readFile(path: string, variables: Variables, sealed: Problem[]): void {
    const file = this.#options.show(path)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      this.#unreadable(path, error)
      return
    }
    const { root, problems } = parseYamlFile(file, text, this.#options.unseal)
    for (const problem of problems) (problem.code === 'vault' ? sealed : this.problems).push(problem)
    if (root?.kind === 'map') setAll(variables, root)
    else if (root && problems.length === 0) {
      this.problems.push(
        new Problem('shape', `a variables file is a map of names to values, not ${kindOf(root)}`, {
          at: firstLine(root.span),
          hint: 'Write "name: value" lines.',
        }),
      )
    }
  }

  #unreadable(path: string, error: unknown): void {
    this.problems.push(
      new Problem('file-missing', `${this.#options.show(path)} cannot be read`, {
        cause: error,
        hint: 'Look at its permissions, and where it points if it is a link.',
      }),
    )
  }
}
