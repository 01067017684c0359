import { readJinja } from './jinja-reader.ts'

export interface Advice {
  readonly message: string
  readonly hint: string
}

const message = (text: string) => `"${text.trim()}" is Jinja2; templates here are Handlebars`

/** Jinja2's ways inside braces, and what Handlebars writes instead. */
export function jinjaInBraces(statement: string): Advice | undefined {
  const [, block, rest = statement] = /^\s*(else if|if|unless|each|with)\s+(.*)$/s.exec(statement) ?? []
  const read = readJinja(rest)
  if (!read) return undefined
  const { whole, foreign } = read
  // A function's brackets are Jinja2's, and so are operators.
  if (!foreign && !/^\s*[\w.]+\(|[=<>+*%~]|\bin\b/.test(rest)) return undefined
  const word = block ? whole.word : whole.word?.replace(/^\((.*)\)$/s, '$1')
  const opened = block === undefined ? '' : block === 'else if' ? 'else if ' : `#${block} `
  const hint =
    word === undefined ? 'Compute it in a variable, with !expr, and name that here.' : `write {{${opened}${word}}}`
  return { message: message(rest), hint }
}

const statements = /\{%-?\s*(if|elif|else|endif|for|endfor|set|include|import|macro|raw|endraw|block|filter)\b[^%]*%\}/

/** `{% if x %}`, `{# x #}`, `{{- x -}}`: to Handlebars mere text, or a name, which nobody means. */
export function jinjaStatement(text: string): ({ start: number; end: number } & Advice) | undefined {
  const comment = text.includes('{#') ? /(?<!\$)\{#(?!\})[\s\S]*?#\}/.exec(text) : null
  if (comment) return advice(comment, 'write {{!-- … --}}')
  const trimming = /\{\{-(?!\d)|(?<=\s)-\}\}/.exec(text)
  if (trimming) return advice(trimming, trimming[0] === '{{-' ? 'write {{~' : 'write ~}}')
  const found = text.includes('{%') ? statements.exec(text) : null
  if (!found) return undefined
  const instead: Record<string, string> = {
    if: '{{#if x}}…{{/if}}',
    for: '{{#each list}}…{{/each}}',
    include: '{{> name}}',
    raw: '{{{{raw}}}}…{{{{/raw}}}}',
    set: 'the value into vars of the task, and its name here',
  }
  const word = instead[found[1]!.replace(/^end/, '')] ?? '{{#if x}}…{{/if}} or {{#each list}}…{{/each}}'
  return advice(found, `write ${word}; {{"{%"}} gives the characters themselves.`)
}

function advice(found: RegExpExecArray, hint: string): { start: number; end: number } & Advice {
  return { start: found.index, end: found.index + found[0].length, message: message(found[0]), hint }
}
