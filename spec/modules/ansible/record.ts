import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { ModuleRegistry } from '../../../engine/module/registry.ts'

/** What Ansible says of a module: facts only, none of its text. */
export interface AnsibleModule {
  /** With its collection: `ansible.builtin.copy`. */
  readonly name: string
  readonly parameters: Readonly<Record<string, AnsibleParameter>>
  /** The keys of its result. */
  readonly returns: readonly string[]
}

export interface AnsibleParameter {
  /** Where it is said. */
  readonly type?: string
  readonly required?: true
  readonly aliases?: readonly string[]
  readonly choices?: readonly unknown[]
  readonly default?: unknown
}

const file = new URL('record.json', import.meta.url)

/** By the names of our modules. */
export function recorded(): Readonly<Record<string, AnsibleModule>> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, AnsibleModule>
}

/** `npm run parameters`: asks ansible-doc about every module that both have. */
export function record(): void {
  const spellings = new ModuleRegistry().spellings()
  const documented = new Set(Object.keys(ansibleDoc('--list')).map(full))
  const pairs = spellings.flatMap(({ name, names }) => {
    const theirs = names.find((spelling) => spelling.includes('.') && documented.has(spelling))
    return theirs === undefined ? [] : [[name, theirs] as const]
  })
  const docs = ansibleDoc(...pairs.map(([, theirs]) => theirs)) as Record<string, Documented>
  const facts = Object.fromEntries(pairs.map(([name, theirs]) => [name, factsOf(theirs, docs[theirs]!)]))
  writeFileSync(file, `${JSON.stringify(facts, null, 1)}\n`)
}

interface Documented {
  readonly doc: { readonly options?: Readonly<Record<string, AnsibleParameter & { readonly choices?: unknown }>> }
  readonly return: Readonly<Record<string, unknown>> | null
}

function ansibleDoc(...words: string[]): Record<string, unknown> {
  const said = execFileSync('ansible-doc', ['--json', ...words], { encoding: 'utf8', maxBuffer: 1 << 28 })
  return JSON.parse(said) as Record<string, unknown>
}

/** The list has those of ansible-core by their short names. */
const full = (name: string) => (name.includes('.') ? name : `ansible.builtin.${name}`)

function factsOf(name: string, { doc, return: returned }: Documented): AnsibleModule {
  const parameters = Object.entries(doc.options ?? {}).map(([key, option]) => {
    const { type, required, aliases = [], choices, default: value } = option
    const fact: AnsibleParameter = {
      ...(type === undefined ? {} : { type }),
      ...(required ? { required } : {}),
      ...(aliases.length > 0 ? { aliases } : {}),
      // Some are a map of words and their meanings.
      ...(choices ? { choices: Array.isArray(choices) ? choices : Object.keys(choices) } : {}),
      ...(value === undefined || value === null ? {} : { default: value }),
    }
    return [key, fact] as const
  })
  return { name, parameters: Object.fromEntries(parameters), returns: Object.keys(returned ?? {}) }
}

if (process.argv[1] === new URL(import.meta.url).pathname) record()
