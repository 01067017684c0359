import type { ErrorObject } from 'ajv/dist/2020.js'
import { Problem } from '../base/problem.ts'
import { suggest } from '../base/suggest.ts'
import { findUnknown, isUnknown } from '../base/unknown.ts'
import { patternMistake } from '../state/pattern-mistake.ts'
import type { ObjectSchema, Places, Property } from './parameters.ts'

type Path = readonly (string | number)[]

interface Complaint {
  readonly text: string
  readonly hint?: string | undefined
  /** The parameter that the caret belongs under, where it is not the value itself. */
  readonly name?: string | undefined
  /** Or under some characters of the value. */
  readonly range?: { readonly start: number; readonly end: number } | undefined
}

/** What a schema holds against parameters, in words, each at its place; `meant` are those that are there, but misspelt. */
export function explained(
  what: string,
  schema: ObjectSchema,
  errors: readonly ErrorObject[],
  params: unknown,
  places: Places,
  meant: ReadonlySet<string>,
): Problem[] {
  const problems: Problem[] = []
  const said = new Set<string>()
  // The branches of anyOf and oneOf are told by their own error at the same place.
  const choices = errors.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf')
  const isBranch = (error: ErrorObject) => choices.some((other) => error.schemaPath.startsWith(`${other.schemaPath}/`))
  for (const error of errors) {
    if (error.keyword === 'if' || toleratesUnknown(error) || isBranch(error) || isMisspelt(error, meant)) continue
    const path = pathOf(error.instancePath, params)
    const secret = schema.properties[String(path[0])]?.secret ?? false
    const { text, hint, name, range } = complaint(what, error, path, secret)
    const id = `${error.instancePath} ${text}`
    if (said.has(id)) continue
    said.add(id)
    const characters = range && places.within?.(path, String(error.data), range.start, range.end)
    const at = characters ?? (name === undefined ? places.value(path) : places.key(name)) ?? places.whole
    problems.push(new Problem('bad-parameter', text, { at, hint: hint ?? reference(what) }))
  }
  return problems
}

/** Where the parameters are explained. */
export function reference(what: string): string {
  return what.startsWith('"')
    ? `See "tsplay doc ${what.slice(1, -1)}".`
    : 'Its schema stands under "params" of meta/main.yml.'
}

function isMisspelt(error: ErrorObject, meant: ReadonlySet<string>): boolean {
  if (error.instancePath !== '' || meant.size === 0) return false
  if (error.keyword === 'required') return meant.has((error.params as { missingProperty: string }).missingProperty)
  if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') return false
  return (error.schema as { required?: string[] }[]).some((branch) => branch.required?.some((name) => meant.has(name)))
}

function toleratesUnknown(error: ErrorObject): boolean {
  if (['required', 'dependentRequired', 'additionalProperties'].includes(error.keyword)) return false
  if (['anyOf', 'oneOf', 'allOf', 'if', 'not', 'contains', 'uniqueItems'].includes(error.keyword))
    return findUnknown(error.data) !== undefined
  return isUnknown(error.data)
}

/** `/settings/net.ipv4.ip_forward` → keys, with numbers where the value is a list. */
function pathOf(pointer: string, root: unknown): (string | number)[] {
  let at = root
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(at) ? Number(key) : key
      at = (at as Record<string | number, unknown> | undefined)?.[step]
      return step
    })
}

function complaint(what: string, error: ErrorObject, path: Path, secret: boolean): Complaint {
  const name = path.length === 0 ? what : `"${path.join('.')}" of ${what}`
  const data = secret ? 'what it is given' : shown(error.data)
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'type':
      return {
        text: `${name} must be ${article(params.type)}${secret ? '' : `, not ${data}`}.`,
        hint: typeHint(params.type, error.data),
      }
    case 'enum':
      return notAmong(name, data, params.allowedValues as unknown[])
    case 'const':
      return notAmong(name, data, [params.allowedValue])
    case 'required': {
      const missing = String(params.missingProperty)
      const meaning = (error.parentSchema as ObjectSchema).properties?.[missing]?.description
      if (missing === '_raw_params')
        return {
          text: `${name} needs words behind it.`,
          hint: `Write them on its line: ${lower(meaning ?? 'its text')}`,
        }
      return {
        text: `${name} needs "${missing}".`,
        hint: `Add "${missing}: …"${meaning ? `: ${lower(meaning)}` : '.'}`,
      }
    }
    case 'dependentRequired':
      return {
        text: `"${String(params.property)}" of ${what} needs "${String(params.missingProperty)}" beside it.`,
        hint: `Add "${String(params.missingProperty)}: …", or leave "${String(params.property)}" out.`,
        name: String(params.property),
      }
    case 'additionalProperties':
      return noSuch(name, String(params.additionalProperty), error.parentSchema as Property)
    case 'format':
      if (params.format === 'regexp') return noPattern(name, String(error.data), secret)
      return params.format === 'line' && !String(error.data).includes('\0')
        ? {
            text: `${name} must be one line${secret ? '' : `, not ${data}`}.`,
            hint: 'A block behind | ends with a line end: write >- instead, or the text in quotes.',
          }
        : {
            text: `${name} cannot hold a NUL character${secret ? '' : `: ${data}`}.`,
            hint: 'No path and no line of a file can.',
            range: { start: String(error.data).indexOf('\0'), end: String(error.data).indexOf('\0') + 1 },
          }
    case 'pattern': {
      const meaning = (error.parentSchema as Property).description
      const pattern = String(params.pattern)
      if (pattern === '%s')
        return {
          text: `${name} does not say where the name of the file goes: ${data}.`,
          hint: 'Put %s where the command takes it.',
        }
      return {
        text: `${name} cannot be ${data}.`,
        hint: `It must match ${pattern}${meaning ? `: ${lower(meaning)}` : ''}`,
      }
    }
    case 'minItems':
    case 'minLength':
    case 'minProperties':
      return params.limit === 1
        ? { text: `${name} must not be empty.`, hint: 'Leave it out, or say which.' }
        : plain(name, data, error, path)
    case 'not':
      return excluded(name, what, error.schema as Together)
    case 'anyOf':
    case 'oneOf':
      return path.length === 0 ? alternatives(what, error) : noForm(name, data, error)
    default:
      return plain(name, data, error, path)
  }
}

