import { WrongArgument } from './function.ts'

export interface Translated {
  readonly source: string
  /** `i` alone: what else there is, is written into the source. */
  readonly flags: string
}

const wordCharacter = '\\p{L}\\p{N}_'
const classes: Readonly<Record<string, string>> = {
  w: `[${wordCharacter}]`,
  W: `[^${wordCharacter}]`,
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: '[\\s\\x1c-\\x1f\\x85]',
  S: '[^\\s\\x1c-\\x1f\\x85]',
  A: '(?<![^])',
  Z: '(?![^])',
  b: `(?:(?<=[${wordCharacter}])(?![${wordCharacter}])|(?<![${wordCharacter}])(?=[${wordCharacter}]))`,
  B: `(?:(?<=[${wordCharacter}])(?=[${wordCharacter}])|(?<![${wordCharacter}])(?![${wordCharacter}]))`,
}
const inClass: Readonly<Record<string, string>> = {
  w: wordCharacter,
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: '\\s\\x1c-\\x1f\\x85',
  b: '\\x08',
}
const controls: Readonly<Record<string, string>> = { a: '\\x07', f: '\\f', n: '\\n', r: '\\r', t: '\\t', v: '\\v' }

/** Python's syntax of regular expressions in JavaScript's, for the flag `u`. Throws WrongArgument for what has no counterpart. */
export function translate(pattern: string, options: { ignorecase: boolean; multiline: boolean }): Translated {
  const reader = new Reader(pattern, options)
  return { source: reader.source(), flags: reader.ignorecase ? 'i' : '' }
}

class Reader {
  ignorecase: boolean
  #multiline: boolean
  #dotAll = false
  #verbose = false
  readonly #text: string
  #at = 0

  constructor(text: string, options: { ignorecase: boolean; multiline: boolean }) {
    this.ignorecase = options.ignorecase
    this.#multiline = options.multiline
    const inline = /^\(\?([aiLmsux]+)\)/.exec(text)
    for (const flag of inline?.[1] ?? '') {
      if (flag === 'i') this.ignorecase = true
      if (flag === 'm') this.#multiline = true
      if (flag === 's') this.#dotAll = true
      if (flag === 'x') this.#verbose = true
    }
    this.#text = inline ? text.slice(inline[0].length) : text
  }

