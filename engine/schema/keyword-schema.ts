import { type Bearer, type Form, keywords, keywordsOf, loopControls, loopWords } from '../book/keywords.ts'
import {
  anything,
  boolean,
  choice,
  computedText,
  condition,
  map,
  maps,
  meaning,
  names,
  nothing,
  number,
  percentages,
  type Schema,
  scalar,
} from './value-schema.ts'

const forms: Readonly<Record<Form, Schema>> = {
  text: scalar,
  boolean,
  number: number(),
  condition,
  names,
  map,
  maps,
  any: anything,
  entries: { anyOf: [{ $ref: '#/$defs/tasks' }, nothing] },
  percent: percentages,
}

/** Keywords that say more of their value than its form. */
const special: Readonly<Record<string, Schema>> = {
  register: { type: 'string', pattern: '^[A-Za-z_]\\w*$', errorMessage: 'Use letters, digits and _.' },
  handlers: { anyOf: [{ $ref: '#/$defs/handlers' }, nothing] },
  loop: { anyOf: [{ type: 'array' }, { type: 'string' }] },
  loop_control: optionMap(loopControls),
  roles: { anyOf: [{ type: 'array', items: { $ref: '#/$defs/role' } }, nothing] },
  vars_prompt: { type: 'array', items: { $ref: '#/$defs/prompt' } },
  vars_files: { anyOf: [{ type: 'string' }, { type: 'array', items: names }, nothing] },
  action: { type: ['string', 'object'] },
  local_action: { type: ['string', 'object'] },
}

/** The keywords of a play, a task, … as properties. */
export function keywordProperties(bearer: Bearer): Record<string, Schema> {
  return Object.fromEntries(
    keywordsOf(bearer).map((name) => {
      const { form, choices, fixed, meaning: text } = keywords[name]!
      return [name, meaning(special[name] ?? (choices ? choice(choices, fixed) : forms[form]), text)]
    }),
  )
}

/** A map of options, each of any value, and no others. */
export function optionMap(options: Readonly<Record<string, string>>): Schema {
  const properties = Object.fromEntries(Object.entries(options).map(([name, text]) => [name, meaning({}, text)]))
  return { type: 'object', properties, additionalProperties: false }
}

const oldLoops: Readonly<Record<string, Schema>> = {
  with_dict: {
    anyOf: [
      { type: 'object' },
      { type: 'string' },
      { type: 'array', items: { anyOf: [{ type: 'object' }, computedText] } },
    ],
  },
}

export const loopProperties: Readonly<Record<string, Schema>> = Object.fromEntries(
  loopWords.map((name) => [name, meaning(oldLoops[name] ?? anything, 'A loop as in older playbooks.')]),
)

/** At most one of these properties. */
export function atMostOne(properties: readonly string[]): Schema {
  const one = properties.map((name) => ({ required: [name] }))
  return { oneOf: [{ not: { anyOf: one } }, ...one] }
}
