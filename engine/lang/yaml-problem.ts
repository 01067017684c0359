import type { ErrorCode, YAMLError } from 'yaml'
import { Problem } from '../base/problem.ts'
import { holdsSecret } from '../base/secret-line.ts'
import type { Source, Span } from '../base/span.ts'
import { suggest } from '../base/suggest.ts'
import { openingBracket, openingQuote } from './yaml-opening.ts'

/** What is said of a mistake, and the characters it is about. */
interface Telling {
  readonly message: string
  readonly hint: string
  readonly start?: number
  readonly end?: number
}

/** A line of the source, its first character that is no space, and whether it must not be repeated in words. */
interface Line {
  readonly text: string
  readonly start: number
  readonly content: number
  readonly secret: boolean
}

const unknown: Telling = {
  message: 'this cannot be read as YAML',
  hint: 'Look at the indentation and the quotes of this line and of the one above.',
}

type Teller = (source: Source, start: number, error: YAMLError) => Telling

const tellers: Partial<Record<ErrorCode, Teller>> = {
  TAB_AS_INDENT: () => tab,
  BLOCK_AS_IMPLICIT_KEY: keyInValue,
  BLOCK_IN_FLOW: commaMissing,
  MULTILINE_IMPLICIT_KEY: noKey,
  BAD_INDENT: (source, start, error) =>
    /^Flow/.test(error.message) ? neverClosed(source, start) : misplaced(source, start),
  MISSING_CHAR: missingCharacter,
  UNEXPECTED_TOKEN: unexpected,
  BAD_SCALAR_START: badStart,
  BAD_DQ_ESCAPE: () => ({
    message: 'this backslash sequence means nothing in double quotes',
    hint: 'Write \\\\ for a backslash, or use single quotes.',
  }),
  MULTIPLE_ANCHORS: () => ({ message: 'one value has several anchors', hint: 'Leave one.' }),
  MULTIPLE_TAGS: () => ({ message: 'one value has several tags', hint: 'Leave one.' }),
}

export function yamlProblem(error: YAMLError, source: Source): Problem {
  const length = source.text.length
  const start = Math.min(error.pos[0], length)
  const end = Math.max(Math.min(error.pos[1], length), start)
  const line = lineAt(source, start)
  const tabbed = /^ *\t/.test(line.text)
  const told = tabbed ? tab : (tellers[error.code]?.(source, start, error) ?? unknown)
  const from = told.start ?? (start < line.content ? line.content : start)
  const to = told.end ?? (told.start === undefined ? Math.max(end, from) : from + 1)
  return new Problem('yaml-syntax', told.message, { at: { source, start: from, end: to }, hint: told.hint })
}

const tab: Telling = {
  message: 'a tab is used to indent',
  hint: 'YAML indents with spaces only: replace the tab.',
}

function lineAt(source: Source, offset: number): Line {
  const { line, column } = source.position(offset)
  const text = source.line(line)
  const start = offset - column + 1
  return { text, start, content: start + (text.length - text.trimStart().length), secret: holdsSecret(text) }
}

/** `name: Note: this` or a line that is indented below a value. */
function keyInValue(source: Source, start: number): Telling {
  const line = lineAt(source, start)
  const value = withoutComment(line.text.slice(start - line.start))
  if (start <= line.content && line.text.startsWith('- ', line.content - line.start))
    return {
      message: 'this item of a list is indented more than those above it',
      hint: 'Line its dash up with theirs.',
      start: line.content,
      end: line.start + withoutComment(line.text).length,
    }
  if (/:(?:\s|$)/.test(value))
    return {
      message: 'this text has a colon and a space in it: to YAML, a key within a value',
      hint: line.secret ? 'Put the value in quotes.' : `Quote it: ${quoted(value)}`,
      start,
      end: start + value.length,
    }
  const next = nextLine(source, line)
  const key = /([^\s:-][^:]*):\s/.exec(line.text)?.[1]
  return {
    message: 'this line is indented more than the key that it should stand below',
    hint: key ? `Line it up with "${key}".` : 'Line it up with the line above.',
    start: next.content,
    end: next.start + next.text.trimEnd().length,
  }
}