  source(): string {
    let made = ''
    while (this.#at < this.#text.length) made += this.#part()
    return made
  }

  #part(): string {
    const character = this.#text[this.#at++]!
    switch (character) {
      case '\\':
        return this.#escape()
      case '[':
        return this.#class()
      case '(':
        return this.#group()
      case '.':
        return this.#dotAll ? '[^]' : '[^\\n]'
      case '^':
        return this.#multiline ? '(?<![^\\n])' : '(?<![^])'
      case '$':
        return this.#multiline ? '(?![^\\n])' : '(?=\\n?(?![^]))'
      case '{':
        return this.#braces()
      case '}':
      case ']':
      case '/':
        return `\\${character}`
      case '*':
      case '+':
      case '?':
        if (this.#text[this.#at] === '+') throw notRegular(`possessive ${character}+ is not supported`)
        return character
      default:
        if (this.#verbose && /\s/.test(character)) return ''
        if (this.#verbose && character === '#') {
          const end = this.#text.indexOf('\n', this.#at)
          this.#at = end < 0 ? this.#text.length : end + 1
          return ''
        }
        return character
    }
  }

  /** `{2,3}` repeats, `{,3}` too; any other brace is a character. */
  #braces(): string {
    const found = /^(\d*)(,?)(\d*)\}/.exec(this.#text.slice(this.#at))
    if (!found || (found[1] === '' && found[2] === '') || found[0] === ',}') {
      return '\\{'
    }
    this.#at += found[0].length
    return `{${found[1] || '0'}${found[2]}${found[3]}}`
  }

  #group(): string {
    const rest = this.#text.slice(this.#at)
    if (!rest.startsWith('?')) return '('
    const named = /^\?P?<([A-Za-z_]\w*)>/.exec(rest)
    if (named) return this.#taken(named[0], `(?<${named[1]}>`)
    const again = /^\?P=(\w+)\)/.exec(rest)
    if (again) return this.#taken(again[0], `\\k<${again[1]}>`)
    const comment = /^\?#[^)]*\)/.exec(rest)
    if (comment) return this.#taken(comment[0], '')
    const plain = /^\?(?::|=|!|<=|<!)/.exec(rest)
    if (plain) return this.#taken(plain[0], `(${plain[0]}`)
    const what = /^\?(?:P?.[^)]?)?/.exec(rest)![0]
    if (/^\?[aiLmsux-]+[:)]/.test(rest)) throw notRegular('flags such as (?i) must stand at the very beginning')
    throw notRegular(`(${what} is not supported`)
  }

  #taken(text: string, made: string): string {
    this.#at += text.length
    return made
  }

  #escape(): string {
    const character = this.#text[this.#at++]
    if (character === undefined) throw notRegular('it ends with a backslash')
    if (Object.hasOwn(classes, character)) return classes[character]!
    if (/[1-9]/.test(character)) {
      const more = /^\d/.exec(this.#text.slice(this.#at))?.[0] ?? ''
      this.#at += more.length
      return `(?:\\${character}${more})`
    }
    if (character === 'p' || character === 'P' || character === 'k') return `\\${character}`
    return this.#character(character)
  }

  /** An escape that stands for one character, in and out of brackets. */
  #character(character: string): string {
    if (Object.hasOwn(controls, character)) return controls[character]!
    const digits = { x: 2, u: 4, U: 8 }[character]
    if (digits !== undefined) {
      const hex = new RegExp(`^[0-9a-fA-F]{${digits}}`).exec(this.#text.slice(this.#at))?.[0]
      if (hex === undefined) throw notRegular(`\\${character} needs ${digits} hexadecimal digits`)
      this.#at += digits
      return `\\u{${hex}}`
    }
    if (character === '0') {
      const octal = /^[0-7]{0,2}/.exec(this.#text.slice(this.#at))![0]
      this.#at += octal.length
      return `\\u{${Number.parseInt(octal || '0', 8).toString(16)}}`
    }
    if (/[A-Za-z]/.test(character)) throw notRegular(`bad escape \\${character}`)
    return /[\^$\\.*+?()[\]{}|/-]/.test(character) ? this.#quoted(character) : character
  }

  #quoted(character: string): string {
    // Outside of brackets an escaped hyphen is no escape that the flag u knows.
    return character === '-' ? '\\x2d' : `\\${character}`
  }

  #class(): string {
    const from = this.#at
    let made = '['
    if (this.#text[this.#at] === '^') {
      made += '^'
      this.#at++
    }
    let first = true
    let excluded = ''
    for (;;) {
      const character = this.#text[this.#at++]
      if (character === undefined) throw notRegular(`the [ at character ${from} is never closed`)
      if (character === ']' && !first) break
      first = false
      if (character !== '\\') {
        made += /[[\]()/{}|]/.test(character) ? `\\${character}` : character
        continue
      }
      const escaped = this.#text[this.#at++]
      if (escaped === undefined) throw notRegular(`the [ at character ${from} is never closed`)
      if (Object.hasOwn(inClass, escaped)) made += inClass[escaped]
      else if (escaped === 'S') excluded = '\\S'
      else if (escaped === 'W') excluded = `[^${wordCharacter}]`
      else if (escaped === 'p' || escaped === 'P') made += `\\${escaped}`
      else if (/[1-9]/.test(escaped)) throw notRegular('an octal escape in brackets is not supported')
      else made += this.#character(escaped)
    }
    made += ']'
    if (excluded === '') return made
    if (excluded === '\\S' && !made.startsWith('[^')) return `${made.slice(0, -1)}\\S]`
    if (made.startsWith('[^')) return `(?:(?!${excluded})${made})`
    return made === '[]' ? excluded : `(?:${excluded}|${made})`
  }
}

export function notRegular(why: string): WrongArgument {
  return new WrongArgument(
    `this is no regular expression: ${why}`,
    undefined,
    "The syntax is Python's, as in Ansible; in YAML, put it in single quotes.",
  )
}
