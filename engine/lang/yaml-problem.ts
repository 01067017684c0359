import { type ErrorCode, Lexer, type YAMLError } from 'yaml'
import { Problem } from '../base/problem.ts'
import type { Source } from '../base/span.ts'

const plainer: Partial<Record<ErrorCode, [message: string, hint: string]>> = {
  TAB_AS_INDENT: ['a tab is used to indent', 'YAML indents with spaces only: replace the tab.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a key and its value begin inside another value',
    'Put a value that contains ": " in quotes, or begin the map on its own line, indented.',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'this line is neither a "key: value" nor a list item',
    'Is a colon missing, or is the line indented wrongly?',
  ],
  MISSING_CHAR: ['something that was begun is not closed', 'Close the quote, the bracket or the brace.'],
  BAD_INDENT: [
    'this line is indented in a way that fits nothing above it',
    'Line it up with the keys or items it belongs to.',
  ],
  UNEXPECTED_TOKEN: [
    'this does not belong here',
    'Quote a value that begins with one of @ ` % & * ! | > { [ or holds ": " or " #".',
  ],
  MULTIPLE_ANCHORS: ['one value has several anchors', 'Leave one.'],
  MULTIPLE_TAGS: ['one value has several tags', 'Leave one.'],
  BAD_DQ_ESCAPE: [
    'this backslash sequence means nothing in double quotes',
    'Write \\\\ for a backslash, or use single quotes.',
  ],
  BAD_SCALAR_START: ['a plain value cannot begin with this character', 'Put the value in quotes.'],
  IMPOSSIBLE: ['this cannot be read as YAML', 'Look at the indentation and quotes of this line and the one above.'],
}

export function yamlProblem(error: YAMLError, source: Source): Problem {
  const length = source.text.length
  let [start, end] = error.pos
  start = Math.min(start, length)
  end = Math.max(Math.min(end, length), start)
  const known = plainer[error.code]
  let message = known?.[0] ?? lower(error.message)
  let hint = known?.[1] ?? 'Look at the indentation and quotes of this line and the one above.'
  const quote = /^Missing closing ("|')quote/.exec(error.message)?.[1]
  const opening = quote === undefined ? undefined : openingQuote(source.text, quote, start)
  if (opening !== undefined) {
    message = `this ${quote} is never closed`
    hint = "Close the quote; one inside the text is written \\\" in double quotes, '' in single ones."
    start = opening
    end = opening + 1
  } else if (/^Missing closing/.test(error.message)) message = lower(error.message)
  else if (error.code === 'MISSING_CHAR' && /implicit key|':'|colon/i.test(error.message)) {
    message = 'a key without its colon, or a line indented wrongly'
    hint = 'Write "key: value", and line it up with its neighbours.'
  } else if (
    error.code === 'UNEXPECTED_TOKEN' ||
    error.code === 'IMPOSSIBLE' ||
    error.code === 'MISSING_CHAR' ||
    error.code === 'BAD_INDENT'
  ) {
    message = `${message} (${lower(error.message)})`
  }
  if (/\t/.test(source.line(source.position(start).line).match(/^\s*/)?.[0] ?? '')) {
    ;[message, hint] = plainer.TAB_AS_INDENT!
  }
  return new Problem('yaml-syntax', message, { at: { source, start, end }, hint })
}

/** What the lexer says besides text: document, flow error end, scalar. */
const MARKS = new Set(['\u0002', '\u0018', '\u001f'])

/** Where the quoted text begins that runs on to `end`: the end of the file says little to who forgot a quote. */
function openingQuote(text: string, quote: string, end: number): number | undefined {
  let at = 0
  let last: number | undefined
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.has(lexeme)) continue
    if (at >= end) break
    if (lexeme.startsWith(quote)) last = at
    at += lexeme.length
  }
  return last
}

/** A value that begins with braces and is not quoted, on the line of an offset: the most common mistake there is. */
export function unquotedBraces(source: Source, offset: number): Problem | undefined {
  const { line } = source.position(offset)
  const text = source.line(line)
  const found = /^(\s*(?:- +)*(?:[^\s#'"{][^#'"{]*:\s+|- +|))(\{\{.*)$/.exec(text)
  if (!found) return undefined
  const value = found[2]!.replace(/\s+#.*$/, '').trimEnd()
  if (!value.includes('}}')) return undefined
  const lineStart = offset - source.position(offset).column + 1
  const start = lineStart + found[1]!.length
  return new Problem('yaml-trap', 'a value that begins with {{ must be quoted: to YAML, { begins a map', {
    at: { source, start, end: start + value.length },
    hint: `Quote it: ${value.includes('"') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`}`,
  })
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
