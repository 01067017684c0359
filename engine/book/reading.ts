import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import type { MapNode, Node, Pair } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Variable } from '../lang/scope.ts'
import { type BookFiles, setVariables } from './files.ts'
import { type Bearer, type Form, isKeyword, keywords, keywordsOf, loopWords } from './keywords.ts'
import type { Level } from './level.ts'
import type { Role, RoleUse } from './role.ts'

/** What reading a book needs: files, the problems found so far, and what is known before any host is. */
export interface Reading {
  readonly files: BookFiles
  readonly problems: Problem[]
  readonly playbookFolder: string
  /** Whether a name is a module's, looking also in these folders. */
  isModule(name: string, folders: readonly string[]): boolean
  /** A value that must be known now (a file name of an import), from -e and play variables. */
  static(node: Node): unknown
  readonly roles: Map<string, Role>
  /** Roles of the play being read; imports add theirs. */
  roleUses: RoleUse[]
  /** Roles listed in this play so far, with their parameters: the same again is not run again. */
  applied: Set<string>
  /** Chain of files and roles being read, to stop at a circle. */
  readonly open: string[]
}

export function fail(
  reading: Reading,
  code: 'shape' | 'unknown-keyword' | 'unknown-role' | 'unknown-module' | 'file-missing',
  message: string,
  at: Span,
  hint?: string,
): void {
  reading.problems.push(new Problem(code, message, { at, hint }))
}

/** The keywords among a map's pairs, each checked for its form; `others` are left for the caller (the module's key). */
export function readLevel(reading: Reading, bearer: Bearer, map: MapNode): { level: Level; others: Pair[] } {
  const found = new Map<string, Node>()
  const vars = new Map<string, Variable>()
  const others: Pair[] = []
  let tags: string[] = []
  for (const pair of map.pairs) {
    const name = keyText(pair.key)
    if (!isKeyword(name, bearer)) {
      others.push(pair)
      continue
    }
    if (pair.value.kind === 'scalar' && pair.value.value === null && name !== 'name') continue
    if (!hasForm(pair.value, keywords[name]!.form)) {
      fail(reading, 'shape', `"${name}" must be ${formText(keywords[name]!.form)}.`, pair.value.span)
      continue
    }
    if (name === 'tags') tags = names(pair.value)
    else if (name === 'vars' && pair.value.kind === 'map') setVariables(vars, pair.value)
    found.set(name, pair.value)
  }
  return { level: { bearer, span: map.span, keywords: found, tags, vars }, others }
}

/** Says which keyword was probably meant. */
export function unknownKeyword(reading: Reading, bearer: Bearer, pair: Pair, more: readonly string[] = []): void {
  const name = keyText(pair.key)
  const elsewhere = keywords[name]
  const near = suggest(name, [...keywordsOf(bearer), ...more])
  const hint = elsewhere ? `It belongs to: ${elsewhere.on.join(', ')}.` : near ? `Did you mean "${near}"?` : undefined
  fail(reading, 'unknown-keyword', `A ${bearer} has no keyword "${name}".`, pair.key.span, hint)
}

export function isComputed(node: Node): boolean {
  return (
    node.kind === 'expr' ||
    node.kind === 'vault' ||
    (node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('{{'))
  )
}

function hasForm(node: Node, form: Form): boolean {
  if (isComputed(node)) return form !== 'entries'
  const scalar = node.kind === 'scalar' ? node.value : undefined
  switch (form) {
    case 'any':
      return true
    case 'text':
      return node.kind === 'scalar'
    case 'boolean':
      return (
        typeof scalar === 'boolean' ||
        (typeof scalar === 'string' && /^(true|false|yes|no|on|off)$/i.test(scalar)) ||
        scalar === 1 ||
        scalar === 0
      )
    case 'number':
      return (
        typeof scalar === 'number' ||
        (typeof scalar === 'string' && scalar.trim() !== '' && Number.isFinite(Number(scalar)))
      )
    case 'condition':
      return (
        node.kind === 'scalar' ||
        (node.kind === 'seq' && node.items.every((item) => item.kind === 'scalar' || item.kind === 'expr'))
      )
    case 'names':
      return (
        node.kind === 'scalar' ||
        (node.kind === 'seq' && node.items.every((item) => item.kind === 'scalar' || item.kind === 'expr'))
      )
    case 'map':
      return node.kind === 'map'
    case 'maps':
      return (
        node.kind === 'map' ||
        (node.kind === 'seq' && node.items.every((item) => item.kind === 'map' || isComputed(item)))
      )
    case 'entries':
      return node.kind === 'seq' || (node.kind === 'scalar' && node.value === null)
    case 'percent':
      return node.kind === 'scalar' || (node.kind === 'seq' && node.items.every((item) => item.kind === 'scalar'))
  }
}

function formText(form: Form): string {
  const texts: Record<Form, string> = {
    any: 'a value',
    text: 'a text',
    boolean: 'true or false',
    number: 'a number',
    condition: 'a condition or a list of conditions',
    names: 'a name or a list of names',
    map: 'a map',
    maps: 'a map or a list of maps',
    entries: 'a list of tasks',
    percent: 'a number, a percentage, or a list of them',
  }
  return texts[form]
}

/** A name, `a,b`, or a list of names. */
export function names(node: Node | undefined): string[] {
  if (!node) return []
  if (node.kind === 'scalar')
    return String(node.text)
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
  if (node.kind === 'seq') return node.items.flatMap((item) => (item.kind === 'scalar' ? names(item) : []))
  return []
}

export function isLoopWord(name: string): boolean {
  return (loopWords as readonly string[]).includes(name)
}

export const emptyLevel = (bearer: Bearer, span: Span): Level => ({
  bearer,
  span,
  keywords: new Map(),
  tags: [],
  vars: new Map(),
})
