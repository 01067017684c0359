import Handlebars from 'handlebars'
import { readJinja } from './jinja-reader.ts'
import { Misfit } from './place-in-text.ts'
import { jinjaInBraces, jinjaStatement } from './template-jinja.ts'

interface Lexer {
  readonly matched: string
  readonly match: string
}

/** The tree of a template, white space control applied. A mistake is a Misfit at the word the parser stopped at. */
export function parseTemplate(text: string): hbs.AST.Program {
  const jinja = jinjaStatement(text)
  if (jinja) throw new Misfit('template', jinja.message, jinja, jinja.hint)
  try {
    const hidden = disguised(text)
    return hidden === text ? Handlebars.parse(text) : bared(Handlebars.parse(hidden))
  } catch (thrown) {
    throw mistake(
      text,
      thrown as Error & { lineNumber?: number; column?: number; endColumn?: number; endLineNumber?: number },
    )
  }
}

/** Texts, and paths, inside braces. */
const WORDS = /"[^"]*"|'[^']*'|[A-Za-z_@][\w@-]*(?:\.(?:[\w-]+|\[[^\]]*\]))+/g
/** Stand for the digits; no text has them, for they are no characters. */
const DISGUISE = 0xfdd0

/**
 * To Handlebars a number at the end of a path (`item.1`) is a literal, which it does not expect there. In disguise, of the
 * same length, it is a name.
 */
function disguised(text: string): string {
  if (!/\.\d/.test(text)) return text
  return text.replace(/\{\{[^{}]*\}\}/g, (braces) =>
    braces.replace(WORDS, (word) =>
      /^["']/.test(word)
        ? word
        : word.replace(/\.\d+(?=\.|$)/g, (digits) =>
            digits.replace(/\d/g, (digit) => String.fromCharCode(DISGUISE + Number(digit))),
          ),
    ),
  )
}

/** The tree with its digits back. */
function bared<T>(node: T): T {
  if (typeof node === 'string')
    return node.replace(/[\ufdd0-\ufdd9]/g, (sign) => String(sign.charCodeAt(0) - DISGUISE)) as T
  if (typeof node === 'object' && node !== null)
    for (const [key, part] of Object.entries(node)) (node as Record<string, unknown>)[key] = bared(part)
  return node
}

const tokens: Record<string, string> = {
  CLOSE: '}}',
  CLOSE_UNESCAPED: '}}}',
  CLOSE_SEXPR: ')',
  OPEN_SEXPR: '(',
  ID: 'a name',
  EOF: 'the end',
  EQUALS: '=',
  SEP: '. or /',
  STRING: 'a text',
  NUMBER: 'a number',
  OPEN_ENDBLOCK: 'the end of the block, {{/…}}',
  INVALID: 'a character that does not belong here',
}

function mistake(text: string, error: Error & { lineNumber?: number; column?: number }): Misfit {
  const message = error.message
  const mismatch = /^(\S+) doesn't match (\S+)/.exec(message)
  if (mismatch && error.lineNumber !== undefined) {
    const start = offsetOf(text, error.lineNumber, error.column ?? 0)
    return new Misfit(
      'template',
      `{{#${mismatch[1]}}} is closed by {{/${mismatch[2]}}}`,
      { start, end: start + mismatch[1]!.length },
      `Write {{/${mismatch[1]}}}, or close what is inside first.`,
    )
  }
  if (error.lineNumber !== undefined) {
    const start = offsetOf(text, error.lineNumber, error.column ?? 0)
    return new Misfit(
      'template',
      message.replace(/ - \d+:\d+$/, ''),
      { start, end: start + 1 },
      'Look at the braces here.',
    )
  }
  const lexer = (Handlebars as unknown as { Parser: { lexer: Lexer } }).Parser.lexer
  const end = Math.min(lexer.matched.length, text.length)
  const start = Math.max(0, end - lexer.match.length)
  const inside = statementAround(text, start)
  const jinja = inside && jinjaInBraces(inside.text)
  if (inside && jinja)
    return new Misfit('template', jinja.message, { start: inside.start, end: inside.end }, jinja.hint)
  const got = /got '(\w+)'/.exec(message)?.[1] ?? ''
  if (inside && !inside.closed) {
    return new Misfit(
      'template',
      'these braces are not closed',
      { start: inside.start, end: inside.start + 2 },
      'Close them with }}, or write \\{{ for braces that are text.',
    )
  }
  if (got === 'EOF') {
    const open = openBlock(text)
    const range = open ?? { start: text.length, end: text.length }
    return new Misfit(
      'template',
      open ? `{{#${open.name}}} is never closed` : 'the template ends too early',
      range,
      open ? `Close it with {{/${open.name}}}.` : 'Look at its blocks.',
    )
  }
  if (got === 'OPEN_ENDBLOCK') {
    return new Misfit(
      'template',
      'this closes a block that was not opened',
      { start, end },
      'Remove it, or open the block with {{#…}}.',
    )
  }
  const expected =
    /Expecting (.*), got/
      .exec(message)?.[1]
      ?.match(/\w+/g)
      ?.filter((name) => tokens[name]) ?? []
  const wants = [...new Set(expected)]
    .slice(0, 3)
    .map((name) => tokens[name])
    .join(' or ')
  return new Misfit(
    'template',
    `the template cannot be read here${wants ? `: ${wants} is expected` : ''}`,
    { start, end: Math.max(end, start + 1) },
    hintFor(inside?.text ?? '') ?? 'Handlebars reads {{name}}, {{f name "text"}}, {{#if x}}…{{/if}}.',
  )
}

function hintFor(statement: string): string | undefined {
  // Brackets are how Python reaches into values.
  const [, block, path = statement] = /^(if|unless|each|with)\s+(.*)$/s.exec(statement) ?? []
  const word = path.includes('[') ? readJinja(path)?.whole.word : undefined
  if (word !== undefined)
    return block ? `write {{#${block} ${word}}}` : `write {{${word.replace(/^\((.*)\)$/s, '$1')}}}`
  if (/[-+*/<>=]/.test(statement))
    return 'Templates do not compute: use a function, as in {{add x 1}}, or a variable with !expr.'
  return undefined
}

function statementAround(
  text: string,
  at: number,
): { start: number; end: number; text: string; closed: boolean } | undefined {
  const start = text.lastIndexOf('{{', at)
  if (start < 0) return undefined
  const close = text.indexOf('}}', start + 2)
  const end = close < 0 ? text.length : close + 2
  if (close >= 0 && end <= at) return undefined
  return {
    start,
    end,
    text: text
      .slice(start + 2, close < 0 ? text.length : close)
      .replace(/^[{~#^/>&]+/, '')
      .replace(/~$/, ''),
    closed: close >= 0,
  }
}

function openBlock(text: string): { start: number; end: number; name: string } | undefined {
  const open: { start: number; end: number; name: string }[] = []
  for (const found of text.matchAll(/\{\{~?([#^/])>?\s*(\w+)/g)) {
    if (found[1] === '/') open.pop()
    else open.push({ start: found.index, end: found.index + found[0].length, name: found[2]! })
  }
  return open.at(-1)
}

/** The offset of Handlebars' line (from 1) and column (from 0). */
export function offsetOf(text: string, line: number, column: number): number {
  let at = 0
  for (let skipped = 1; skipped < line; skipped++) {
    const next = /\r\n?|\n/g
    next.lastIndex = at
    if (!next.exec(text)) break
    at = next.lastIndex
  }
  return at + column
}
