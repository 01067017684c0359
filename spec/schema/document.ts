import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { Source } from '../../engine/base/span.ts'
import type { Node } from '../../engine/lang/node.ts'
import { parseYaml } from '../../engine/lang/yaml.ts'
import { type DocumentKind, documentKinds, documentSchema } from '../../engine/schema/document-schema.ts'
import { moduleSchemas } from '../../engine/schema/module-schemas.ts'
import { nothing } from '../../engine/schema/value-schema.ts'

/** What an editor's language server sees of a YAML file: tags stand for what they may become. */
export function asEditorSees(text: string): { readonly value: unknown; readonly unread: boolean } {
  const { root, problems } = parseYaml(new Source('file', text.replace(/^\uFEFF/, '')))
  return { value: root ? plain(root) : null, unread: root === undefined || problems.length > 0 }
}

function plain(node: Node): unknown {
  if (node.kind === 'seq') return node.items.map(plain)
  if (node.kind === 'map') return Object.fromEntries(node.pairs.map(({ key, value }) => [key.text, plain(value)]))
  return node.kind === 'scalar' ? node.value : `{{${node.kind}}}`
}

/** Which schema a file of a project is held to; undefined for what is no YAML of ours. */
export function kindOf(path: string, value: unknown): DocumentKind | undefined {
  if (!/\.ya?ml$/.test(path)) return undefined
  if (/(^|\/)(group_vars|host_vars|defaults|vars)\//.test(path)) return 'vars'
  if (/(^|\/)roles\/[^/]+\/meta\//.test(path)) return 'role-meta'
  if (/(^|\/)handlers\//.test(path)) return 'handlers'
  if (/(^|\/)tasks\//.test(path)) return 'tasks'
  if (/^(inventory|hosts)\b/.test(path)) return 'inventory'
  if (!Array.isArray(value)) return path === 'site.yml' ? 'playbook' : undefined
  const isPlay = (item: unknown) =>
    typeof item === 'object' && item !== null && ['hosts', 'import_playbook'].some((key) => key in item)
  return path === 'site.yml' || value.some(isPlay) ? 'playbook' : 'tasks'
}

export type Validators = Readonly<Record<DocumentKind, ValidateFunction>>

/** Every kind's schema, compiled once, with the modules of these folders. */
export async function validators(folders: readonly string[] = []): Promise<Validators> {
  const modules = await moduleSchemas(folders)
  const ajv = new Ajv2020({ strict: false, inlineRefs: false })
  ajv.addSchema(documentSchema('playbook', modules), 'playbook')
  const entries = documentKinds.map((kind) => {
    // Their definitions are the playbook's own: compiled once.
    const own =
      kind === 'tasks' || kind === 'handlers' ? { anyOf: [{ $ref: `playbook#/$defs/${kind}` }, nothing] } : undefined
    return [
      kind,
      kind === 'playbook' ? ajv.getSchema('playbook')! : ajv.compile(own ?? documentSchema(kind, modules)),
    ] as const
  })
  return Object.fromEntries(entries) as unknown as Validators
}

/** What the schema of its kind holds against a file, in words; nothing when it fits, is empty, or is no YAML. */
export function complaints(check: Validators, path: string, text: string): string[] {
  const { value, unread } = asEditorSees(text)
  const kind = kindOf(path, value)
  if (unread || kind === undefined || check[kind](value)) return []
  return (check[kind].errors ?? []).map((error) => `${path} (${kind}): ${error.instancePath} ${error.message}`)
}
