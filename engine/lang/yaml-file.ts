import { Problem } from '../base/problem.ts'
import { Source } from '../base/span.ts'
import type { Node } from './node.ts'
import { parseYaml, type YamlFile } from './yaml.ts'

/** What opens files that are sealed as a whole. */
export interface Unseal {
  /** Throws Problem `vault`. */
  open(text: string): string
  /** Masks this text from now on. */
  secret(text: string): void
}

/** The first line of every sealed file. */
export const SEALED = '$ANSIBLE_VAULT'

/**
 * Reads the text of a YAML file. One that is sealed as a whole is opened first: all its values are secrets then, and its
 * lines are never drawn. When it cannot be opened, that is its one problem.
 */
export function parseYamlFile(name: string, text: string, unseal: Unseal | undefined): YamlFile {
  if (!text.startsWith(SEALED)) return parseYaml(new Source(name, text.replace(/^\uFEFF/, '')))
  try {
    const file = parseYaml(new Source(name, openSealedFile(name, text, unseal), { sealed: true }))
    if (unseal) for (const document of file.documents) for (const part of scalars(document)) unseal.secret(part)
    return file
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return { root: undefined, documents: [], problems: [thrown] }
  }
}

/** Throws Problem `vault`, at the file's first line. */
export function openSealedFile(name: string, text: string, unseal: Unseal | undefined): string {
  const at = { source: new Source(name, text), start: 0, end: text.search(/\r?\n|$/) }
  if (!unseal)
    throw new Problem('vault', `${name} is sealed as a whole, and there is no key to open it`, {
      at,
      hint: 'Give the vault password, or seal single values with !vault instead.',
    })
  try {
    return unseal.open(text)
  } catch (thrown) {
    throw thrown instanceof Problem ? thrown.at(at) : thrown
  }
}

function* scalars(node: Node): Generator<string> {
  if (node.kind === 'scalar') {
    // true, false and null are everywhere, and tell nothing.
    if (typeof node.value === 'string' || typeof node.value === 'number') yield String(node.value)
  } else if (node.kind === 'seq') for (const item of node.items) yield* scalars(item)
  else if (node.kind === 'map') for (const pair of node.pairs) yield* scalars(pair.value)
}
