import { Problem } from '../base/problem.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { compileExpression, type Expression } from './expression.ts'
import type { MapNode, Node, ScalarNode } from './node.ts'
import { define, keyText } from './plain.ts'
import type { Controller, OpenVault, Scope } from './scope.ts'
import { compileTemplate, type Template } from './template.ts'

/** The value of `omit`: a map entry or list item that is this is left out. */
export const OMIT: unique symbol = Symbol('omit')

export interface RenderOptions {
  /** Default: what the scope has. */
  readonly openVault?: OpenVault | undefined
  /** Instead of throwing TouchedUnknown, the Unknown stands where the text would: for parameters of a dry run. */
  readonly keepUnknown?: boolean | undefined
  /** For functions that read on the controller; asked for when one does. */
  readonly controller?: (() => Controller) | undefined
}

const templates = new WeakMap<ScalarNode, Template>()
const expressions = new WeakMap<Node, Expression>()

/** Whether anything in a text is filled in. */
export function isTemplate({ value, unsafe }: ScalarNode): boolean {
  return typeof value === 'string' && !unsafe && /\{[{%]/.test(value)
}

export function templateOf(node: ScalarNode): Template | undefined {
  if (!isTemplate(node)) return undefined
  let template = templates.get(node)
  if (!template) {
    template = compileTemplate(String(node.value), node)
    templates.set(node, template)
  }
  return template
}

export function expressionOf(node: Extract<Node, { kind: 'expr' }>): Expression {
  let expression = expressions.get(node)
  if (!expression) {
    expression = compileExpression(node.text, node)
    expressions.set(node, expression)
  }
  return expression
}

/**
 * The value of a node: texts with `{{` filled in (a text that is one `{{…}}` gives the value itself), `!expr` computed,
 * `!vault` opened, lists and maps through and through. Throws Problem with its place, or TouchedUnknown when a text
 * would need a value nobody can know yet; a value that is an Unknown itself is passed on.
 */
export function renderValue(node: Node, scope: Scope, options: RenderOptions = {}): unknown {
  switch (node.kind) {
    case 'scalar':
      return scalar(node, scope, options)
    case 'seq': {
      const items: unknown[] = []
      for (const item of node.items) {
        const value = renderValue(item, scope, options)
        if (value !== OMIT) items.push(value)
      }
      return items
    }
    case 'map':
      return map(node, scope, options)
    case 'expr':
      return kept(options, () => expressionOf(node).evaluate(scope))
    case 'vault':
      return kept(options, () => opened(node, options.openVault ?? scope.openVault))
  }
}

function scalar(node: ScalarNode, scope: Scope, options: RenderOptions): unknown {
  const template = templateOf(node)
  if (!template) return node.value
  return kept(options, () => template.render(scope))
}

function map(node: MapNode, scope: Scope, options: RenderOptions): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const { key, value } of node.pairs) {
    const name = templateOf(key)?.render(scope) ?? keyText(key)
    if (typeof name === 'object') {
      if (isUnknown(name)) throw new TouchedUnknown(name)
      throw new Problem('template', 'the key of a map must be a text', {
        at: key.span,
        hint: 'This one is a list or a map.',
      })
    }
    const rendered = renderValue(value, scope, options)
    if (rendered !== OMIT) define(result, String(name), rendered)
  }
  return result
}

function kept(options: RenderOptions, work: () => unknown): unknown {
  if (!options.keepUnknown) return work()
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof TouchedUnknown) return thrown.unknown
    throw thrown
  }
}

function opened(node: Extract<Node, { kind: 'vault' }>, open: OpenVault | undefined): string {
  if (!open) {
    throw new Problem('vault', 'a sealed value cannot be opened here', {
      at: node.span,
      hint: 'Give the vault password.',
    })
  }
  try {
    return open(node.text, node)
  } catch (thrown) {
    throw thrown instanceof Problem ? thrown.at(node.span) : thrown
  }
}
