import { parseDocument } from 'yaml'
import {
  type Bearer,
  includeOptions,
  isKeyword,
  keywords,
  loopControls,
  loopWords,
  promptOptions,
} from '../../engine/book/keywords.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { metaActions } from '../../engine/run/meta.ts'
import { recorded } from '../modules/ansible/record.ts'
import { type Case, spelling } from './case.ts'

/** What there is of one kind, and what no case uses. */
export interface Covered {
  readonly what: string
  readonly all: number
  readonly missing: readonly string[]
}

const includes = Object.keys(includeOptions)
const kinds = {
  keywords: Object.keys(keywords),
  'keywords by place': Object.entries(keywords).flatMap(([name, { on }]) =>
    on.map((bearer) => `${name} of a ${bearer}`),
  ),
  'words for loops': [...loopWords],
  'options of loop_control': Object.keys(loopControls),
  'options of vars_prompt': Object.keys(promptOptions),
  'meta actions': [...metaActions],
  modules: Object.keys(recorded()),
  'options of includes': includes.flatMap((name) => Object.keys(includeOptions[name]!).map((key) => `${name} ${key}`)),
} as const

/** By every spelling. */
const moduleNames = new Map<string, readonly string[]>(
  new ModuleRegistry().spellings().flatMap(({ name, names }) => [name, ...names].map((one) => [one, [name]] as const)),
)

type Kind = keyof typeof kinds

/** Counts what of the language the cases use. */
export function coverage(cases: readonly Case[]): Covered[] {
  const used = new Uses()
  for (const one of cases) {
    used.ofModules = one.id.startsWith('modules-')
    for (const [path, text] of Object.entries(spelling(one, 'tsplay').files)) {
      if (!/\.ya?ml$/.test(path)) continue
      const document = parseDocument(text, { logLevel: 'silent', merge: true })
      // Some are broken on purpose.
      if (document.errors.length === 0) used.file(path, document.toJS())
    }
  }
  return (Object.keys(kinds) as Kind[]).map((what) => ({
    what,
    all: kinds[what].length,
    missing: kinds[what].filter((name) => !used.of(what).has(name)),
  }))
}

type Map = Readonly<Record<string, unknown>>

class Uses {
  readonly #found = new Map<Kind, Set<string>>()
  /** Only the cases of modules look at what those do. */
  ofModules = false

  of(kind: Kind): Set<string> {
    const set = this.#found.get(kind) ?? new Set()
    this.#found.set(kind, set)
    return set
  }

  /** A playbook, or a file of tasks. */
  file(path: string, root: unknown): void {
    const entries = mapsIn(root)
    if (entries.some((entry) => 'hosts' in entry || 'import_playbook' in entry)) {
      for (const entry of entries) this.#play(entry)
    } else if (/(^|\/)(tasks|handlers)\/|^[^/]+$/.test(path)) {
      this.#entries(entries, path.includes('handlers/'))
    }
  }

  #play(play: Map): void {
    this.#keys(play, 'play')
    for (const prompt of mapsIn(play['vars_prompt']))
      for (const key of Object.keys(prompt)) this.of('options of vars_prompt').add(key)
    for (const role of mapsIn(play['roles'])) this.#keys(role, 'role')
    for (const section of ['pre_tasks', 'tasks', 'post_tasks', 'handlers'])
      this.#entries(mapsIn(play[section]), section === 'handlers')
  }

  #entries(entries: readonly Map[], handlers: boolean): void {
    for (const entry of entries) {
      const include = includes.find((name) => name in entry)
      const bearer = 'block' in entry ? 'block' : include ? 'include' : handlers ? 'handler' : 'task'
      this.#keys(entry, bearer)
      for (const part of ['block', 'rescue', 'always']) this.#entries(mapsIn(entry[part]), handlers)
      if (include) this.#include(include, entry)
      for (const key of this.ofModules ? Object.keys(entry) : [])
        for (const name of moduleNames.get(key) ?? []) this.of('modules').add(name)
      for (const key of mapsIn([entry['loop_control']]).flatMap(Object.keys))
        this.of('options of loop_control').add(key)
      for (const word of loopWords) if (word in entry) this.of('words for loops').add(word)
      if (typeof entry['meta'] === 'string') this.of('meta actions').add(entry['meta'])
    }
  }

  #include(name: string, entry: Map): void {
    const add = (key: string) => this.of('options of includes').add(`${name} ${key}`)
    if (typeof entry[name] === 'string') add('file')
    for (const map of mapsIn([entry[name], entry['args']])) for (const key of Object.keys(map)) add(key)
  }

  #keys(map: Map, bearer: Bearer): void {
    for (const key of Object.keys(map)) {
      if (!isKeyword(key, bearer)) continue
      this.of('keywords').add(key)
      this.of('keywords by place').add(`${key} of a ${bearer}`)
    }
  }
}

function mapsIn(value: unknown): Map[] {
  return Array.isArray(value)
    ? value.filter((one) => typeof one === 'object' && one !== null && !Array.isArray(one))
    : []
}

/** For people. */
export function coverageText(covered: readonly Covered[]): string {
  return covered
    .map(({ what, all, missing }) => {
      const rest = missing.length === 0 ? '' : `; no case uses: ${missing.join(', ')}`
      return `${what}: ${all - missing.length} of ${all}${rest}\n`
    })
    .join('')
}
