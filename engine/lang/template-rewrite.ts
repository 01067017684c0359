import type { Source } from '../base/span.ts'
import { type FreeName, filePlace, Misfit, placed, type TextPlace } from './place-in-text.ts'
import { entered } from './template-guard.ts'
import { jinjaInBraces } from './template-jinja.ts'
import { parseTemplate } from './template-parse.ts'
import { type Level, TemplateReader } from './template-reader.ts'
import { baseTree, callTree, type Expression, helperTree, literalTree, pathName, type Tree } from './template-tree.ts'
import type { Use } from './template-use.ts'

export type Partials = (name: string) => Source | undefined

export interface Rewritten {
  readonly uses: readonly Use[]
  readonly names: readonly FreeName[]
  readonly helpers: ReadonlySet<string>
  readonly partials: ReadonlyMap<string, hbs.AST.Program>
  /** Set when the text is one `{{…}}`. */
  readonly native: Use | undefined
  /** Set when it is texts and values one after the other: nothing of it needs Handlebars' runtime. */
  readonly row: readonly (string | Use)[] | undefined
}

/** What a template and its partials share. */
interface Shared {
  readonly uses: Use[]
  readonly names: FreeName[]
  readonly helpers: Set<string>
  readonly partials: Map<string, hbs.AST.Program>
  readonly find: Partials | undefined
}

const outermost: Level = { depth: 0, locals: new Set(), guards: [] }
/** Inside a partial that is given its own context, no name is surely a variable. */
const elsewhere: Level = { depth: Number.POSITIVE_INFINITY, locals: new Set(), guards: [] }

/**
 * Changes a parsed template so that every value passes through our own look-up, which knows its place, refuses what is
 * undefined and notices what is unknown; the rest, blocks and white space above all, stays Handlebars' own.
 */
export function rewrite(program: hbs.AST.Program, text: string, find?: Partials): Rewritten {
  const shared: Shared = { uses: [], names: [], helpers: new Set(), partials: new Map(), find }
  const rewriter = new Rewriter(text, undefined, shared)
  const only = program.body.length === 1 && /^\{\{[\s\S]*\}\}$/.test(text) ? program.body[0] : undefined
  const native = only?.type === 'MustacheStatement' ? rewriter.reader.use(only, outermost) : undefined
  const row = native ? undefined : rewriter.row(program)
  if (!native && !row) rewriter.program(program, outermost)
  rewriter.finish()
  return { ...shared, native, row }
}

class Rewriter {
  readonly reader: TemplateReader
  readonly #shared: Shared

  constructor(text: string, place: TextPlace | undefined, shared: Shared) {
    this.reader = new TemplateReader(text, place)
    this.#shared = shared
  }

  finish(): void {
    this.#shared.names.push(...this.reader.names)
    for (const helper of this.reader.helpers) this.#shared.helpers.add(helper)
  }

  row({ body }: hbs.AST.Program): (string | Use)[] | undefined {
    if (!body.every(({ type }) => type === 'ContentStatement' || type === 'MustacheStatement')) return undefined
    return body.map((part) =>
      part.type === 'ContentStatement' ? (part as hbs.AST.ContentStatement).value : this.reader.use(part, outermost),
    )
  }

  program(program: hbs.AST.Program | undefined, level: Level): void {
    for (const statement of program?.body ?? []) this.#statement(statement, level)
  }

  #statement(node: Tree, level: Level): void {
    switch (node.type) {
      case 'MustacheStatement': {
        const use = this.reader.use(node, level)
        const index = this.#shared.uses.push(use) - 1
        const params = [this.#tree(use, node), literalTree(index, node)]
        Object.assign(node, { path: helperTree('__text', node), params, hash: undefined })
        return
      }
      case 'BlockStatement':
        this.#block(node as hbs.AST.BlockStatement, level)
        return
      case 'PartialStatement':
      case 'PartialBlockStatement':
        this.#partial(node as hbs.AST.PartialBlockStatement, level)
        return
      case 'Decorator':
      case 'DecoratorBlock':
        throw new Misfit('template', 'decorators are not supported', this.reader.range(node), 'Use a partial file.')
    }
  }

