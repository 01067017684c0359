import { jinjaHint } from './jinja-hint.ts'

export interface Advice {
  readonly message: string
  readonly hint: string
}

const message = (text: string) => `"${text.trim()}" is Jinja2; templates here are Handlebars`

/** Jinja2's ways inside braces, and what Handlebars writes instead. */
export function jinjaInBraces(statement: string): Advice | undefined {
  const filters = /^\s*([\w.]+)\s*((?:\|\s*\w+\s*(?:\([^()]*\))?\s*)+)$/.exec(statement)
  if (filters) {
    let made = filters[1]!
    for (const filter of filters[2]!.matchAll(/\|\s*(\w+)\s*(?:\(([^()]*)\))?/g)) {
      made = `(${filter[1]} ${made}${handlebarsArguments(filter[2])})`
    }
    return { message: message(filters[2]!), hint: `write {{${made.slice(1, -1)}}}` }
  }
  const called = /^\s*([\w.]+\.)?(\w+)\(([^()]*)\)\s*$/.exec(statement)
  if (called) {
    const receiver = called[1] ? ` ${called[1].slice(0, -1)}` : ''
    return { message: message(statement), hint: `write {{${called[2]}${receiver}${handlebarsArguments(called[3])}}}` }
  }
  if (!/\s(?:is|and|or|not|if|else|in)\s|^\s*not\s/.test(statement) || !jinjaHint(statement)) return undefined
  return { message: message(statement), hint: 'Write {{#if …}}…{{else}}…{{/if}}, or {{ternary x a b}}.' }
}

const handlebarsArguments = (list: string | undefined) =>
  (list ?? '')
    .split(',')
    .map((argument) => argument.trim())
    .filter((argument) => argument !== '')
    .map((argument) => ` ${argument}`)
    .join('')

const statements = /\{%-?\s*(if|elif|else|endif|for|endfor|set|include|import|macro|raw|endraw|block|filter)\b[^%]*%\}/

/** `{% if x %}`: to Handlebars mere text, which nobody means. */
export function jinjaStatement(text: string): ({ start: number; end: number } & Advice) | undefined {
  const found = text.includes('{%') ? statements.exec(text) : null
  if (!found) return undefined
  const instead: Record<string, string> = {
    if: '{{#if x}}…{{/if}}',
    for: '{{#each list}}…{{/each}}',
    include: '{{> name}}',
  }
  return {
    start: found.index,
    end: found.index + found[0].length,
    message: message(found[0]),
    hint: `write ${instead[found[1]!.replace(/^end/, '')] ?? '{{#if x}}…{{/if}} or {{#each list}}…{{/each}}'}; {{"{%"}} gives the characters themselves.`,
  }
}
