/**
 * JSON Schema of the part that drafts 07 and 2020-12 have in common: language servers know the older, ajv and others
 * the newer. Values may be computed, so each schema here also takes the texts that compute one.
 */
export type Schema = { readonly [keyword: string]: unknown }

/**
 * A text that computes a value: it holds `{{`, or is the text of `!expr` or `!vault`. Editors see texts without their
 * tags, so a single word is none: it is what a slip looks like (`become: maybe`).
 */
const computed = '\\{\\{|[^\\w\\s/-]|\\w\\s+\\w'
const words = '^(?:[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[Tt]rue|TRUE|[Ff]alse|FALSE)$'

export const scalar: Schema = { type: ['string', 'number', 'boolean', 'null'] }
export const nothing: Schema = { type: 'null' }
export const computedText: Schema = { type: 'string', pattern: computed }
export const anything: Schema = {}

export const boolean: Schema = {
  anyOf: [{ type: 'boolean' }, { type: 'string', pattern: `${words}|${computed}` }, { enum: [0, 1, null] }],
}

export const condition: Schema = {
  anyOf: [scalar, { type: 'array', items: { type: ['string', 'boolean', 'number'] } }],
}

export const names: Schema = { anyOf: [scalar, { type: 'array', items: scalar }] }

export const map: Schema = { anyOf: [{ type: 'object' }, computedText, nothing] }

/** Among maps: no `NAME=value`, which was meant as one. */
const computedMap: Schema = { type: 'string', pattern: '\\{\\{|^[^=]*$' }

export const maps: Schema = {
  anyOf: [
    { type: 'object' },
    { type: 'array', items: { anyOf: [{ type: 'object' }, computedMap] } },
    computedText,
    nothing,
  ],
}

/** A number with its bounds, or the digits of one. */
export function number(bounds: Schema = { type: 'number' }): Schema {
  return {
    anyOf: [bounds, { type: 'string', pattern: `^\\s*[-+]?\\d+(?:\\.\\d+)?\\s*$|${computed}` }, nothing],
  }
}

export function choice(values: readonly unknown[], fixed = false): Schema {
  return fixed ? { enum: values } : { anyOf: [{ enum: values }, computedText, nothing] }
}

/** Octal digits in quotes, or clauses as for chmod. A bare number is refused: editors cannot tell 0644 from 644. */
export const fileMode: Schema = {
  anyOf: [
    {
      type: 'string',
      pattern: `^(?:0o)?[0-7]{1,5}$|^preserve$|^$|^(?:[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+,?)+$|\\{\\{`,
      errorMessage: 'Write octal digits in quotes, "0644", or clauses as for chmod, "u=rw,g=r,o=".',
    },
    nothing,
  ],
}

export const percentages: Schema = {
  anyOf: [
    { type: 'number', minimum: 0 },
    { type: 'string', pattern: `^\\s*\\d+(?:\\.\\d+)?\\s*%?\\s*$|\\{\\{` },
    { type: 'array', items: { type: ['number', 'string'] } },
    nothing,
  ],
}

/** A schema with what it means, for the tooltip and the list of completions. */
export function meaning(schema: Schema, text: string, more: readonly string[] = []): Schema {
  if (text === '' && more.length === 0) return schema
  return { ...schema, description: text, markdownDescription: [text, ...more].join('\n\n') }
}