function nextLine(source: Source, line: Line): Line {
  let at = line
  do at = lineAt(source, Math.min(at.start + at.text.length + 1, source.text.length))
  while (at.text.trim() === '' && at.start + at.text.length < source.text.length)
  return at
}

/** `{path: /tmp/x state: directory}`. */
function commaMissing(source: Source, start: number): Telling {
  const line = lineAt(source, start)
  const rest = line.text.slice(start - line.start)
  const second = /\s([\w.-]+):(?:\s|$)/.exec(rest)
  if (!second) return { ...unknown, message: 'a comma is missing between two entries' }
  const from = start + second.index + 1
  return {
    message: 'a comma is missing between two entries',
    hint: `Put a comma before "${second[1]}:", or quote the text that holds it.`,
    start: from,
    end: from + second[1]!.length,
  }
}

/** A line that should be a key or an item, and is neither. */
function noKey(source: Source, at: number): Telling {
  const line = lineAt(source, at)
  const text = withoutComment(line.text.trimStart()).replace(/^(?:- +)+/, '')
  const start = line.start + line.text.indexOf(text, line.content - line.start)
  const place = { start, end: start + text.length }
  if (line.text.startsWith('- ', line.content - line.start) && at <= line.content)
    return {
      message: 'this item of a list stands among the keys of a map',
      hint: 'Indent it below the key that it belongs to, or take the dash away.',
      ...place,
    }
  const tight = /^([\w.-]+):(\S.*)$/.exec(text)
  if (tight)
    return {
      message: 'there is no space behind the colon',
      hint: line.secret ? 'Put a space behind it.' : `Write "${tight[1]}: ${tight[2]}".`,
      ...place,
    }
  if (/^-\S/.test(text))
    return { message: 'there is no space behind the dash', hint: `Write "- ${text.slice(1)}".`, ...place }
  const [, key = text, value = ''] = /^(\S+)\s+(.*)$/.exec(text) ?? []
  return {
    message: 'this line is neither "key: value" nor the item of a list',
    hint: line.secret ? 'Is a colon missing?' : `Is a colon missing? "${`${key}: ${value}`.trimEnd()}"`,
    ...place,
  }
}

function misplaced(source: Source, start: number): Telling {
  const line = lineAt(source, start)
  return {
    message: 'this line is indented in a way that fits nothing above it',
    hint: 'Line it up with the keys or the items that it belongs to.',
    start: Math.max(start, line.content),
    end: line.start + withoutComment(line.text).length,
  }
}

function neverClosed(source: Source, end: number): Telling {
  const start = openingBracket(source.text, end)
  if (start === undefined) return unknown
  const sign = source.text[start]!
  return {
    message: `this ${sign} is never closed`,
    hint: `Close it with ${sign === '{' ? '}' : ']'}; a text that begins with ${sign} must be quoted.`,
    start,
    end: start + 1,
  }
}

