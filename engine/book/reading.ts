import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { didYouMean, suggest } from '../base/suggest.ts'
import type { MapNode, Node, Pair, ScalarNode } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Variable } from '../lang/scope.ts'
import { type BookFiles, setVariables } from './files.ts'
import { formHint, formText, hasForm, isComputed } from './form.ts'
import { type Bearer, isKeyword, keywords, keywordsOf, loopWords, otherWord } from './keywords.ts'
import type { Level } from './level.ts'
import type { Role, RoleUse } from './role.ts'

export { isComputed } from './form.ts'

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
  /** Chain of files and roles being read, to stop at a circle. */
  readonly open: string[]
}

export function fail(
  reading: Reading,
  code: 'shape' | 'unknown-keyword' | 'unknown-parameter' | 'unknown-role' | 'unknown-module' | 'file-missing',
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
    const { form, choices } = keywords[name]!
    if (!hasForm(pair.value, form)) {
      const hint = formHint(pair.value, form)
      fail(reading, 'shape', `"${name}" must be ${formText(form)}.`, pair.value.span, hint)
      continue
    }
    if (choices && !isChoice(pair.value, choices)) {
      const given = (pair.value as ScalarNode).text
      const hint = didYouMean(given, choices) ?? `It may be ${choices.join(', ')}.`
      fail(reading, 'shape', `"${name}" cannot be "${given}".`, pair.value.span, hint)
      continue
    }
    if (name === 'tags') tags = names(pair.value)
    else if (name === 'vars' && pair.value.kind === 'map') setVariables(vars, pair.value)
    found.set(name, pair.value)
  }
  return { level: { bearer, span: map.span, keywords: found, tags, vars }, others }
}

function isChoice(node: Node, choices: readonly string[]): boolean {
  return isComputed(node) || node.kind !== 'scalar' || choices.includes(node.text.replace(/^ansible\.builtin\./, ''))
}

/** Says which keyword was probably meant, or what else it may have been meant as. */
export function unknownKeyword(reading: Reading, bearer: Bearer, pair: Pair, otherwise?: string): void {
  const name = keyText(pair.key)
  const elsewhere = keywords[name]
  const words = bearer === 'play' || bearer === 'block' || bearer === 'role' ? [] : loopWords
  const near = suggest(name, [...keywordsOf(bearer), ...words])
  const instead = otherWord(name)
  const hint = elsewhere
    ? `It belongs to: ${elsewhere.on.join(', ')}.`
    : instead
      ? `Write ${instead} instead.`
      : near
        ? `Did you mean "${near}"?`
        : (otherwise ?? `The keywords of a ${bearer} are: ${keywordsOf(bearer).join(', ')}.`)
  fail(reading, 'unknown-keyword', `A ${bearer} has no keyword "${name}".`, pair.key.span, hint)
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
