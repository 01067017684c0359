import {
  type Arguments,
  called,
  filtered,
  negated,
  none,
  operation,
  type Part,
  part,
  tested,
  within,
} from './jinja-part.ts'
import { jinjaTokens, type Token } from './jinja-tokens.ts'

export interface JinjaRead {
  readonly whole: Part
  /** The first piece that only Jinja2 has; undefined when there is none. */
  readonly foreign: { readonly start: number; readonly end: number } | undefined
}

/** Reads a Jinja2 expression, to say how it is spelt here; undefined when it is none. */
export function readJinja(text: string): JinjaRead | undefined {
  const tokens = jinjaTokens(text)
  if (!tokens) return undefined
  const reader = new Reader(tokens)
  try {
    const whole = reader.conditional()
    return reader.next.kind === 'end' ? { whole, foreign: reader.foreign } : undefined
  } catch (thrown) {
    if (thrown instanceof NoJinja) return undefined
    throw thrown
  }
}

class NoJinja extends Error {}

const comparisons = ['==', '!=', '<', '<=', '>', '>=']
const words: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null', none: 'null' }

class Reader {
  readonly #tokens: readonly Token[]
  #at = 0
  foreign: { start: number; end: number } | undefined

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get next(): Token {
    return this.#tokens[this.#at]!
  }

