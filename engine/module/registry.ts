import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import { programRoot } from '../base/package.ts'
import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import type { Module } from './definition.ts'
import { useCheck } from './schema-check.ts'
import { loadUserModule } from './user-module.ts'

const builtInFolder = join(programRoot, 'modules')
const checksFolder = join(programRoot, 'engine/checks')
/** Names that differ from their file: Ansible's spellings. Read without loading any module. */
const otherNames: Readonly<Record<string, string>> = {
  modprobe: 'kmod',
  systemd_service: 'systemd',
  gather_facts: 'setup',
}
const collections = ['ansible.builtin.', 'ansible.legacy.', 'ansible.posix.', 'community.general.', 'community.crypto.']

/** Finds modules by name: a role's or playbook's own first, then the built-in ones. Each file is loaded once. */
export class ModuleRegistry {
  readonly #loaded = new Map<string, Promise<Module>>()
  readonly #folders = new Map<string, ReadonlyMap<string, string>>()
  /** Files of users' modules whose types could not be checked: their project has no TypeScript. */
  readonly untyped = new Set<string>()

  /** The file of a module, looking in these folders first; undefined when no file has the name. */
  find(name: string, folders: readonly string[]): string | undefined {
    const short = shortName(name)
    for (const folder of [...folders, builtInFolder]) {
      const files = this.#filesOf(folder)
      const file =
        files.get(short) ??
        files.get(otherNames[short] ?? '') ??
        files.get(short.replaceAll('_', '-')) ??
        files.get(short.replaceAll('-', '_'))
      if (file) return file
    }
    return undefined
  }

  /** Loads a module. Throws unknown-module or module-load, or several of them. */
  async load(name: string, folders: readonly string[], at?: Span): Promise<Module> {
    const file = this.find(name, folders)
    if (!file) throw this.unknown(name, folders, at)
    let loaded = this.#loaded.get(file)
    if (!loaded) {
      loaded = dirname(file) === builtInFolder ? loadBuiltIn(file) : this.#loadOwn(file)
      this.#loaded.set(file, loaded)
    }
    return loaded
  }

  async #loadOwn(file: string): Promise<Module> {
    const { module, typesChecked } = await loadUserModule(file)
    if (!typesChecked) this.untyped.add(file)
    return module
  }

  unknown(name: string, folders: readonly string[], at?: Span): Problem {
    const near = suggest(shortName(name), this.names(folders))
    return new Problem('unknown-module', `There is no module "${name}".`, {
      at,
      hint: near
        ? `Did you mean "${near}"?`
        : 'See "tsplay doc" for all modules; your own go into modules/NAME.ts beside the playbook or in the role.',
    })
  }

  /** The built-in modules, by the names of their files. */
  files(): string[] {
    return [...this.#filesOf(builtInFolder).keys()].sort()
  }

  names(folders: readonly string[] = []): string[] {
    return [
      ...new Set(
        [builtInFolder, ...folders]
          .flatMap((folder) => [...this.#filesOf(folder).keys()])
          .concat(Object.keys(otherNames)),
      ),
    ].sort()
  }

  /** Every module once, by the name of its file, with all the names that playbooks may call it. */
  spellings(folders: readonly string[] = []): { name: string; names: string[] }[] {
    const stems = new Set([...folders, builtInFolder].flatMap((folder) => [...this.#filesOf(folder).keys()]))
    return [...stems].sort().map((name) => {
      const other = Object.keys(otherNames).filter((word) => otherNames[word] === name && !stems.has(word))
      const plain = [name, ...other].flatMap((word) => [
        ...new Set([word, word.replaceAll('-', '_'), word.replaceAll('_', '-')]),
      ])
      return { name, names: [...plain, ...plain.flatMap((word) => collections.map((prefix) => prefix + word))] }
    })
  }

  /** The names that `module_defaults` may use as `group/NAME`. Loads every module that may be meant. */
  async groups(folders: readonly string[]): Promise<Set<string>> {
    const all = await Promise.all(this.names(folders).map((name) => this.load(name, folders)))
    return new Set(all.flatMap((module) => module.groups ?? []))
  }

  #filesOf(folder: string): ReadonlyMap<string, string> {
    let files = this.#folders.get(folder)
    if (!files) {
      const found = new Map<string, string>()
      if (existsSync(folder)) {
        for (const name of readdirSync(folder)) {
          const extension = extname(name)
          if (['.ts', '.js', '.mjs'].includes(extension) && !/\.(d|spec|test)\.\w+$/.test(name))
            found.set(basename(name, extension), join(folder, name))
        }
      }
      files = found
      this.#folders.set(folder, files)
    }
    return files
  }
}

/** `ansible.builtin.copy` is `copy`. */
export function shortName(name: string): string {
  const collection = collections.find((prefix) => name.startsWith(prefix))
  return collection ? name.slice(collection.length) : name
}

async function loadBuiltIn(file: string): Promise<Module> {
  const { default: module } = (await import(file)) as { default: Module }
  // The build makes them.
  const check = join(checksFolder, basename(file))
  if (existsSync(check))
    useCheck(module.params as object, ((await import(check)) as { default: ValidateFunction }).default)
  return module
}
