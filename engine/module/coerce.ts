import { isUnknown } from '../base/unknown.ts'
import type { Property } from './parameters.ts'

const TRUE = new Set(['yes', 'on', 'true', '1', 'y', 't'])
const FALSE = new Set(['no', 'off', 'false', '0', 'n', 'f'])

/** A value as its schema wants it, where Ansible would read it so too; anything else stays, for the schema to refuse. */
export function coerce(value: unknown, property: Property): unknown {
  if (isUnknown(value)) return value
  const types = ([] as (string | undefined)[]).concat((property.type as string) ?? [])
  const is = (type: string) => types.includes(type)
  if (typeof value === 'string') {
    if (is('string')) return value
    if (is('boolean')) {
      const word = value.toLowerCase()
      if (TRUE.has(word)) return true
      if (FALSE.has(word)) return false
    }
    if (is('integer') && /^[+-]?\d+$/.test(value.trim())) return Number(value)
    if (is('number') && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
    if (is('array'))
      return value === '' ? [] : value.split(',').map((part) => coerce(part.trim(), property.items ?? {}))
    if (is('object') && value.trim().startsWith('{')) return parsedOr(value)
    return value
  }
  if ((typeof value === 'number' || typeof value === 'boolean') && is('array'))
    return [coerce(value, property.items ?? {})]
  if (typeof value === 'number') {
    if (is('string') && !is('number') && !is('integer')) return String(value)
    if (is('boolean') && !is('integer') && (value === 0 || value === 1)) return value === 1
    return value
  }
  if (typeof value === 'boolean' && property.enum && !property.enum.includes(value)) return wordOf(value, property.enum)
  // Ansible's str(True); scripts and configurations read it as `True`, so ours is the YAML word.
  if (typeof value === 'boolean') return is('string') && !is('boolean') ? String(value) : value
  if (Array.isArray(value)) return property.items ? value.map((part) => coerce(part, property.items!)) : value
  if (typeof value === 'object' && value !== null && property.properties) {
    const properties = property.properties
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, properties[key] ? coerce(part, properties[key]) : part]),
    )
  }
  return value
}

/** `state: off` is a boolean to YAML: the one choice that means it, as Ansible reads it; where there are two, none. */
function wordOf(value: boolean, choices: readonly unknown[]): unknown {
  const meaning = choices.filter((choice) => typeof choice === 'string' && (value ? TRUE : FALSE).has(choice))
  return meaning.length === 1 ? meaning[0] : value
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON after all: the schema says what it should be.
    return text
  }
}
