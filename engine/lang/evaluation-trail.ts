import { Problem } from '../base/problem.ts'
import type { Span } from '../base/span.ts'
import type { Node } from './node.ts'

interface Step {
  readonly node: Node
  readonly name: string
  /** Whose variable it is: the same one may be evaluated for one host inside that of another. */
  readonly whose: string | undefined
}

/** A value that is evaluated within itself this often, for the same host, will be for ever. */
const REPEATS = 3

/**
 * Variables under evaluation in all scopes, innermost last. A scope sees its own circles; those through `hostvars` and
 * `vars` go from scope to scope.
 */
const trail: Step[] = []

/** Does the work of evaluating a variable. Throws Problem `variable-cycle` when that has come round to itself. */
export function evaluating<T>(node: Node, name: string, whose: string | undefined, work: () => T): T {
  const same = (step: Step) => step.node === node && step.whose === whose
  if (trail.length >= REPEATS && trail.filter(same).length >= REPEATS) {
    const round = trail.slice(trail.findLastIndex(same))
    throw cycle(round, new Set(round.map((step) => step.whose)).size > 1)
  }
  trail.push({ node, name, whose })
  try {
    return work()
  } finally {
    trail.pop()
  }
}

function cycle(round: readonly Step[], severalHosts: boolean): Problem {
  const names = round.map(({ name, whose }) => (severalHosts && whose !== undefined ? `${name} of ${whose}` : name))
  return cycleProblem(
    names,
    round.map((step) => step.node.span),
  )
}

/** `a → b → a`, with the place of each. */
export function cycleProblem(names: readonly string[], places: readonly Span[]): Problem {
  const itself = names.length === 1
  return new Problem(
    'variable-cycle',
    itself
      ? `the variable "${names[0]}" is defined by itself`
      : `variables are defined by each other: ${[...names, names[0]].join(' → ')}`,
    {
      at: places,
      hint: itself
        ? 'A variable cannot extend its own value: give the new one another name.'
        : 'Give one of them a value of its own.',
    },
  )
}
