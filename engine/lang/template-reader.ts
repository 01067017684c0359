import { didYouMean } from '../base/suggest.ts'
import { callMisfit, checkCall } from './functions/call.ts'
import type { LanguageFunction } from './functions/function.ts'
import { functionNamed, functionNames } from './functions/table.ts'
import { type FreeName, type Guard, Misfit, type TextPlace, type TextRange, type WrittenKey } from './place-in-text.ts'
import { jinjaInBraces } from './template-jinja.ts'
import { offsetOf } from './template-parse.ts'
import { pathName, type Tree } from './template-tree.ts'
import type { CallUse, PathUse, Use } from './template-use.ts'

/** Where in the nesting of blocks a value stands. */
export interface Level {
  /** How many `../` reach the variables: 0 when the context is the scope itself, Infinity when nothing does. */
  readonly depth: number
  /** Block parameters around. */
  readonly locals: ReadonlySet<string>
  /** The blocks around that must be entered. */
  readonly guards: readonly Guard[]
}

/** Reads the expressions of one template text. */
export class TemplateReader {
  readonly names: FreeName[] = []
  readonly helpers = new Set<string>()
  readonly #text: string
  /** Set inside a partial: its text is another file's. */
  readonly #place: TextPlace | undefined

  constructor(text: string, place: TextPlace | undefined) {
    this.#text = text
    this.#place = place
  }

  use(node: Tree, level: Level, lenient = false): Use {
    const range = this.range(node)
    switch (node.type) {
      case 'StringLiteral':
      case 'NumberLiteral':
      case 'BooleanLiteral':
        return { kind: 'literal', value: (node as hbs.AST.StringLiteral).value, ...range }
      case 'NullLiteral':
        return { kind: 'literal', value: null, ...range }
      case 'UndefinedLiteral':
        if (!lenient) throw new Misfit('template', 'undefined is no value', range, 'defined x asks whether x exists.')
        return { kind: 'literal', value: undefined, ...range }
      case 'PathExpression':
        return this.#path(node as hbs.AST.PathExpression, level, lenient)
      default:
        return this.#statement(node as hbs.AST.SubExpression, level, lenient)
    }
  }

  #statement(call: hbs.AST.SubExpression, level: Level, lenient: boolean): Use {
    const callee = call.path as hbs.AST.PathExpression | hbs.AST.Literal
    const bare = call.params.length === 0 && !call.hash?.pairs.length
    if (callee.type !== 'PathExpression') {
      if (bare) return this.use(callee, level, lenient)
      const hint = 'The first word in braces is a variable or a function.'
      throw new Misfit('template', `${this.source(callee)} is no function`, this.range(callee), hint)
    }
    const path = callee as hbs.AST.PathExpression
    // A word alone is a variable; in brackets, or with arguments, it is a function.
    if (bare && (call.type !== 'SubExpression' || this.isLocal(path, level))) {
      return this.#path(path, level, lenient, callable(path))
    }
    return this.#call(call, path, level, lenient)
  }

  #call(call: hbs.AST.SubExpression, path: hbs.AST.PathExpression, level: Level, lenient: boolean): CallUse {
    const name = pathName(path)
    const simple = path.parts.length === 1 && path.depth === 0 && !path.data
    const entry = simple ? functionNamed(name) : undefined
    const range = this.range(path)
    if (!entry) {
      const jinja = jinjaInBraces(this.source(call).replace(/^\{+[~&]?|[~]?\}+$/g, ''))
      if (jinja) throw new Misfit('template', jinja.message, this.range(call), jinja.hint)
      const hint =
        (blockNames.has(name) ? `It is a block: {{#${name} x}}…{{/${name}}}.` : undefined) ??
        didYouMean(name, functionNames()) ??
        `${call.params.length > 0 ? 'The first of several words in braces is a function; ' : ''}tsplay doc --functions lists them.`
      throw new Misfit('template', `there is no function "${path.original}"`, range, hint)
    }
    this.helpers.add(entry.name)
    const args = call.params.map((param, index) => this.use(param, level, copes(entry, index)))
    const pairs = call.hash?.pairs ?? []
    const named = pairs.map((pair) => [pair.key, this.use(pair.value, level)] as const)
    const end = Math.max(range.end, ...[...call.params, ...pairs].map((part) => this.range(part).end))
    try {
      checkCall(entry, args.length, Object.keys(Object.fromEntries(named)), path.original)
    } catch (thrown) {
      throw callMisfit('template', thrown, name, { ...range, end })
    }
    return { kind: 'call', name: path.original, entry, args, named, lenient, ...range, end }
  }

  #path(path: hbs.AST.PathExpression, level: Level, lenient: boolean, orCall?: LanguageFunction): PathUse {
    const range = this.range(path)
    const parts = path.parts as string[]
    const [first, ...rest] = parts
    const common = { kind: 'path', text: path.original, lenient, orCall: undefined, ...range } as const
    if (this.isLocal(path, level)) return { ...common, base: 'local', depth: 0, first, parts: rest }
    if (path.data) {
      if (first === 'root' && rest[0] !== undefined) this.#free(rest, range, lenient, level)
      return { ...common, base: 'data', depth: path.depth, first, parts: rest }
    }
    if (first !== undefined && path.depth === level.depth && !orCall) this.#free(parts, range, lenient, level)
    return { ...common, base: 'context', depth: path.depth, first: undefined, parts, orCall }
  }

  #free([name, ...rest]: readonly string[], range: TextRange, optional: boolean, { guards }: Level): void {
    let at = this.#text.indexOf(name!, range.start) + name!.length
    const keys: WrittenKey[] = rest.map((key) => {
      const start = this.#text.indexOf(key, at)
      at = start + key.length
      return { ...range, name: key, start, end: at }
    })
    this.names.push({ ...range, name: name!, optional, keys, guards })
  }

  isLocal(path: Tree, level: Level): boolean {
    const { parts, depth, data, original } = path as hbs.AST.PathExpression
    const first = parts?.[0]
    if (typeof first !== 'string' || depth > 0 || data || /^(\.\/|this\b)/.test(original)) return false
    return level.locals.has(first)
  }

  range(node: Tree): TextRange {
    const { start, end } = node.loc
    const range = {
      start: offsetOf(this.#text, start.line, start.column),
      end: offsetOf(this.#text, end.line, end.column),
    }
    return this.#place ? { ...range, place: this.#place } : range
  }

  source(node: Tree): string {
    const { start, end } = this.range(node)
    return this.#text.slice(start, end)
  }
}

const blockNames = new Set(['if', 'unless', 'each', 'with'])

const copes = (entry: LanguageFunction, index: number) =>
  entry.acceptsUndefined === 'all' || (entry.acceptsUndefined === 'first' && index === 0)

/** The function a bare word may call, when no variable has the name. */
function callable(path: hbs.AST.PathExpression): LanguageFunction | undefined {
  if (path.parts.length !== 1 || path.depth > 0 || path.data) return undefined
  const entry = functionNamed(path.parts[0] as string)
  return entry?.parameters.every(({ optional, takes }) => optional && takes === 'one') ? entry : undefined
}
