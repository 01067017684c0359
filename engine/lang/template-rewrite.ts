import type { Source } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'
import type { LanguageFunction } from './functions/function.ts'
import { functionNamed, functionNames } from './functions/table.ts'
import { type FreeName, Misfit } from './place-in-text.ts'
import { offsetOf, parseTemplate } from './template-parse.ts'

/** What a place in a template does, with its characters: helpers of the runtime find it by its index. */
export type Use =
  | { kind: 'literal'; value: unknown; start: number; end: number }
  | {
      kind: 'path'
      /** As written: `../item.name`. */
      text: string
      /** What to go through below the base. */
      parts: string[]
      /** What the base is: the context `depth` levels up, a block parameter, or data such as @index. */
      base: 'context' | 'local' | 'data'
      depth: number
      lenient: boolean
      start: number
      end: number
    }
  | {
      kind: 'call'
      name: string
      entry: LanguageFunction
      args: Use[]
      named: [string, Use][]
      start: number
      end: number
    }
  | { kind: 'each' | 'with' | 'lookup'; start: number; end: number; lenient: boolean; text: string }

export interface Rewritten {
  readonly uses: readonly Use[]
  readonly names: readonly FreeName[]
  readonly helpers: ReadonlySet<string>
  readonly partials: ReadonlyMap<string, hbs.AST.Program>
  readonly native: Use | undefined
}

type Ast = hbs.AST.Node
interface Level {
  /** How many levels up `../` reaches the variables: 0 when this context is the scope itself. */
  readonly depth: number
  readonly locals: ReadonlySet<string>
}
const blocks = new Set(['if', 'unless', 'each', 'with'])

/**
 * Changes a parsed template so that every value passes through our own look-up, which knows its place, refuses what is
 * undefined and notices what is unknown; the rest, blocks and white space above all, stays Handlebars' own.
 */
export function rewrite(
  program: hbs.AST.Program,
  text: string,
  partials?: (name: string) => Source | undefined,
): Rewritten {
  const rewriter = new Rewriter(text, partials)
  const only = program.body.length === 1 ? program.body[0] : undefined
  const native =
    only?.type === 'MustacheStatement' && !wasTrimmed(text)
      ? rewriter.use(only as hbs.AST.MustacheStatement)
      : undefined
  if (!native) rewriter.program(program, { depth: 0, locals: new Set() })
  return {
    uses: rewriter.uses,
    names: rewriter.names,
    helpers: rewriter.helpers,
    partials: rewriter.partialPrograms,
    native,
  }
}

/** `{{~x}}` with text around that was trimmed away is still a text. */
const wasTrimmed = (text: string) => !/^\{\{[\s\S]*\}\}$/.test(text)

class Rewriter {
  readonly uses: Use[] = []
  readonly names: FreeName[] = []
  readonly helpers = new Set<string>()
  readonly partialPrograms = new Map<string, hbs.AST.Program>()
  readonly #text: string
  readonly #partials: ((name: string) => Source | undefined) | undefined
  /** Inside a partial, places belong to another file: everything there is told at the partial's call. */
  #partialAt: { start: number; end: number; name: string } | undefined

  constructor(text: string, partials: ((name: string) => Source | undefined) | undefined) {
    this.#text = text
    this.#partials = partials
  }

  program(program: hbs.AST.Program | undefined, level: Level): void {
    for (const statement of program?.body ?? []) this.#statement(statement as Ast, level)
  }

  /** The one statement of a text that is a whole value. */
  use(statement: hbs.AST.MustacheStatement): Use {
    return this.#use(statement, { depth: 0, locals: new Set() }, false)
  }

  #statement(node: Ast, level: Level): void {
    switch (node.type) {
      case 'MustacheStatement': {
        const value = this.#expression(node, level, false)
        const index = this.#add({ kind: 'literal', value: undefined, ...this.#range(node) })
        Object.assign(node, { path: helperPath('__text', node), params: [value, number(index, node)], hash: undefined })
        return
      }
      case 'BlockStatement':
        this.#block(node as unknown as hbs.AST.BlockStatement, level)
        return
      case 'PartialStatement':
      case 'PartialBlockStatement':
        this.#partial(node as unknown as hbs.AST.PartialBlockStatement, level)
        return
      case 'Decorator':
      case 'DecoratorBlock':
        throw new Misfit('template', 'decorators are not supported', this.#range(node), 'Use a partial file.')
    }
  }

