import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import type { Node } from './node.ts'
import { type RenderOptions, renderValue } from './render.ts'
import type { Layer, Scope, Variable } from './scope.ts'

export type VariablesOptions = RenderOptions

/**
 * Variables out of layers: the layer of the highest rank that has a name wins. Nodes are evaluated when asked for, once
 * a scope. Layers are shared between scopes, so a scope costs a few objects, and a child only its own layers.
 */
export class Variables implements Scope {
  readonly #layers: readonly Layer[]
  readonly #options: VariablesOptions
  readonly #memo = new Map<string, unknown>()
  /** Names under evaluation, for cycles. */
  readonly #open = new Map<string, Span | undefined>()

  /** Layers in any order; among equal ranks the later in the list wins. */
  constructor(layers: Iterable<Layer>, options: VariablesOptions = {}) {
    this.#layers = sorted([...layers])
    this.#options = options
  }

  /** The same scope with further layers. */
  child(layers: Iterable<Layer>): Variables {
    return new Variables([...this.#layers].reverse().concat([...layers]), this.#options)
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined
  }

  get(name: string): unknown {
    if (this.#memo.has(name)) return this.#memo.get(name)
    const variable = this.#find(name)
    if (!variable) return undefined
    const value = 'node' in variable ? this.#evaluate(name, variable) : variable.value
    this.#memo.set(name, value)
    return value
  }

  names(): string[] {
    const names = new Set<string>()
    for (const layer of this.#layers) for (const name of layer.variables.keys()) names.add(name)
    return [...names]
  }

  layersOf(name: string): { layer: Layer; variable: Variable }[] {
    return this.#layers.flatMap((layer) => {
      const variable = layer.variables.get(name)
      return variable ? [{ layer, variable }] : []
    })
  }

  #find(name: string): Variable | undefined {
    for (const layer of this.#layers) {
      const variable = layer.variables.get(name)
      if (variable !== undefined) return variable
    }
    return undefined
  }

  #evaluate(name: string, variable: Extract<Variable, { node: Node }>): unknown {
    if (this.#open.has(name)) throw this.#cycle(name)
    this.#open.set(name, variable.node.span)
    try {
      return renderValue(variable.node, this, this.#options)
    } finally {
      this.#open.delete(name)
    }
  }

  #cycle(name: string): Problem {
    const open = [...this.#open.keys()]
    const round = open.slice(open.indexOf(name))
    const spans = round.map((part) => this.#open.get(part)).filter((span) => span !== undefined)
    const path = [...round, name].join(' → ')
    const message =
      round.length === 1
        ? `the variable "${name}" is defined by itself`
        : `variables are defined by each other: ${path}`
    const hint =
      round.length === 1
        ? 'Give the value another name, or read the one meant from hostvars.'
        : 'Give one of them a value of its own.'
    return new Problem('variable-cycle', message, { at: spans, hint })
  }
}

/** Highest rank first; of equal ranks the later first. */
function sorted(layers: Layer[]): Layer[] {
  return layers
    .map((layer, index) => ({ layer, index }))
    .sort((a, b) => b.layer.rank - a.layer.rank || b.index - a.index)
    .map(({ layer }) => layer)
}

/** A layer out of plain values. */
export function layer(rank: number, name: string, values: Readonly<Record<string, unknown>>): Layer {
  return { rank, name, variables: new Map(Object.entries(values).map(([key, value]) => [key, { value }])) }
}
