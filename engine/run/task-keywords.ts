import { Problem } from '../base/problem.ts'
import type { Task } from '../book/entry.ts'
import { keywordOf, keywordsThrough, type Level } from '../book/level.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import type { ReachKeywords } from './connections.ts'

const TRUE = /^(true|yes|on|1|y|t)$/i
const FALSE = /^(false|no|off|0|n|f)$/i

/** A keyword's value for a task: its own, or that of the nearest level outside. */
export function keyword(levels: readonly Level[], name: string, scope: Scope): unknown {
  const node = keywordOf(levels, name)
  return node === undefined ? undefined : renderValue(node, scope)
}

export function booleanKeyword(levels: readonly Level[], name: string, scope: Scope): boolean | undefined {
  const value = keyword(levels, name, scope)
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value
  if (TRUE.test(String(value))) return true
  if (FALSE.test(String(value))) return false
  throw new Problem('shape', `"${name}" must be true or false, and is ${JSON.stringify(value)}.`, {
    at: keywordOf(levels, name)?.span,
  })
}

export function numberKeyword(levels: readonly Level[], name: string, scope: Scope): number | undefined {
  const value = keyword(levels, name, scope)
  if (value === undefined || value === null) return undefined
  const number = Number(value)
  if (typeof value !== 'boolean' && String(value).trim() !== '' && Number.isFinite(number)) return number
  throw new Problem('shape', `"${name}" must be a number, and is ${JSON.stringify(value)}.`, {
    at: keywordOf(levels, name)?.span,
  })
}

export function textKeyword(levels: readonly Level[], name: string, scope: Scope): string | undefined {
  const value = keyword(levels, name, scope)
  return value === undefined || value === null ? undefined : String(value)
}

/** A name, a comma list, or a list, filled in. */
export function namesKeyword(levels: readonly Level[], name: string, scope: Scope): string[] {
  const value = keyword(levels, name, scope)
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).flatMap((one) => (Array.isArray(one) ? one : [one])).map(String)
}

/** Environments add up, the innermost winning. */
export function environmentOf(task: Task, scope: Scope): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const node of keywordsThrough(task.levels, 'environment')) {
    const value = renderValue(node, scope)
    for (const map of Array.isArray(value) ? value : [value]) {
      if (typeof map !== 'object' || map === null) continue
      for (const [name, text] of Object.entries(map)) {
        if (!/^[A-Za-z_]\w*$/.test(name))
          throw new Problem('shape', `"${name}" cannot be the name of an environment variable.`, { at: node.span })
        environment[name] = String(text)
      }
    }
  }
  return environment
}

export function reachKeywords(levels: readonly Level[], scope: Scope): ReachKeywords {
  return {
    connection: textKeyword(levels, 'connection', scope),
    port: numberKeyword(levels, 'port', scope),
    remote_user: textKeyword(levels, 'remote_user', scope),
    become: booleanKeyword(levels, 'become', scope),
    become_user: textKeyword(levels, 'become_user', scope),
    become_method: textKeyword(levels, 'become_method', scope),
    become_flags: textKeyword(levels, 'become_flags', scope),
  }
}