  #block(block: hbs.AST.BlockStatement, level: Level): void {
    const name = pathName(block.path)
    const known = blocks.has(name) && !this.#isLocal(block.path, level)
    const inner: Level = {
      depth: level.depth + (known && (name === 'if' || name === 'unless') ? 0 : 1),
      locals: new Set([...level.locals, ...(block.program?.blockParams ?? [])]),
    }
    if (known) {
      const range = this.#range(block.path)
      if (block.params.length !== 1) {
        throw new Misfit(
          'template',
          `#${name} takes one value, not ${block.params.length}`,
          range,
          block.params.length === 0
            ? `{{#${name} x}}…{{/${name}}}`
            : `Put a call in brackets: {{#${name} (${block.params.map((param) => this.#source(param)).join(' ')})}}.`,
        )
      }
      const param = block.params[0] as Ast
      const text = this.#source(param)
      let value = this.#expression(param, level, false)
      if (name === 'each' || name === 'with') {
        const index = this.#add({ kind: name, ...this.#range(param), lenient: false, text })
        value = subexpression('__try', [value, number(index, param)], param)
      }
      block.params = [value]
      for (const pair of block.hash?.pairs ?? []) pair.value = this.#expression(pair.value, level, false)
      this.program(block.program, name === 'if' || name === 'unless' ? { ...level, locals: inner.locals } : inner)
      this.program(block.inverse, level)
      return
    }
    // {{#x}}…{{/x}} and {{#eq a b}}…{{/eq}}: true, a list to go through, or a map to go into.
    const value = this.#expression(block, level, false)
    const entry = block.params.length > 0 || !this.#couldBeVariable(block.path, level)
    block.path = helperPath(entry ? 'if' : '__block', block) as never
    block.params = [value]
    ;(block as { hash?: unknown }).hash = undefined
    this.program(block.program, entry ? { ...level, locals: inner.locals } : inner)
    this.program(block.inverse, level)
  }

  #partial(node: hbs.AST.PartialBlockStatement, level: Level): void {
    const range = this.#range(node)
    if (node.name.type === 'SubExpression')
      throw new Misfit(
        'template',
        'the name of a partial must be written out',
        range,
        'Use {{#if}} to choose between partials.',
      )
    const name = (node.name as hbs.AST.PathExpression).original
    if (name === '@partial-block') return
    for (const [index, param] of node.params.entries()) node.params[index] = this.#expression(param, level, false)
    for (const pair of node.hash?.pairs ?? []) pair.value = this.#expression(pair.value, level, false)
    if (node.program) this.program(node.program, level)
    if (this.partialPrograms.has(name)) return
    const source = this.#partials?.(name)
    if (!source) {
      if (node.program) return
      throw new Misfit(
        'template',
        `there is no partial template "${name}"`,
        range,
        `Put ${name}.hbs beside this template.`,
      )
    }
    this.partialPrograms.set(name, { body: [] } as never)
    const inner = new Rewriter(source.text, this.#partials)
    const program = placedIn(source, () => parseTemplate(source.text))
    const own = inner as { uses: Use[]; partialPrograms: Map<string, hbs.AST.Program> }
    own.uses = this.uses
    own.partialPrograms = this.partialPrograms
    inner.#partialAt = { ...(this.#partialAt ?? range), name }
    // A partial given its own context or names may look up anything: its names are checked when it runs.
    const scoped = node.params.length > 0 || (node.hash?.pairs.length ?? 0) > 0 || level.depth > 0
    inner.program(program, { depth: scoped ? 1 : 0, locals: new Set() })
    if (!scoped) this.names.push(...inner.names.map((free) => ({ ...free, start: range.start, end: range.end })))
    for (const helper of inner.helpers) this.helpers.add(helper)
    this.partialPrograms.set(name, program)
  }

  /** The tree that computes a value at run time, and its Use for the direct way. */
  #expression(node: Ast, level: Level, lenient: boolean): hbs.AST.Expression {
    return this.#runtime(this.#use(node, level, lenient), node)
  }

  #runtime(use: Use, node: Ast): hbs.AST.Expression {
    if (use.kind === 'literal') {
      if (typeof use.value === 'string')
        return { type: 'StringLiteral', value: use.value, original: use.value, loc: node.loc } as never
      if (typeof use.value === 'number') return number(use.value, node)
      if (typeof use.value === 'boolean')
        return { type: 'BooleanLiteral', value: use.value, original: use.value, loc: node.loc } as never
      return { type: use.value === null ? 'NullLiteral' : 'UndefinedLiteral', loc: node.loc } as never
    }
    const index = this.#add(use)
    if (use.kind === 'path') return subexpression('__value', [basePath(use, node), number(index, node)], node)
    if (use.kind !== 'call') throw new Misfit('template', 'this cannot be computed', use)
    const args = use.args.map((arg) => this.#runtime(arg, node))
    const named = use.named.map(([key, value]) => ({
      type: 'HashPair',
      key,
      value: this.#runtime(value, node),
      loc: node.loc,
    }))
    const hash = named.length > 0 ? { type: 'Hash', pairs: named, loc: node.loc } : undefined
    return { ...subexpression('__call', [number(index, node), ...args], node), hash } as never
  }

  #use(node: Ast, level: Level, lenient: boolean): Use {
    const range = this.#range(node)
    switch (node.type) {
      case 'StringLiteral':
      case 'NumberLiteral':
      case 'BooleanLiteral':
        return { kind: 'literal', value: (node as hbs.AST.StringLiteral).value, ...range }
      case 'NullLiteral':
        return { kind: 'literal', value: null, ...range }
      case 'UndefinedLiteral':
        return { kind: 'literal', value: undefined, ...range }
      case 'PathExpression':
        return this.#path(node as unknown as hbs.AST.PathExpression, level, lenient)
    }
    const call = node as unknown as hbs.AST.SubExpression
    const callee = call.path as hbs.AST.PathExpression | hbs.AST.Literal
    const bare = call.params.length === 0 && !call.hash?.pairs.length
    if (callee.type !== 'PathExpression') {
      if (bare) return this.#use(callee, level, lenient)
      throw new Misfit(
        'template',
        `${this.#source(callee)} is no function`,
        this.#range(callee as Ast),
        'The first word in braces is a variable or a function.',
      )
    }
    const path = callee as hbs.AST.PathExpression
    const name = pathName(path)
    // A word alone is a variable; in brackets, or with arguments, it is a function.
    if (bare && (node.type !== 'SubExpression' || this.#isLocal(path, level))) {
      const takesNothing = functionNamed(name)?.parameters.every((parameter) => parameter.optional)
      if (!takesNothing || this.#isLocal(path, level) || path.parts.length !== 1 || path.depth > 0 || path.data)
        return this.#path(path, level, lenient)
    }
    return this.#call(call, path, name, level, lenient)
  }

  #call(call: hbs.AST.SubExpression, path: hbs.AST.PathExpression, name: string, level: Level, lenient: boolean): Use {
    const range = this.#range(path as never)
    const asked = name === 'lookup' ? 'get' : name
    const entry = path.parts.length === 1 && path.depth === 0 && !path.data ? functionNamed(asked) : undefined
    if (!entry || (name === 'lookup' && call.params.length !== 2)) {
      const hint =
        didYouMean(name, functionNames()) ??
        (call.params.length > 0
          ? 'The first word in braces, when others follow, is a function; tsplay doc lists them.'
          : 'tsplay doc lists the functions.')
      throw new Misfit('template', `there is no function "${path.original}"`, range, hint)
    }
    this.helpers.add(entry.name)
    const copes = (index: number) =>
      entry.acceptsUndefined === 'all' || (entry.acceptsUndefined === 'first' && index === 0)
    const args = call.params.map((param, index) => this.#use(param, level, copes(index)))
    const named = (call.hash?.pairs ?? []).map((pair): [string, Use] => [pair.key, this.#use(pair.value, level, false)])
    void lenient
    return {
      kind: 'call',
      name: path.original,
      entry,
      args,
      named,
      start: range.start,
      end: this.#range(call as never).end,
    }
  }

  #path(path: hbs.AST.PathExpression, level: Level, lenient: boolean): Use {
    const range = this.#range(path as never)
    const parts = path.parts as string[]
    const first = parts[0]
    if (this.#isLocal(path, level)) {
      return { kind: 'path', text: path.original, parts: parts.slice(1), base: 'local', depth: 0, lenient, ...range }
    }
    if (path.data) {
      if (first === 'root' && parts[1] !== undefined) this.#free(parts[1], range, lenient)
      return {
        kind: 'path',
        text: path.original,
        parts: parts.slice(1),
        base: 'data',
        depth: path.depth,
        lenient,
        ...range,
      }
    }
    if (first !== undefined && path.depth === level.depth) this.#free(first, range, lenient)
    return {
      kind: 'path',
      text: path.original,
      parts: [...parts],
      base: 'context',
      depth: path.depth,
      lenient,
      ...range,
    }
  }

  #free(name: string, range: { start: number; end: number }, optional: boolean): void {
    this.names.push({ name, ...range, optional })
  }

  #isLocal(path: hbs.AST.Expression, level: Level): boolean {
    const { parts, depth, data, original } = path as hbs.AST.PathExpression
    return (
      parts?.[0] !== undefined &&
      depth === 0 &&
      !data &&
      !/^(\.\/|this\b)/.test(original) &&
      level.locals.has(parts[0] as string)
    )
  }

  #couldBeVariable(path: hbs.AST.Expression, level: Level): boolean {
    return this.#isLocal(path, level) || path.type !== 'PathExpression' || functionNamed(pathName(path)) === undefined
  }

  #add(use: Use): number {
    return this.uses.push(use) - 1
  }

  #range(node: Ast): { start: number; end: number } {
    if (this.#partialAt) return { start: this.#partialAt.start, end: this.#partialAt.end }
    const loc = node.loc
    return {
      start: offsetOf(this.#text, loc.start.line, loc.start.column),
      end: offsetOf(this.#text, loc.end.line, loc.end.column),
    }
  }

  #source(node: Ast): string {
    const { line, column } = node.loc.start
    return this.#text.slice(
      offsetOf(this.#text, line, column),
      offsetOf(this.#text, node.loc.end.line, node.loc.end.column),
    )
  }
}

function placedIn<T>(source: Source, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw thrown instanceof Misfit
      ? thrown.toProblem({ span: { source, start: 0, end: 0 }, offsets: (index) => index })
      : thrown
  }
}

