import { includeOptions, loopWords } from '../book/keywords.ts'
import { atMostOne, keywordProperties, loopProperties, optionMap } from './keyword-schema.ts'
import { meaning, nothing, type Schema, scalar } from './value-schema.ts'

/** A module as playbooks may call it: every spelling of its name, the one to suggest first. */
export interface NamedSchema {
  readonly names: readonly string[]
  readonly parameters: Schema
  /** What may stand behind its name; it refers to `parameters`. */
  readonly schema: Schema
}

const includeMeanings: Readonly<Record<string, string>> = {
  import_tasks: 'Read the tasks of a file here, before the run.',
  include_tasks: 'Read the tasks of a file when their turn comes; loops and computed names may be used.',
  import_role: 'Read a role here, before the run.',
  include_role: 'Read a role when its turn comes; loops and computed names may be used.',
}

/** Definitions for every schema that holds tasks: tasks, handlers, task, handler, block, and one for each module. */
export function taskDefinitions(modules: readonly NamedSchema[]): Record<string, Schema> {
  const actions = actionProperties(modules, 'module')
  // What `args` brings is not missing beside it.
  const partly = actionProperties(modules, 'part')
  return {
    tasks: { type: 'array', items: { $ref: '#/$defs/entry' } },
    handlers: { type: 'array', items: { $ref: '#/$defs/handlerEntry' } },
    entry: either('block', 'task'),
    handlerEntry: either('handlerBlock', 'handler'),
    block: blockSchema('tasks'),
    handlerBlock: blockSchema('handlers'),
    task: taskSchema('task', actions),
    handler: taskSchema('handler', actions),
    'task-with-args': taskSchema('task', partly),
    'handler-with-args': taskSchema('handler', partly),
    ...Object.fromEntries(
      modules.flatMap(({ names: [name], parameters, schema }) => [
        [`module-${name}`, schema],
        [`part-${name}`, { anyOf: [{ $ref: `#/$defs/parameters-${name}` }, { type: ['string', 'array', 'null'] }] }],
        [`parameters-${name}`, parameters],
      ]),
    ),
  }
}

function either(block: string, task: string): Schema {
  return {
    type: 'object',
    if: { required: ['block'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
    then: { $ref: `#/$defs/${block}` },
    else: {
      if: { required: ['args'] },
      // biome-ignore lint/suspicious/noThenProperty: the same.
      then: { $ref: `#/$defs/${task}-with-args` },
      else: { $ref: `#/$defs/${task}` },
    },
  }
}

function blockSchema(entries: string): Schema {
  const inner = { anyOf: [{ $ref: `#/$defs/${entries}` }, nothing] }
  return {
    type: 'object',
    properties: { ...keywordProperties('block'), block: inner, rescue: inner, always: inner },
    required: ['block'],
    additionalProperties: false,
  }
}

/** Every name of every module and include. */
function actionProperties(modules: readonly NamedSchema[], kind: 'module' | 'part'): Record<string, Schema> {
  const properties: Record<string, Schema> = {}
  for (const { names } of modules) {
    const $ref = `#/$defs/${kind}-${names[0]}`
    for (const [index, name] of names.entries())
      properties[name] = index === 0 ? { $ref } : { allOf: [{ $ref }], doNotSuggest: true }
  }
  for (const [name, options] of Object.entries(includeOptions)) {
    const schema = meaning({ anyOf: [optionMap(options), scalar] }, includeMeanings[name] ?? '')
    properties[name] = schema
    for (const prefix of ['ansible.builtin.', 'ansible.legacy.'])
      properties[prefix + name] = { ...schema, doNotSuggest: true }
  }
  return properties
}

function taskSchema(bearer: 'task' | 'handler', actions: Readonly<Record<string, Schema>>): Schema {
  const ways = ['action', 'local_action', ...Object.keys(actions)]
  return {
    type: 'object',
    properties: { ...keywordProperties(bearer), ...loopProperties, ...actions },
    additionalProperties: false,
    oneOf: ways.map((name) => ({ required: [name] })),
    allOf: [atMostOne(['loop', ...loopWords])],
  }
}
