import { keywords, keywordsOf, promptOptions } from '../book/keywords.ts'
import { metaOptions } from '../book/read-role.ts'
import { inventoryDefinitions } from './inventory-schema.ts'
import { keywordProperties, optionMap } from './keyword-schema.ts'
import { type NamedSchema, taskDefinitions } from './task-schema.ts'
import { anything, condition, meaning, nothing, type Schema, scalar } from './value-schema.ts'

export const documentKinds = ['playbook', 'tasks', 'handlers', 'inventory', 'role-meta', 'vars'] as const
export type DocumentKind = (typeof documentKinds)[number]

const dialect = 'https://json-schema.org/draft/2020-12/schema'

/** The schema of a kind of file; `modules` are those that its tasks may use. */
export function documentSchema(kind: DocumentKind, modules: readonly NamedSchema[]): Schema {
  const root = { $schema: dialect, title: titles[kind] }
  switch (kind) {
    case 'playbook':
      return {
        ...root,
        type: 'array',
        items: { $ref: '#/$defs/play-or-import' },
        $defs: { ...playDefinitions(), role: roleItem(), ...taskDefinitions(modules) },
      }
    case 'tasks':
    case 'handlers':
      return {
        ...root,
        anyOf: [{ $ref: `#/$defs/${kind}` }, nothing],
        $defs: taskDefinitions(modules),
      }
    case 'inventory':
      return { ...root, ...inventoryDefinitions() }
    case 'role-meta':
      return { ...root, ...metaSchema(), $defs: { role: roleItem() } }
    case 'vars':
      return { ...root, type: ['object', 'null'] }
  }
}

const titles: Readonly<Record<DocumentKind, string>> = {
  playbook: 'A playbook of tsplay',
  tasks: 'A file of tasks of tsplay',
  handlers: 'A file of handlers of tsplay',
  inventory: 'An inventory of tsplay',
  'role-meta': "meta/main.yml of a role of tsplay's",
  vars: 'A file of variables of tsplay',
}

const importNames = ['import_playbook', 'ansible.builtin.import_playbook']

function playDefinitions(): Record<string, Schema> {
  const imports = Object.fromEntries(
    importNames.map((name) => [name, meaning({ type: 'string' }, 'Read the plays of another playbook here.')]),
  )
  return {
    'play-or-import': {
      type: 'object',
      if: { anyOf: importNames.map((name) => ({ required: [name] })) },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
      then: { $ref: '#/$defs/import' },
      else: { $ref: '#/$defs/play' },
    },
    play: {
      type: 'object',
      properties: keywordProperties('play'),
      required: ['hosts'],
      additionalProperties: false,
    },
    import: {
      type: 'object',
      properties: { ...imports, ...keywordProperties('include') },
      additionalProperties: false,
    },
    prompt: { ...optionMap(promptOptions), required: ['name'] },
  }
}

/** A role in `roles:` or among dependencies: its name, or a map with keywords and parameters. */
function roleItem(): Schema {
  const own = Object.fromEntries(keywordsOf('role').map((name) => [name, keywords[name]!]))
  return {
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        properties: { ...keywordProperties('role'), role: meaning({ type: 'string' }, 'The role.') },
        anyOf: [{ required: ['role'] }, ...('name' in own ? [{ required: ['name'] }] : [])],
      },
    ],
  }
}

function metaSchema(): Schema {
  const values: Readonly<Record<string, Schema>> = {
    dependencies: { anyOf: [{ type: 'array', items: { $ref: '#/$defs/role' } }, nothing] },
    params: { type: ['object', 'null'] },
    checks: {
      type: ['array', 'null'],
      items: { type: 'object', properties: { that: condition, msg: scalar }, required: ['that'] },
    },
    allow_duplicates: { type: ['boolean', 'string'] },
  }
  return {
    type: ['object', 'null'],
    properties: Object.fromEntries(
      Object.entries(metaOptions).map(([name, text]) => [name, meaning(values[name] ?? anything, text)]),
    ),
    additionalProperties: false,
  }
}
