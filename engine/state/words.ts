import { Problem } from '../base/problem.ts'
import { quote } from '../wire/quote.ts'

/** A stretch of a text that blanks (outside quotes) end; `raw` is as written, `value` without its quotes. */
export interface Word {
  readonly raw: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** Splits as a POSIX shell (and Python's shlex) would, with nothing expanded. Throws bad-parameter for an open quote. */
export function splitWords(text: string): Word[] {
  const words: Word[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++
      continue
    }
    const start = at
    let value = ''
    while (at < text.length && !/\s/.test(text[at]!)) {
      const sign = text[at]!
      if (sign === '\\') {
        value += text[at + 1] === '\n' ? '' : (text[at + 1] ?? '\\')
        at += 2
      } else if (sign === "'") {
        const end = text.indexOf("'", at + 1)
        if (end < 0) throw new OpenQuote(text, sign, at)
        value += text.slice(at + 1, end)
        at = end + 1
      } else if (sign === '"') {
        const start = at++
        for (; text[at] !== '"'; at++) {
          if (at >= text.length) throw new OpenQuote(text, sign, start)
          if (text[at] === '\\' && /["\\$`\n]/.test(text[at + 1] ?? '')) at++
          value += text[at]
        }
        at++
      } else {
        value += sign
        at++
      }
    }
    words.push({ raw: text.slice(start, at), value, start, end: Math.min(at, text.length) })
  }
  return words
}

/** A quotation mark that is not closed, and where it is. */
export class OpenQuote extends Problem {
  readonly index: number

  constructor(text: string, sign: string, index: number) {
    super(
      'bad-parameter',
      `A quotation mark ${sign} is not closed in: ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`,
      { hint: `Close it; for the sign itself write \\${sign}.` },
    )
    this.index = index
  }
}

const OPTIONS = ['chdir', 'creates', 'removes', 'executable', 'stdin', 'stdin_add_newline', 'strip_empty_ends']

/** Takes `creates=/x` and its like out of the free form of command and shell; the rest stays as written. */
export function takeOptions(
  text: string,
  names: readonly string[] = OPTIONS,
): { options: Record<string, string>; rest: string } {
  const options: Record<string, string> = {}
  if (!/(^|\s)[a-z_]+=/.test(text)) return { options, rest: text }
  let rest = ''
  let at = 0
  for (const word of splitWords(text)) {
    const name = /^(\w+)=/.exec(word.raw)?.[1]
    if (name === undefined || !names.includes(name)) continue
    options[name] = word.value.slice(name.length + 1)
    rest += text.slice(at, word.start)
    at = word.end
  }
  return { options, rest: (rest + text.slice(at)).trim() }
}

/** A shell word that means `text`, with `$NAME`, `${NAME}` and a leading `~` filled in on the host; what is not set stays as written. */
export function expandingWord(text: string): string {
  const tilde = /^~[A-Za-z0-9_.-]*(?=\/|$)/.exec(text)?.[0] ?? ''
  let word = tilde
  let at = tilde.length
  for (const match of text.matchAll(/\$(?:(\w+)|\{(\w+)\})/g)) {
    const name = match[1] ?? match[2]!
    if (!/^[A-Za-z_]/.test(name)) continue
    if (match.index > at) word += quote(text.slice(at, match.index))
    word += `"\${${name}-${match[0].replace(/[\\$}]/g, '\\$&')}}"`
    at = match.index + match[0].length
  }
  if (at < text.length || word === '') word += quote(text.slice(at))
  return word
}