  #take(): Token {
    return this.#tokens[this.#at++]!
  }

  #is(...texts: string[]): boolean {
    return (this.next.kind === 'sign' || this.next.kind === 'name') && texts.includes(this.next.text)
  }

  #expect(text: string): Token {
    if (!this.#is(text)) throw new NoJinja()
    return this.#take()
  }

  #mark(start: number, end: number): void {
    if (!this.foreign || start < this.foreign.start) this.foreign = { start, end }
  }

  conditional(): Part {
    const value = this.#or()
    if (!this.#is('if')) return value
    this.#take()
    const condition = this.#or()
    const other = this.#otherwise() ?? part(condition, "''", '""')
    this.#mark(value.start, other.end)
    const cel = `${within(condition, 2)} ? ${within(value, 2)} : ${other.cel}`
    const { word } = called('ternary', { given: [condition, value, other], named: [] }, value)
    return { start: value.start, end: other.end, cel, word, rank: 1 }
  }

  #otherwise(): Part | undefined {
    if (!this.#is('else')) return undefined
    this.#take()
    return this.conditional()
  }

  #or(): Part {
    return this.#chain(() => this.#and(), { or: '||' }, 2)
  }

  #and(): Part {
    return this.#chain(() => this.#not(), { and: '&&' }, 3)
  }

  #chain(inner: () => Part, signs: Readonly<Record<string, string>>, rank: number): Part {
    let left = inner()
    while (this.#is(...Object.keys(signs))) {
      const { text, start, end } = this.#take()
      if (signs[text] !== text) this.#mark(start, end)
      left = operation(signs[text]!, rank, left, inner())
    }
    return left
  }

  #not(): Part {
    if (!this.#is('not')) return this.#comparison()
    const { start, end } = this.#take()
    this.#mark(start, end)
    return negated(this.#not(), start)
  }

  #comparison(): Part {
    let left = this.#sum()
    for (;;) {
      const not = this.#is('not')
      if (not) this.#take()
      if (this.#is('in')) {
        this.#take()
        const right = this.#sum()
        const found = operation('in', 4, left, right)
        if (not) this.#mark(left.start, right.end)
        left = not ? negated(found) : found
      } else if (!not && this.#is(...comparisons)) left = operation(this.#take().text, 4, left, this.#sum())
      else if (not) throw new NoJinja()
      else return left
    }
  }

  #sum(): Part {
    return this.#chain(() => this.#joined(), { '+': '+', '-': '-' }, 5)
  }

  #joined(): Part {
    let left = this.#product()
    while (this.#is('~')) {
      this.#take()
      const right = this.#product()
      this.#mark(left.start, right.end)
      const text = ({ cel }: Part) => (/^['"]/.test(cel) || cel.startsWith('string(') ? cel : `string(${cel})`)
      const before = left.rank === 5 ? left.cel : text(left)
      left = { start: left.start, end: right.end, cel: `${before} + ${text(right)}`, word: undefined, rank: 5 }
    }
    return left
  }

  #product(): Part {
    return this.#chain(() => this.#power(), { '*': '*', '/': '/', '//': '/', '%': '%' }, 6)
  }

  #power(): Part {
    const base = this.#unary()
    if (!this.#is('**')) return base
    this.#take()
    const exponent = this.#power()
    this.#mark(base.start, exponent.end)
    return called('pow', { given: [base, exponent], named: [] }, { start: base.start, end: exponent.end })
  }

  #unary(): Part {
    if (!this.#is('-', '+')) return this.#filters(this.#postfix(this.#primary()))
    const { text, start } = this.#take()
    const inner = this.#unary()
    const sign = text === '-' ? '-' : ''
    return { ...inner, start, cel: `${sign}${within(inner, 8)}`, word: inner.word && `${sign}${inner.word}` }
  }

  #filters(first: Part): Part {
    let value = first
    for (;;) {
      if (this.#is('|')) {
        this.#take()
        const name = this.#dotted()
        const args = this.#is('(') ? this.#arguments() : none
        const end = this.#tokens[this.#at - 1]!.end
        this.#mark(value.start, end)
        value = filtered(value, name, args, end)
      } else if (this.#is('is')) {
        this.#take()
        const not = this.#is('not')
        if (not) this.#take()
        const name = this.#dotted()
        const args = this.#is('(') ? this.#arguments() : this.#oneArgument()
        const end = this.#tokens[this.#at - 1]!.end
        this.#mark(value.start, end)
        const found = tested(value, name, args, end)
        value = !not ? found : unnegated(found)
      } else return value
    }
  }

  /** `x is divisibleby 3`. */
  #oneArgument(): Arguments {
    const { kind, text } = this.next
    const begins =
      text === '[' ||
      text === '{' ||
      kind === 'number' ||
      kind === 'text' ||
      (kind === 'name' && !/^(and|or|else|not|if|is|in)$/.test(text))
    return begins ? { given: [this.#postfix(this.#primary())], named: [] } : none
  }

  #dotted(): string {
    let name = this.#name()
    while (this.#is('.')) {
      this.#take()
      name = this.#name()
    }
    return name
  }

  #name(): string {
    if (this.next.kind !== 'name') throw new NoJinja()
    return this.#take().text
  }

  #arguments(): Arguments {
    const given: Part[] = []
    const named: [string, Part][] = []
    this.#expect('(')
    while (!this.#is(')')) {
      const after = this.#tokens[this.#at + 1]
      if (this.next.kind === 'name' && after?.text === '=' && after.kind === 'sign') {
        const name = this.#take().text
        this.#mark(this.next.start, this.#take().end)
        named.push([name, this.conditional()])
      } else given.push(this.conditional())
      if (!this.#is(')')) this.#expect(',')
    }
    this.#expect(')')
    return { given, named }
  }

  #postfix(first: Part): Part {
    let value = first
    for (;;) {
      if (this.#is('.')) {
        this.#take()
        const { text, kind, end } = this.#take()
        if (kind !== 'name' && kind !== 'number') throw new NoJinja()
        if (this.#is('(')) {
          const args = this.#arguments()
          const range = { start: value.start, end: this.#tokens[this.#at - 1]!.end }
          const { word } = called(text, { given: [value, ...args.given], named: args.named }, range)
          value = { ...range, cel: `${within(value, 9)}.${called(text, args, range).cel}`, word, rank: 9 }
        } else value = this.#member(value, text, kind === 'number' ? `[${text}]` : `.${text}`, end)
      } else if (this.#is('[')) value = this.#index(value)
      else if (this.#is('(') && /^\w+$/.test(value.cel)) {
        const args = this.#arguments()
        value = called(value.cel, args, { start: value.start, end: this.#tokens[this.#at - 1]!.end })
      } else return value
    }
  }

  #member(value: Part, key: string, cel: string, end: number): Part {
    const simple = value.word !== undefined && !/[ ("]/.test(value.word)
    const part = /^\w+$/.test(key) && !/^\d/.test(key) ? key : `[${key}]`
    const word = simple ? `${value.word}.${part}` : value.word && `(lookup ${value.word} "${key}")`
    return { start: value.start, end, cel: `${within(value, 9)}${cel}`, word, rank: 9 }
  }

  #index(value: Part): Part {
    this.#take()
    const from = this.#is(':') ? undefined : this.conditional()
    if (!this.#is(':')) {
      const { end } = this.#expect(']')
      const literal = /^(?:'([^']*)'|"([^"]*)"|(\d+))$/.exec(from!.cel)
      if (literal) return this.#member(value, literal[1] ?? literal[2] ?? literal[3]!, `[${from!.cel}]`, end)
      const word = value.word && from!.word && `(lookup ${value.word} ${from!.word})`
      return { start: value.start, end, cel: `${within(value, 9)}[${from!.cel}]`, word, rank: 9 }
    }
    this.#take()
    const to = this.#is(']') ? undefined : this.conditional()
    const { end } = this.#expect(']')
    this.#mark(value.start, end)
    const zero = part(value, '0')
    return called(
      'substring',
      { given: [value, from ?? zero, ...(to ? [to] : [])], named: [] },
      { start: value.start, end },
    )
  }

  #primary(): Part {
    const token = this.#take()
    if (token.kind === 'name') return part(token, words[token.text] ?? token.text)
    if (token.kind === 'number') return part(token, token.text.replaceAll('_', ''))
    if (token.kind === 'text') {
      const inner = token.text.slice(1, -1)
      return part(token, token.text, inner.includes('"') ? `'${inner}'` : `"${inner}"`)
    }
    if (token.text === '(') {
      const value = this.conditional()
      const { end } = this.#expect(')')
      return { ...value, start: token.start, end }
    }
    if (token.text === '[') return this.#items(token.start)
    if (token.text === '{') return this.#pairs(token.start)
    throw new NoJinja()
  }

  #items(start: number): Part {
    const items: Part[] = []
    while (!this.#is(']')) {
      items.push(this.conditional())
      if (!this.#is(']')) this.#expect(',')
    }
    const { end } = this.#expect(']')
    const { word } = called('array', { given: items, named: [] }, { start, end })
    return { start, end, cel: `[${items.map(({ cel }) => cel).join(', ')}]`, word, rank: 9 }
  }

  #pairs(start: number): Part {
    const pairs: [Part, Part][] = []
    while (!this.#is('}')) {
      const key = this.conditional()
      this.#expect(':')
      pairs.push([key, this.conditional()])
      if (!this.#is('}')) this.#expect(',')
    }
    const { end } = this.#expect('}')
    const named = pairs.map(([key, value]) => [/^["'](\w+)["']$/.exec(key.cel)?.[1] ?? '', value] as const)
    const sayable = named.every(([key]) => key !== '')
    const word = sayable ? called('dict', { given: [], named }, { start, end }).word : undefined
    const cel = `{${pairs.map(([key, value]) => `${key.cel}: ${value.cel}`).join(', ')}}`
    return { start, end, cel, word, rank: 9 }
  }
}

/** `x is not none` is `x != null`, `x is not undefined` is `defined(x)`. */
function unnegated(found: Part): Part {
  if (found.cel.startsWith('!')) {
    return { ...found, cel: found.cel.slice(1), word: found.word?.replace(/^\(not (.*)\)$/s, '$1'), rank: 9 }
  }
  if (found.rank === 4 && / == null$/.test(found.cel)) {
    return { ...found, cel: found.cel.replace(/ == null$/, ' != null'), word: found.word?.replace(/^\(eq /, '(ne ') }
  }
  return negated(found)
}
