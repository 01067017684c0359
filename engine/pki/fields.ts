import { Problem } from '../base/problem.ts'
import { hintOfChoice } from './choice.ts'

/** JSON text as a value; a value stays what it is. `what` names it in the Problem 'pki'. */
export function readJson(input: unknown, what: string): unknown {
  if (typeof input !== 'string') return input
  try {
    return JSON.parse(input)
  } catch {
    // The parser's message would quote the text, and that may be anything that was passed by mistake: a key file, say.
    throw new Problem('pki', `${what} is not well-formed JSON`, {
      hint: 'Give the JSON text of the file, or the same as a map.',
    })
  }
}

/**
 * The fields of a JSON object, by the names in `known`, whatever their case (so reads Go, and with it cfssl).
 * Unknown keys and keys given twice are a Problem 'pki'.
 */
export function fieldsOf<K extends string>(
  input: unknown,
  what: string,
  known: readonly K[],
): Partial<Record<K, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new Problem('pki', `${what} is not a map but ${kind(input)}`)
  }
  const found: Partial<Record<K, unknown>> = {}
  for (const [key, value] of Object.entries(input)) {
    const name = known.find((one) => one === key) ?? known.find((one) => one.toLowerCase() === key.toLowerCase())
    if (name === undefined) {
      throw new Problem('pki', `${what} has no field "${key}"`, { hint: hintOfChoice(key, known, 'Fields') })
    }
    if (Object.hasOwn(found, name)) throw new Problem('pki', `${what} has the field "${name}" twice, in different case`)
    if (value !== undefined && value !== null) found[name] = value
  }
  return found
}

export function textOf(value: unknown, what: string): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  throw new Problem('pki', `${what} is not a text but ${kind(value)}`, { hint: 'Put it in quotes.' })
}

export function textsOf(value: unknown, what: string): string[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.map((part, index) => textOf(part ?? 0, what.replace(/^\S+/, `$&[${index}]`)))
  throw new Problem('pki', `${what} is not a list but ${kind(value)}`)
}

export function numberOf(value: unknown, what: string): number {
  if (value === undefined) return 0
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw new Problem('pki', `${what} is not a whole number but ${kind(value)}`)
}

export function flagOf(value: unknown, what: string): boolean {
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw new Problem('pki', `${what} is neither true nor false but ${kind(value)}`)
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object'
    ? 'a map'
    : `the ${typeof value === 'string' ? 'text' : typeof value} ${JSON.stringify(value)}`
}
