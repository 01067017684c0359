import { Lexer } from 'yaml'

/** What the lexer says besides text: document, flow error end, scalar. */
const MARKS = new Set(['\u0002', '\u0018', '\u001f'])

/** Where the quoted text begins that runs on to `end`: the end of the file says little to who forgot a quote. */
export function openingQuote(text: string, quote: string, end: number): number | undefined {
  let last: number | undefined
  for (const [lexeme, at] of lexemes(text, end)) if (lexeme.startsWith(quote)) last = at
  return last
}

/** The innermost brace or bracket that is still open at `end`. */
export function openingBracket(text: string, end: number): number | undefined {
  const open: number[] = []
  for (const [lexeme, at] of lexemes(text, end)) {
    if (lexeme === '{' || lexeme === '[') open.push(at)
    else if (lexeme === '}' || lexeme === ']') open.pop()
  }
  return open.at(-1)
}

function* lexemes(text: string, end: number): Generator<[string, number]> {
  let at = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (MARKS.has(lexeme)) continue
    if (at >= end) return
    yield [lexeme, at]
    at += lexeme.length
  }
}