function missingCharacter(source: Source, start: number, error: YAMLError): Telling {
  const quote = /^Missing closing ("|')quote/.exec(error.message)?.[1]
  if (quote !== undefined) {
    const opening = openingQuote(source.text, quote, start)
    return {
      message: `this ${quote} is never closed`,
      hint: "Close the quote; one inside the text is written \\\" in double quotes, '' in single ones.",
      ...(opening === undefined ? {} : { start: opening, end: opening + 1 }),
    }
  }
  if (/must end with/.test(error.message)) return neverClosed(source, start)
  if (/between/.test(error.message)) return commaMissing(source, start)
  if (/implicit (?:map )?key/i.test(error.message)) return noKey(source, start)
  return misplaced(source, start)
}

/** What stands behind the end of a value. */
function unexpected(source: Source, start: number): Telling {
  const line = lineAt(source, start)
  const before = line.text.slice(0, start - line.start).trimEnd()
  const end = line.start + withoutComment(line.text).length
  const value = /^\s*(?:- +)*(?:[^\s#'"{][^#'"{]*:\s+)?(.*)$/.exec(withoutComment(line.text))?.[1] ?? ''
  if (/["']$/.test(before))
    return {
      message: 'the text goes on behind its closing quote',
      hint: line.secret || value === '' ? 'Put the whole value in quotes.' : wholeQuoted(value),
      start,
      end,
    }
  if (/[}\]]$/.test(before))
    return {
      message: `the value goes on behind its closing ${before.at(-1)}`,
      hint: line.secret || value === '' ? 'Put the whole value in quotes.' : `Quote the whole value: ${quoted(value)}`,
      start,
      end,
    }
  return {
    message: 'this does not belong here',
    hint: 'Quote a value that begins with one of @ ` % & * ! | > { [ or holds ": " or " #".',
  }
}

function badStart(source: Source, start: number): Telling {
  const line = lineAt(source, start)
  const value = withoutComment(line.text.slice(start - line.start))
  if (line.secret) return { message: 'a value cannot begin with this character', hint: 'Put the value in quotes.' }
  return {
    message: `a value cannot begin with ${value[0]}`,
    hint: `Quote it: ${quoted(value)}`,
    start,
    end: start + value.length,
  }
}

/** A value that begins with braces and is not quoted, on the line of an offset: the most common mistake there is. */
export function unquotedBraces(source: Source, offset: number): Problem | undefined {
  const line = lineAt(source, offset)
  const found = /^(\s*(?:- +)*(?:[^\s#'"{][^#'"{]*:\s+|- +|))(\{\{.*)$/.exec(line.text)
  if (!found) return undefined
  const value = withoutComment(found[2]!)
  if (!value.includes('}}')) return undefined
  const start = line.start + found[1]!.length
  const key = /^(\{\{.*?\}\}[^:"']*):(?:\s+(.*))?$/.exec(value)?.[1]
  if (key !== undefined)
    return new Problem('yaml-trap', 'a key that begins with {{ must be quoted: to YAML, { begins a map', {
      at: { source, start, end: start + key.length },
      hint: `Quote it: ${quoted(key)}:`,
    })
  return new Problem('yaml-trap', 'a value that begins with {{ must be quoted: to YAML, { begins a map', {
    at: { source, start, end: start + value.length },
    hint: line.secret ? 'Put the value in quotes.' : `Quote it: ${quoted(value)}`,
  })
}

/** Bytes that are no text, or text in another encoding: nothing more needs to be said of such a file. */
export function noText(source: Source): Problem | undefined {
  const binary = source.text.indexOf('\0')
  const foreign = source.text.indexOf('\ufffd')
  if (binary < 0 && foreign < 0) return undefined
  const start = binary < 0 ? foreign : binary
  return new Problem('yaml-syntax', binary < 0 ? 'this file is not written in UTF-8' : 'this is not a text file', {
    at: { source, start, end: start + 1 },
    hint: binary < 0 ? 'Save it as UTF-8, or write the character as "\\u00e9".' : 'Name a file of YAML here.',
  })
}

const knownTags = [
  ...['!expr', '!vault', '!unsafe'],
  ...['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `!!${name}`),
]

export function unknownTag(tag: string, span: Span): Problem {
  const shown = tag.replace('tag:yaml.org,2002:', '!!')
  const start = span.source.text.lastIndexOf(shown, span.start)
  const near = suggest(shown, knownTags)
  return new Problem('yaml-syntax', 'there is no such YAML tag here', {
    at: start < 0 ? span : { ...span, start, end: start + shown.length },
    hint: near
      ? `Did you mean "${near}"?`
      : `Put a text that begins with ! in quotes; tags are !expr, !vault and !unsafe.`,
  })
}

/** `"kind == "web""` wants the other quotes around it, `"a" b` wants quotes at all. */
function wholeQuoted(value: string): string {
  const inner = /^(["'])(.*)\1$/.exec(value)
  return inner ? `Put the other quotes around it: ${quoted(inner[2]!)}` : `Quote the whole value: ${quoted(value)}`
}

const withoutComment = (text: string) => text.replace(/\s+#.*$/, '').trimEnd()

/** In quotes, behind its tag when it has one. */
function quoted(whole: string): string {
  const tag = /^!\w+\s+/.exec(whole)?.[0] ?? ''
  const value = whole.slice(tag.length)
  return tag + (/["\\]/.test(value) ? `'${value.replaceAll("'", "''")}'` : `"${value}"`)
}
