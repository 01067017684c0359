import { isMap, Moment } from './function.ts'
import { byCodePoint, numberText } from './python-text.ts'
import { formOf, readsAsOther } from './yaml-scalar.ts'

export interface YamlOptions {
  readonly indent: number
  readonly width: number
  readonly sortKeys: boolean
  /** Collections on one line in braces: all, none, or, undefined, those that hold scalars only. */
  readonly flow: boolean | undefined
}

interface Place {
  readonly inMap?: boolean
  readonly isKey?: boolean
}

/** Data as YAML to the letter as PyYAML writes it with libyaml, line breaks at the width included: what templates were written for. */
export function yamlText(value: unknown, options: YamlOptions): string {
  return new Writer(options).document(value)
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}
const lineBreaks = '\n\x85\u2028\u2029'

class Writer {
  readonly #options: YamlOptions
  #out = ''
  #column = 0
  /** The last character was white space, or only marks of indentation stand on the line. */
  #blank = true
  #indention = true
  #indent: number | undefined
  #flowLevel = 0

  constructor(options: YamlOptions) {
    this.#options = options
  }

  document(value: unknown): string {
    this.#node(value, {})
    this.#newIndent()
    return this.#out
  }

  #node(value: unknown, place: Place): void {
    if (Array.isArray(value)) this.#list(value, place)
    else if (isMap(value)) this.#map(value)
    else this.#within({ flow: true }, () => this.#scalar(value, place.isKey === true))
  }

  #inFlow(children: readonly unknown[]): boolean {
    if (this.#flowLevel > 0 || children.length === 0) return true
    if (this.#options.flow !== undefined) return this.#options.flow
    return children.every((child) => typeof child !== 'object' || child === null)
  }

  #within(how: { flow?: boolean; indentless?: boolean }, work: () => void): void {
    const before = this.#indent
    const best = this.#options.indent
    if (before === undefined) this.#indent = how.flow ? best : 0
    else if (!how.indentless) this.#indent = before + best
    work()
    this.#indent = before
  }

  #list(items: readonly unknown[], place: Place): void {
    if (this.#inFlow(items)) this.#flow('[', ']', items, (item) => this.#node(item, {}))
    else this.#blockList(items, place)
  }

  #blockList(items: readonly unknown[], place: Place): void {
    this.#within({ indentless: place.inMap === true && !this.#indention }, () => {
      for (const item of items) {
        this.#newIndent()
        this.#mark('-', true, { indention: true })
        this.#node(item, {})
      }
    })
  }

  #map(map: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(map)
    if (this.#options.sortKeys) keys.sort(byCodePoint)
    if (this.#inFlow(Object.values(map))) this.#flow('{', '}', keys, (key) => this.#pair(key, map[key]))
    else this.#blockMap(keys, map)
  }

  #blockMap(keys: readonly string[], map: Readonly<Record<string, unknown>>): void {
    this.#within({}, () => {
      for (const key of keys) {
        this.#newIndent()
        this.#pair(key, map[key])
      }
    })
  }

  #pair(key: string, value: unknown): void {
    if (Buffer.byteLength(key) <= 128 && !formOf(key).multiline) {
      this.#node(key, { inMap: true, isKey: true })
      this.#mark(':', false)
    } else {
      this.#mark('?', true, { indention: true })
      this.#node(key, { inMap: true })
      if (this.#flowLevel === 0 || this.#column > this.#options.width) this.#newIndent()
      this.#mark(':', true, { indention: this.#flowLevel === 0 })
    }
    this.#node(value, { inMap: true })
  }

  #flow<T>(open: string, close: string, items: readonly T[], write: (item: T) => void): void {
    this.#mark(open, true, { blank: true })
    this.#flowLevel++
    this.#within({ flow: true }, () => {
      for (const [index, item] of items.entries()) {
        if (index > 0) this.#mark(',', false)
        if (this.#column > this.#options.width) this.#newIndent()
        write(item)
      }
    })
    this.#flowLevel--
    this.#mark(close, false)
  }

  #scalar(value: unknown, isKey: boolean): void {
    if (typeof value === 'string') this.#text(value, isKey)
    else if (value instanceof Moment) this.#text(value.toJSON(), isKey)
    else this.#plain(typeof value === 'number' ? floatText(value) : String(value), !isKey)
  }

  #text(text: string, isKey: boolean): void {
    const form = formOf(text)
    const fits = this.#flowLevel > 0 ? form.plainInFlow : form.plainInBlock
    if (fits && !readsAsOther(text) && !(isKey && text === '')) this.#plain(text, !isKey)
    else if (form.singleQuoted && !(isKey && form.multiline)) this.#single(text, !isKey)
    else this.#double(text, !isKey)
  }

  #write(text: string): void {
    this.#out += text
    this.#column += [...text].length
  }

  #mark(mark: string, needsBlank: boolean, { blank = false, indention = false } = {}): void {
    this.#write(this.#blank || !needsBlank ? mark : ` ${mark}`)
    this.#blank = blank
    this.#indention = this.#indention && indention
  }

  #newLine(character = '\n'): void {
    this.#out += character
    this.#column = 0
    this.#blank = true
    this.#indention = true
  }

  #newIndent(): void {
    const indent = this.#indent ?? 0
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#blank)) this.#newLine()
    if (this.#column < indent) {
      this.#blank = true
      this.#write(' '.repeat(indent - this.#column))
    }
  }

  /** Words written one by one, a single blank between them broken when the line is too long. */
  #words(text: string, mayBreak: (from: number, to: number) => boolean): void {
    for (const found of text.matchAll(/ +|[^ ]+/g)) {
      const from = found.index
      const isBlank = found[0] === ' '
      if (isBlank && this.#column > this.#options.width && mayBreak(from, from + 1)) {
        this.#newIndent()
        this.#blank = false
        this.#indention = false
      } else this.#write(found[0])
    }
  }

  #plain(text: string, split: boolean): void {
    if (text === '') return
    if (!this.#blank) this.#write(' ')
    this.#blank = false
    this.#indention = false
    this.#words(text, () => split)
  }

  #single(text: string, split: boolean): void {
    this.#mark("'", true)
    for (const found of text.matchAll(/[\n\x85\u2028\u2029]+|[^\n\x85\u2028\u2029]+/g)) {
      const part = found[0]
      if (lineBreaks.includes(part[0]!)) {
        if (part.startsWith('\n')) this.#newLine()
        for (const one of part) this.#newLine(one)
        this.#newIndent()
      } else {
        const from = found.index
        const whole = text.length
        this.#words(
          part.replaceAll("'", "''"),
          (start, end) => split && from + start !== 0 && !isEnd(from, end, part, whole),
        )
      }
    }
    this.#mark("'", false)
  }

  #double(text: string, split: boolean): void {
    this.#mark('"', true)
    const characters = [...text]
    let afterBlank = false
    for (const [index, one] of characters.entries()) {
      const isInside = index > 0 && index < characters.length - 1
      if (one === ' ' && split && isInside && !afterBlank && this.#column > this.#options.width) {
        this.#newIndent()
        if (characters[index + 1] === ' ') this.#write('\\')
      } else this.#write(isReadable(one) ? one : escaped(one))
      afterBlank = one === ' '
    }
    this.#mark('"', false)
  }
}

const isEnd = (from: number, end: number, part: string, whole: number) =>
  end === part.replaceAll("'", "''").length && from + part.length === whole

function isReadable(character: string): boolean {
  if ('"\\\x85\u2028\u2029\ufeff'.includes(character)) return false
  const code = character.codePointAt(0)!
  return (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd)
}

function escaped(character: string): string {
  if (Object.hasOwn(escapes, character)) return `\\${escapes[character]}`
  const code = character.codePointAt(0)!
  const hex = (digits: number) => code.toString(16).toUpperCase().padStart(digits, '0')
  return code <= 0xff ? `\\x${hex(2)}` : code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`
}

function floatText(value: number): string {
  const text = numberText(value)
  if (text === 'NaN') return '.nan'
  if (text.endsWith('Infinity')) return text.replace('Infinity', '.inf')
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text
}
