import { functionNamed, testNamed } from './functions/registry.ts'

/** A piece of a Jinja2 expression as CEL and as a template's word, `(upper name)`. */
export interface Part {
  readonly start: number
  readonly end: number
  readonly cel: string
  /** Undefined when templates cannot say it. */
  readonly word: string | undefined
  /** How tightly CEL binds it: an operator's rank, or 9. */
  readonly rank: number
}

type Range = Pick<Part, 'start' | 'end'>

export interface Arguments {
  readonly given: readonly Part[]
  readonly named: readonly (readonly [string, Part])[]
}

export const none: Arguments = { given: [], named: [] }

/** In brackets where it binds less tightly than what is around. */
export const within = (part: Part, rank: number) => (part.rank < rank ? `(${part.cel})` : part.cel)

export function part(range: Range, cel: string, word: string | undefined = cel, rank = 9): Part {
  return { start: range.start, end: range.end, cel, word, rank }
}

/** `f(a, b, with({"c": d}))` and `(f a b c=d)`. */
export function called(name: string, args: Arguments, range: Range): Part {
  const named = args.named.map(([key, value]) => `"${key}": ${value.cel}`)
  const all = [...args.given.map((one) => one.cel), ...(named.length > 0 ? [`with({${named.join(', ')}})`] : [])]
  const words = [...args.given.map((one) => one.word), ...args.named.map(([key, { word }]) => word && `${key}=${word}`)]
  const sayable = words.every((word) => word !== undefined)
  const word = sayable ? `(${[name, ...words].join(' ')})` : undefined
  return { ...range, cel: `${name}(${all.join(', ')})`, word, rank: 9 }
}

export const behind = (first: Part, { given, named }: Arguments): Arguments => ({ given: [first, ...given], named })

const wordFor: Readonly<Record<string, string>> = {
  '&&': 'and',
  '||': 'or',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  in: 'in',
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'mod',
}

export function operation(sign: string, rank: number, left: Part, right: Part): Part {
  const cel = `${within(left, rank)} ${sign} ${within(right, rank + 1)}`
  const { word } = called(
    wordFor[sign] ?? sign,
    { given: [left, right], named: [] },
    { start: left.start, end: right.end },
  )
  return { start: left.start, end: right.end, cel, word, rank }
}

export function negated(of: Part, start = of.start): Part {
  return { start, end: of.end, cel: `!${within(of, 8)}`, word: of.word && `(not ${of.word})`, rank: 8 }
}

export function filtered(value: Part, name: string, args: Arguments, end: number): Part {
  const range = { start: value.start, end }
  const bare = name.split('.').at(-1)!
  if (name === 'safe') return { ...value, end }
  if (name === 'list' && value.cel.endsWith(')')) return { ...value, end }
  return called(bare, behind(value, args), range)
}

/** `x is t(y)`: the operator, or the function, that asks it. */
export function tested(value: Part, name: string, args: Arguments, end: number): Part {
  const range = { start: value.start, end }
  const [other] = args.given
  const nothing = part(range, 'null')
  if (name === 'none') return { ...operation('==', 4, value, nothing), ...range }
  if (name === 'undefined') return negated(called('defined', { given: [value], named: [] }, range))
  const entry = testNamed(name)
  const sign = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=', in: 'in' }[entry?.name ?? '']
  if (sign && other && args.given.length === 1) return { ...operation(sign, 4, value, other), ...range }
  const bare = name.split('.').at(-1)!
  const callable = entry?.name ?? (functionNamed(bare) ? bare : `is_${bare}`)
  return called(callable, behind(value, args), range)
}