const pathName = (path: hbs.AST.Expression): string => {
  const { parts, original } = path as hbs.AST.PathExpression
  return parts?.length === 1 ? (parts[0] as string) : String(original)
}

function basePath(use: Use & { kind: 'path' }, node: Ast): hbs.AST.Expression {
  const first =
    use.base === 'context'
      ? []
      : [
          use.text
            .replace(/^@(\.\.\/)*/, '')
            .replace(/^\[([^\]]*)\].*$/, '$1')
            .split(/[./]/)[0]!,
        ]
  return {
    type: 'PathExpression',
    data: use.base === 'data',
    depth: use.depth,
    parts: first,
    original: use.base === 'context' ? '.' : first[0],
    loc: node.loc,
  } as never
}

const number = (value: number, node: Ast) =>
  ({ type: 'NumberLiteral', value, original: value, loc: node.loc }) as never as hbs.AST.Expression
const helperPath = (name: string, node: Ast) => ({
  type: 'PathExpression',
  data: false,
  depth: 0,
  parts: [name],
  original: name,
  loc: node.loc,
})
const subexpression = (name: string, params: hbs.AST.Expression[], node: Ast) =>
  ({
    type: 'SubExpression',
    path: helperPath(name, node),
    params,
    hash: undefined,
    loc: node.loc,
  }) as never as hbs.AST.Expression
