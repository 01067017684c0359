import type { PathUse } from './template-use.ts'

/** Nodes of Handlebars' tree, built by hand. */
export type Tree = hbs.AST.Node
export type Expression = hbs.AST.Expression

export function literalTree(value: unknown, like: Tree): Expression {
  const { loc } = like
  switch (typeof value) {
    case 'string':
      return { type: 'StringLiteral', value, original: value, loc } as never
    case 'number':
      return { type: 'NumberLiteral', value, original: value, loc } as never
    case 'boolean':
      return { type: 'BooleanLiteral', value, original: value, loc } as never
    default:
      return { type: value === null ? 'NullLiteral' : 'UndefinedLiteral', loc } as never
  }
}

export function helperTree(name: string, like: Tree): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc: like.loc } as never
}

export function callTree(
  name: string,
  params: Expression[],
  like: Tree,
  named: readonly (readonly [string, Expression])[] = [],
): Expression {
  const { loc } = like
  const pairs = named.map(([key, value]) => ({ type: 'HashPair', key, value, loc }))
  const hash = pairs.length > 0 ? { type: 'Hash', pairs, loc } : undefined
  return { type: 'SubExpression', path: helperTree(name, like), params, hash, loc } as never
}

/** What a path begins at; the keys below are looked up by us. */
export function baseTree(use: PathUse, like: Tree): Expression {
  const parts = use.first === undefined ? [] : [use.first]
  const original = use.first ?? '.'
  return {
    type: 'PathExpression',
    data: use.base === 'data',
    depth: use.depth,
    parts,
    original,
    loc: like.loc,
  } as never
}

export function pathName(path: Expression): string {
  const { parts, original } = path as hbs.AST.PathExpression
  return parts?.length === 1 ? (parts[0] as string) : String(original)
}