function noPattern(name: string, pattern: string, secret: boolean): Complaint {
  const { what, ...range } = patternMistake(pattern)!
  return {
    text: secret ? `${name} is no pattern: ${what}.` : `${name} cannot be ${shown(pattern)}: ${what}.`,
    hint: pattern.startsWith('*')
      ? 'It is a pattern, not a wildcard: any text is ".*" in it, and a dot "\\\\.".'
      : 'Patterns are those of Python and Ansible; a \\ before a sign makes it stand for itself.',
    range,
  }
}

/** In the words of the schema's checker. */
function plain(name: string, data: string, error: ErrorObject, path: Path): Complaint {
  return { text: `${name} ${error.message ?? 'is not allowed'}${path.length === 0 ? '' : `; it is ${data}`}.` }
}

function notAmong(name: string, data: string, allowed: readonly unknown[]): Complaint {
  const words = allowed.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  const near = suggest(data.replace(/^"|"$/g, ''), words)
  const hint = near === undefined ? `It may be ${either(words)}.` : `Did you mean "${near}"?`
  return { text: `${name} cannot be ${data}.`, hint }
}

function noSuch(name: string, key: string, parent: Property): Complaint {
  const keys = Object.keys(parent.properties ?? {})
  const near = suggest(key, keys)
  return {
    text: `${name} has no "${key}".`,
    hint: near === undefined ? `It has: ${keys.join(', ')}.` : `Did you mean "${near}"?`,
  }
}

interface Together {
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, { readonly const?: unknown }>>
}

/** Parameters, or values of theirs, that do not go together. */
function excluded(name: string, what: string, { required: both = [], properties = {} }: Together): Complaint {
  const spelt = (one: string) =>
    properties[one]?.const === undefined ? one : `${one}: ${String(properties[one].const)}`
  if (both.length < 2) return { text: `${name}: these cannot be given together.`, hint: 'Leave one of them out.' }
  return {
    text: `${both.map((one) => `"${spelt(one)}"`).join(' and ')} of ${what} exclude each other.`,
    hint: 'Leave one of them out.',
    name: both.at(-1),
  }
}

/** One of several sets of parameters is needed; of oneOf no more than one. */
function alternatives(what: string, error: ErrorObject): Complaint {
  const branches = (error.schema as { required?: string[] }[]).map((branch) => branch.required)
  const data = error.data as Record<string, unknown>
  const given = branches.filter((names) => names?.every((name) => Object.hasOwn(data, name))).flat() as string[]
  if (given.length > 1 && error.keyword === 'oneOf') return excluded(what, what, { required: given })
  if (branches.some((names) => names === undefined)) return { text: `The parameters of ${what} do not go together.` }
  const words = branches.flatMap((names) =>
    names!.includes('_raw_params') ? [] : [names!.map((name) => `"${name}"`).join(' and ')],
  )
  return {
    text: `${what} needs ${either(words)}.`,
    hint: words.length === 2 ? 'Give one of the two.' : 'Give one of them.',
  }
}

function noForm(name: string, data: string, error: ErrorObject): Complaint {
  const forms = (error.schema as Property[]).map((branch) =>
    branch.enum ? either(branch.enum.map((value) => JSON.stringify(value))) : article(branch.type ?? 'another value'),
  )
  return { text: `${name} cannot be ${data}.`, hint: `It may be ${either([...new Set(forms)])}.` }
}

function typeHint(type: unknown, data: unknown): string | undefined {
  const types = [type].flat()
  if (types.includes('boolean')) return 'Write true or false.'
  if (types.includes('integer') || types.includes('number')) return 'Write digits, such as 8080.'
  if (types.includes('string') && typeof data === 'object') return 'Quote the value if it is a text.'
  if (types.includes('array')) return 'Write a list, each item behind a dash.'
  if (types.includes('object')) return 'Write "name: value" lines below it.'
  return undefined
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'null',
}

function article(type: unknown): string {
  return either([type].flat().map((name) => typeWords[String(name)] ?? String(name)))
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

const lower = (text: string) => (/^[A-Z][a-z]* /.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text)

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