  #block(block: hbs.AST.BlockStatement, level: Level): void {
    const name = pathName(block.path)
    const locals = new Set([...level.locals, ...(block.program?.blockParams ?? [])])
    const mine = this.reader.isLocal(block.path, level)
    if (!mine && name === 'raw' && block.params.length === 0) {
      Object.assign(block, { path: helperTree('if', block), params: [literalTree(true, block)] })
      return
    }
    const entersContext = !mine && (name === 'each' || name === 'with')
    const enters = (use: Use, deeper: boolean): Level => ({
      depth: level.depth + (deeper ? 1 : 0),
      locals,
      guards: [...level.guards, ...entered(use, name, level.depth, name !== 'unless')],
    })
    let about: Use
    if (entersContext || (!mine && (name === 'if' || name === 'unless'))) {
      about = this.#keywordBlock(block, name, level)
      this.program(block.program, enters(about, entersContext))
    } else {
      // {{#x}}…{{/x}} enters a map or goes through a list; {{#eq a b}}…{{/eq}} asks.
      const asks = block.params.length > 0 || (block.hash?.pairs.length ?? 0) > 0
      about = this.reader.use(block, level)
      const value = this.#blockValue(about, asks ? 'if' : name, name, block)
      Object.assign(block, { path: helperTree(asks ? 'if' : '__block', block), params: [value], hash: undefined })
      this.program(block.program, enters(about, !asks))
    }
    const otherwise = entered(about, name, level.depth, name === 'unless')
    this.program(block.inverse, { ...level, guards: [...level.guards, ...otherwise] })
  }

  #keywordBlock(block: hbs.AST.BlockStatement, name: string, level: Level): Use {
    const [param, ...more] = block.params
    if (!param || more.length > 0) {
      const words = block.params.map((part) => this.reader.source(part)).join(' ')
      const jinja = jinjaInBraces(`${name} ${words}`)
      if (jinja) {
        const last = this.reader.range(block.params.at(-1)!)
        throw new Misfit(
          'template',
          jinja.message,
          { ...this.reader.range(block.params[0]!), end: last.end },
          jinja.hint,
        )
      }
      throw new Misfit(
        'template',
        `#${name} takes one value, not ${block.params.length}`,
        this.reader.range(block.path),
        param ? `Put a call in brackets: {{#${name} (${words})}}.` : `Write {{#${name} x}}…{{/${name}}}.`,
      )
    }
    const about = this.reader.use(param, level)
    block.params = [this.#blockValue(about, name, this.reader.source(param), param)]
    for (const pair of block.hash?.pairs ?? []) pair.value = this.#tree(this.reader.use(pair.value, level), pair.value)
    return about
  }

  #blockValue(use: Use, block: string, text: string, node: Tree): Expression {
    const { start, end, place } = use
    const range = place ? { start, end, place } : { start, end }
    const index = this.#shared.uses.push({ kind: 'block', block, text, ...range }) - 1
    return callTree('__about', [this.#tree(use, node), literalTree(index, node)], node)
  }

  #partial(node: hbs.AST.PartialBlockStatement, level: Level): void {
    const { partials, find } = this.#shared
    const range = this.reader.range(node)
    if (node.name.type === 'SubExpression') {
      throw new Misfit('template', 'a partial must be named by a word', range, 'Choose between partials with {{#if}}.')
    }
    const name = (node.name as hbs.AST.PathExpression).original
    node.params = node.params.map((param) => this.#tree(this.reader.use(param, level), param))
    const pairs = node.hash?.pairs ?? []
    for (const pair of pairs) pair.value = this.#tree(this.reader.use(pair.value, level), pair.value)
    if (node.program) this.program(node.program, level)
    if (name === '@partial-block' || partials.has(name)) return
    const source = find?.(name)
    if (!source) {
      if (node.program) return
      throw new Misfit('template', `there is no partial "${name}"`, range, `Put ${name}.hbs beside this template.`)
    }
    const place = filePlace(source)
    const program = placed(place, () => parseTemplate(source.text))
    partials.set(name, program)
    const inner = new Rewriter(source.text, place, this.#shared)
    const own = node.params.length > 0 || pairs.length > 0 || level.depth > 0
    inner.program(program, own ? elsewhere : { ...outermost, guards: level.guards })
    inner.finish()
  }

  /** The tree that computes a use at run time. */
  #tree(use: Use, node: Tree): Expression {
    if (use.kind === 'literal') return literalTree(use.value, node)
    const index = literalTree(this.#shared.uses.push(use) - 1, node)
    if (use.kind === 'path') return callTree('__value', [baseTree(use, node), index], node)
    if (use.kind !== 'call') throw new Misfit('template', 'this cannot be computed', use)
    const args = use.args.map((arg) => this.#tree(arg, node))
    const named = use.named.map(([key, value]) => [key, this.#tree(value, node)] as const)
    return callTree('__call', [index, ...args], node, named)
  }
}
