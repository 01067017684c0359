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
import { jinjaTokens } from './jinja-tokens.ts'
import { JinjaValues, NoJinja } from './jinja-values.ts'

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

const comparisons = ['==', '!=', '<', '<=', '>', '>=']

class Reader extends JinjaValues {
  conditional(): Part {
    const value = this.#or()
    if (!this.is('if')) return value
    this.take()
    const condition = this.#or()
    const other = this.#otherwise() ?? part(condition, "''", '""')
    this.mark(value.start, other.end)
    const cel = `${within(condition, 2)} ? ${within(value, 2)} : ${other.cel}`
    const { word } = called('ternary', { given: [condition, value, other], named: [] }, value)
    return { start: value.start, end: other.end, cel, word, rank: 1 }
  }

  #otherwise(): Part | undefined {
    if (!this.is('else')) return undefined
    this.take()
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
    while (this.is(...Object.keys(signs))) {
      const { text, start, end } = this.take()
      if (signs[text] !== text) this.mark(start, end)
      left = operation(signs[text]!, rank, left, inner())
    }
    return left
  }

  #not(): Part {
    if (!this.is('not')) return this.#comparison()
    const { start, end } = this.take()
    this.mark(start, end)
    return negated(this.#not(), start)
  }

  #comparison(): Part {
    let left = this.#sum()
    for (;;) {
      const not = this.is('not')
      if (not) this.take()
      if (this.is('in')) {
        this.take()
        const right = this.#sum()
        const found = operation('in', 4, left, right)
        if (not) this.mark(left.start, right.end)
        left = not ? negated(found) : found
      } else if (!not && this.is(...comparisons)) left = operation(this.take().text, 4, left, this.#sum())
      else if (not) throw new NoJinja()
      else return left
    }
  }

  #sum(): Part {
    return this.#chain(() => this.#joined(), { '+': '+', '-': '-' }, 5)
  }

  #joined(): Part {
    let left = this.#product()
    while (this.is('~')) {
      this.take()
      const right = this.#product()
      this.mark(left.start, right.end)
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
    if (!this.is('**')) return base
    this.take()
    const exponent = this.#power()
    this.mark(base.start, exponent.end)
    return called('pow', { given: [base, exponent], named: [] }, { start: base.start, end: exponent.end })
  }

  #unary(): Part {
    if (!this.is('-', '+')) return this.#filters(this.postfix(this.primary()))
    const { text, start } = this.take()
    const inner = this.#unary()
    const sign = text === '-' ? '-' : ''
    return { ...inner, start, cel: `${sign}${within(inner, 8)}`, word: inner.word && `${sign}${inner.word}` }
  }

  #filters(first: Part): Part {
    let value = first
    for (;;) {
      if (this.is('|')) {
        this.take()
        const name = this.dotted()
        const args = this.is('(') ? this.arguments() : none
        const end = this.behind
        this.mark(value.start, end)
        value = filtered(value, name, args, end)
      } else if (this.is('is')) {
        this.take()
        const not = this.is('not')
        if (not) this.take()
        const name = this.dotted()
        const args = this.is('(') ? this.arguments() : this.#oneArgument()
        const end = this.behind
        this.mark(value.start, end)
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
    return begins ? { given: [this.postfix(this.primary())], named: [] } : none
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
