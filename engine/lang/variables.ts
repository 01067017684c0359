import type { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import { cycleProblem, evaluating } from './evaluation-trail.ts'
import { impureCalls } from './functions/call.ts'
import type { Node } from './node.ts'
import { type RenderOptions, renderValue } from './render.ts'
import type { Controller, Layer, Scope, Variable } from './scope.ts'

export interface ScopeOptions extends RenderOptions {
  /** The host whose variables these are. */
  readonly whose?: string | undefined
}

interface Kept {
  readonly value: unknown
  /** Every name the value was made of, its own included. */
  readonly names: ReadonlySet<string>
}

/**
 * Variables out of layers: the layer of the highest rank that has a name wins. Nodes are evaluated when asked for, once
 * a scope; a value that a child's own layers cannot alter is evaluated once for parent and children together.
 *
 * A scope is a picture of its layers: after changing one (`set_fact`), make a new scope.
 */
export class Variables implements Scope {
  readonly #layers: readonly Layer[]
  readonly #options: ScopeOptions
  readonly #parent: Variables | undefined
  /** The layers that the parent does not have. */
  readonly #own: readonly Layer[]
  readonly #kept = new Map<string, Kept>()
  /** Plain values, asked for once: they may be getters that gather much. */
  readonly #plain = new Map<string, unknown>()
  /** Names under evaluation with their places, innermost last. */
  readonly #open = new Map<string, Span>()
  /** What the evaluations under way have asked for, innermost last. */
  readonly #asked: Set<string>[] = []

  /** Layers in any order; among equal ranks the later in the list wins. */
  constructor(layers: Iterable<Layer>, options: ScopeOptions = {}, parent?: Variables) {
    this.#own = [...layers]
    this.#layers = byRank(parent ? [...parent.#layers.toReversed(), ...this.#own] : this.#own)
    this.#options = options
    this.#parent = parent
  }

  get openVault(): RenderOptions['openVault'] {
    return this.#options.openVault
  }

  /** The same scope with further layers. Cheap: a loop makes one an item. */
  child(layers: Iterable<Layer>): Variables {
    return new Variables(layers, this.#options, this)
  }

  get controller(): Controller | undefined {
    return this.#options.controller?.()
  }

  has(name: string): boolean {
    this.#asked.at(-1)?.add(name)
    return this.#find(name) !== undefined
  }

  get(name: string): unknown {
    const asked = this.#asked.at(-1)
    asked?.add(name)
    if (this.#plain.has(name)) return this.#plain.get(name)
    const kept = this.#kept.get(name) ?? this.#inherited(name)
    if (kept) {
      if (asked) for (const part of kept.names) asked.add(part)
      return kept.value
    }
    const variable = this.#find(name)
    if (!variable) return undefined
    if ('node' in variable) return this.#evaluate(name, variable.node)
    const { value } = variable
    this.#plain.set(name, value)
    return value
  }

  names(): string[] {
    return [...new Set(this.#layers.flatMap((layer) => [...layer.variables.keys()]))]
  }

  layersOf(name: string): { layer: Layer; variable: Variable }[] {
    return this.#layers.flatMap((layer) => {
      const variable = layer.variables.get(name)
      return variable ? [{ layer, variable }] : []
    })
  }

  /** The definition that wins. */
  definition(name: string): Variable | undefined {
    return this.#find(name)
  }

  #find(name: string): Variable | undefined {
    for (const layer of this.#layers) {
      const variable = layer.variables.get(name)
      if (variable !== undefined) return variable
    }
    return undefined
  }

  /** What the parent has evaluated already, if nothing of ours goes into it. */
  #inherited(name: string): Kept | undefined {
    const parent = this.#parent
    if (!parent) return undefined
    const kept = parent.#kept.get(name) ?? parent.#inherited(name)
    return kept && !this.#alters(kept.names) ? kept : undefined
  }

  #alters(names: ReadonlySet<string>): boolean {
    for (const layer of this.#own) for (const name of names) if (layer.variables.has(name)) return true
    return false
  }

  #evaluate(name: string, node: Node): unknown {
    if (this.#open.has(name)) throw this.#cycle(name)
    // Nothing goes into a value that is written out: not worth keeping.
    if (node.kind === 'scalar' && (typeof node.value !== 'string' || !node.value.includes('{'))) return node.value
    const names = new Set([name])
    const impureBefore = impureCalls.count
    this.#open.set(name, node.span)
    this.#asked.push(names)
    let value: unknown
    try {
      value = evaluating(node, name, this.#options.whose, () => renderValue(node, this, this.#options))
    } finally {
      this.#asked.pop()
      this.#open.delete(name)
    }
    const outer = this.#asked.at(-1)
    if (outer) for (const part of names) outer.add(part)
    this.#keep(name, { value, names }, impureCalls.count === impureBefore)
    return value
  }

  #keep(name: string, kept: Kept, shared: boolean): void {
    this.#kept.set(name, kept)
    if (shared && this.#parent && !this.#alters(kept.names)) this.#parent.#keep(name, kept, true)
  }

  #cycle(name: string): Problem {
    const open = [...this.#open.keys()]
    const round = open.slice(open.indexOf(name))
    return cycleProblem(
      round,
      round.map((part) => this.#open.get(part)!),
    )
  }
}

/** Highest rank first; of equal ranks the later first. */
function byRank(layers: readonly Layer[]): Layer[] {
  return layers.toReversed().sort((a, b) => b.rank - a.rank)
}

/** A layer of plain values: they are used as they are, braces and all. */
export function layer(rank: number, name: string, values: Readonly<Record<string, unknown>>): Layer {
  return { rank, name, variables: new Map(Object.entries(values).map(([key, value]) => [key, { value }])) }
}
