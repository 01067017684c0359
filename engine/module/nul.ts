import { Problem } from '../base/problem.ts'
import type { ObjectSchema, Places, Property } from './parameters.ts'

type Path = readonly (string | number)[]

/**
 * Texts with a NUL character where only `binary: true` could hold one: what a shell, a program or a line of a file gets
 * ends there, so that something else would be done than is written. Paths and lines are told of by their own formats.
 */
export function nulProblems(
  what: string,
  schema: ObjectSchema,
  params: Readonly<Record<string, unknown>>,
  places: Places,
): Problem[] {
  return Object.entries(params).flatMap(([name, value]) => {
    const property = schema.properties[name]
    if (property?.binary) return []
    return nuls(property, value, [name]).map(({ path, text }) => {
      const shown = property?.secret ? '' : `: ${JSON.stringify(text)}`
      const index = text.indexOf('\0')
      const where = name === '_raw_params' ? what : `"${path.join('.')}" of ${what}`
      return new Problem('bad-parameter', `${where} cannot hold a NUL character${shown}.`, {
        at: places.within?.(path, text, index, index + 1) ?? places.value(path) ?? places.whole,
        hint: 'No command, name or path of a host can; the content of a file may: see "copy" and "template".',
      })
    })
  })
}

function nuls(property: Property | undefined, value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === 'string')
    return value.includes('\0') && !['path', 'line'].includes(property?.format ?? '') ? [{ path, text: value }] : []
  if (Array.isArray(value)) return value.flatMap((each, index) => nuls(property?.items, each, [...path, index]))
  if (typeof value !== 'object' || value === null || !isPlain(value)) return []
  return Object.entries(value).flatMap(([name, each]) => [
    ...(name.includes('\0') ? [{ path, text: name }] : []),
    ...nuls(property?.properties?.[name], each, [...path, name]),
  ])
}

/** What is no map of a playbook (an unknown value, a buffer) is not looked into. */
const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value))
