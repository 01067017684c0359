import { type Arguments, called, type Part, part, within } from './jinja-part.ts'
import type { Token } from './jinja-tokens.ts'

/** Thrown where a text is no Jinja2 expression. */
export class NoJinja extends Error {}

const words: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null', none: 'null' }

/** Goes through the tokens of a Jinja2 expression and reads its values: names, texts, lists, calls, parts of them. */
export abstract class JinjaValues {
  protected readonly tokens: readonly Token[]
  #at = 0
  /** The first piece that only Jinja2 has. */
  foreign: { start: number; end: number } | undefined

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  /** A whole expression: what brackets and commas hold. */
  abstract conditional(): Part

  /** Where the token before ends. */
  protected get behind(): number {
    return this.tokens[this.#at - 1]!.end
  }

  get next(): Token {
    return this.tokens[this.#at]!
  }

  protected take(): Token {
    return this.tokens[this.#at++]!
  }

  protected is(...texts: string[]): boolean {
    return (this.next.kind === 'sign' || this.next.kind === 'name') && texts.includes(this.next.text)
  }

  protected expect(text: string): Token {
    if (!this.is(text)) throw new NoJinja()
    return this.take()
  }

  protected mark(start: number, end: number): void {
    if (!this.foreign || start < this.foreign.start) this.foreign = { start, end }
  }

  protected dotted(): string {
    let name = this.name()
    while (this.is('.')) {
      this.take()
      name = this.name()
    }
    return name
  }

  protected name(): string {
    if (this.next.kind !== 'name') throw new NoJinja()
    return this.take().text
  }

  protected arguments(): Arguments {
    const given: Part[] = []
    const named: [string, Part][] = []
    this.expect('(')
    while (!this.is(')')) {
      const after = this.tokens[this.#at + 1]
      if (this.next.kind === 'name' && after?.text === '=' && after.kind === 'sign') {
        const name = this.take().text
        this.mark(this.next.start, this.take().end)
        named.push([name, this.conditional()])
      } else given.push(this.conditional())
      if (!this.is(')')) this.expect(',')
    }
    this.expect(')')
    return { given, named }
  }

  protected postfix(first: Part): Part {
    let value = first
    for (;;) {
      if (this.is('.')) {
        this.take()
        const { text, kind, end } = this.take()
        if (kind !== 'name' && kind !== 'number') throw new NoJinja()
        if (this.is('(')) {
          const args = this.arguments()
          const range = { start: value.start, end: this.behind }
          const { word } = called(text, { given: [value, ...args.given], named: args.named }, range)
          value = { ...range, cel: `${within(value, 9)}.${called(text, args, range).cel}`, word, rank: 9 }
        } else value = this.member(value, text, kind === 'number' ? `[${text}]` : `.${text}`, end)
      } else if (this.is('[')) value = this.index(value)
      else if (this.is('(') && /^\w+$/.test(value.cel)) {
        const args = this.arguments()
        value = called(value.cel, args, { start: value.start, end: this.behind })
      } else return value
    }
  }

  protected member(value: Part, key: string, cel: string, end: number): Part {
    const simple = value.word !== undefined && !/[ ("]/.test(value.word)
    const part = /^\w+$/.test(key) && !/^\d/.test(key) ? key : `[${key}]`
    const word = simple ? `${value.word}.${part}` : value.word && `(lookup ${value.word} "${key}")`
    return { start: value.start, end, cel: `${within(value, 9)}${cel}`, word, rank: 9 }
  }

  protected index(value: Part): Part {
    this.take()
    const from = this.is(':') ? undefined : this.conditional()
    if (!this.is(':')) {
      const { end } = this.expect(']')
      const literal = /^(?:'([^']*)'|"([^"]*)"|(\d+))$/.exec(from!.cel)
      if (literal) return this.member(value, literal[1] ?? literal[2] ?? literal[3]!, `[${from!.cel}]`, end)
      const word = value.word && from!.word && `(lookup ${value.word} ${from!.word})`
      return { start: value.start, end, cel: `${within(value, 9)}[${from!.cel}]`, word, rank: 9 }
    }
    this.take()
    const to = this.is(']') ? undefined : this.conditional()
    const { end } = this.expect(']')
    this.mark(value.start, end)
    const zero = part(value, '0')
    return called(
      'substring',
      { given: [value, from ?? zero, ...(to ? [to] : [])], named: [] },
      { start: value.start, end },
    )
  }

  protected primary(): Part {
    const token = this.take()
    if (token.kind === 'name') return part(token, words[token.text] ?? token.text)
    if (token.kind === 'number') return part(token, token.text.replaceAll('_', ''))
    if (token.kind === 'text') {
      const inner = token.text.slice(1, -1)
      return part(token, token.text, inner.includes('"') ? `'${inner}'` : `"${inner}"`)
    }
    if (token.text === '(') {
      const value = this.conditional()
      const { end } = this.expect(')')
      return { ...value, start: token.start, end }
    }
    if (token.text === '[') return this.items(token.start)
    if (token.text === '{') return this.pairs(token.start)
    throw new NoJinja()
  }

  protected items(start: number): Part {
    const items: Part[] = []
    while (!this.is(']')) {
      items.push(this.conditional())
      if (!this.is(']')) this.expect(',')
    }
    const { end } = this.expect(']')
    const { word } = called('array', { given: items, named: [] }, { start, end })
    return { start, end, cel: `[${items.map(({ cel }) => cel).join(', ')}]`, word, rank: 9 }
  }

  protected pairs(start: number): Part {
    const pairs: [Part, Part][] = []
    while (!this.is('}')) {
      const key = this.conditional()
      this.expect(':')
      pairs.push([key, this.conditional()])
      if (!this.is('}')) this.expect(',')
    }
    const { end } = this.expect('}')
    const named = pairs.map(([key, value]) => [/^["'](\w+)["']$/.exec(key.cel)?.[1] ?? '', value] as const)
    const sayable = named.every(([key]) => key !== '')
    const word = sayable ? called('dict', { given: [], named }, { start, end }).word : undefined
    const cel = `{${pairs.map(([key, value]) => `${key.cel}: ${value.cel}`).join(', ')}}`
    return { start, end, cel, word, rank: 9 }
  }
}
