import type { LanguageFunction } from './function.ts'

const byName = new Map<string, LanguageFunction>()
const byTest = new Map<string, LanguageFunction>()
const byFilter = new Map<string, LanguageFunction>()

/**
 * Makes functions known under their names, their aliases, what Jinja2 calls them (`x | f(y)` is `f(x, y)`, `x is t(y)` is
 * `is_t(x, y)`, and `t(x, y)` where no other function has that name), and all of these in camelCase.
 */
export function register(entries: readonly LanguageFunction[]): void {
  const add = (name: string, entry: LanguageFunction) => {
    if (!byName.has(name)) byName.set(name, entry)
  }
  for (const entry of entries) {
    for (const name of entry.filters) byFilter.set(name, entry)
    for (const name of entry.tests) byTest.set(name, entry)
  }
  for (const entry of entries) for (const name of ownNames(entry)) add(name, entry)
  for (const entry of entries) for (const name of entry.tests) if (/^\w+$/.test(name)) add(name, entry)
  for (const [name, entry] of [...byName]) add(camel(name), entry)
}

function ownNames(entry: LanguageFunction): string[] {
  const tests = entry.tests.filter((name) => /^\w+$/.test(name))
  return [entry.name, ...entry.aliases, ...entry.filters, ...tests.map(asked)]
}

const asked = (test: string) => (test.startsWith('is_') ? test : `is_${test}`)

const camel = (name: string) => name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The function of a name or alias, for templates and expressions alike. */
export function functionNamed(name: string): LanguageFunction | undefined {
  return byName.get(name)
}

/** `ansible.builtin.match` is `match`. */
const bare = (name: string) => name.replace(/^(?:\w+\.){2}/, '')

/** Behind Jinja2's `is`; also what select and reject take. */
export function testNamed(name: string): LanguageFunction | undefined {
  return byTest.get(bare(name)) ?? byName.get(bare(name))
}

/** Behind Jinja2's `|`. */
export function filterNamed(name: string): LanguageFunction | undefined {
  return byFilter.get(bare(name)) ?? byName.get(bare(name))
}

export function functionNames(): Iterable<string> {
  return byName.keys()
}

/** The other names of a function, camelCase ones left out. */
export function aliasesOf(entry: LanguageFunction): string[] {
  const names = [...byName].filter(([, other]) => other === entry).map(([name]) => name)
  return names.filter((name) => name !== entry.name && !names.some((other) => other !== name && camel(other) === name))
}
