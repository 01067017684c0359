/**
 * A value as INI inventories write it: a Python literal (42, 'text', True, None, [1, 2], {'a': 1}) or, when it is none, the
 * text itself.
 */
export function literalOrText(text: string): unknown {
  const reader = new Reader(text)
  try {
    const value = reader.value()
    reader.end()
    return value
  } catch (error) {
    if (error === notALiteral) return text
    throw error
  }
}

const notALiteral = new Error('not a literal')
const words = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
])
const escapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['\n', ''],
  ...['\\', "'", '"'].map((same): [string, string] => [same, same]),
])

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length && this.#text[this.#at] !== '#') throw notALiteral
  }

  value(): unknown {
    this.#space()
    const first = this.#text[this.#at]
    if (first === '"' || first === "'") return this.#strings()
    if (first === '[') return this.#items(']')
    if (first === '(') return this.#items(')')
    if (first === '{') return this.#map()
    const word = this.#match(/[A-Za-z]+/y)
    if (word !== undefined) {
      if (!words.has(word)) throw notALiteral
      return words.get(word)
    }
    return this.#number()
  }

  #number(): number {
    const sign = this.#match(/[+-]/y) === '-' ? -1 : 1
    this.#space()
    const whole = this.#match(/0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+/y)
    // 0755 is no number to Python: it stays a text, as a file mode should.
    const text = whole ?? this.#match(/(?:(?:0+|[1-9](?:_?\d)*)(?![\d_])(?:\.\d*)?|\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?/y)
    if (text === undefined || /[\w.]/.test(this.#text[this.#at] ?? '')) throw notALiteral
    return sign * Number(text.replaceAll('_', ''))
  }

  /** Texts side by side are one. */
  #strings(): string {
    let joined = ''
    for (let quote = this.#match(/["']/y); quote !== undefined; quote = this.#match(/["']/y)) {
      joined += this.#string(quote)
      this.#space()
    }
    return joined
  }

  #string(quote: string): string {
    let text = ''
    for (;;) {
      const character = this.#text[this.#at++]
      if (character === undefined || character === '\n') throw notALiteral
      if (character === quote) return text
      if (character !== '\\') {
        text += character
        continue
      }
      const coded = this.#match(/x[\da-fA-F]{2}|u[\da-fA-F]{4}/y)
      if (coded !== undefined) text += String.fromCharCode(Number.parseInt(coded.slice(1), 16))
      else {
        const next = this.#text[this.#at++] ?? ''
        text += escapes.get(next) ?? `\\${next}`
      }
    }
  }

  #items(close: string): unknown[] {
    this.#at++
    const items: unknown[] = []
    for (;;) {
      this.#space()
      if (this.#take(close)) return items
      items.push(this.value())
      this.#space()
      if (!this.#take(',') && this.#text[this.#at] !== close) throw notALiteral
    }
  }

  #map(): Record<string, unknown> {
    this.#at++
    const map: [string, unknown][] = []
    for (;;) {
      this.#space()
      if (this.#take('}')) return Object.fromEntries(map)
      const key = this.value()
      this.#space()
      if (!this.#take(':')) throw notALiteral
      map.push([String(key), this.value()])
      this.#space()
      if (!this.#take(',') && this.#text[this.#at] !== '}') throw notALiteral
    }
  }

  #space(): void {
    this.#match(/[ \t]+/y)
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}
