import { Problem } from '../../base/problem.ts'
import { evaluateCondition } from '../../lang/condition.ts'
import { conditionNames } from '../../lang/free-names.ts'
import type { Node } from '../../lang/node.ts'
import { Variables } from '../../lang/variables.ts'
import type { Written } from './written.ts'

const nothing = new Variables([])

/** Conditions that rest on nothing: the same whatever happens. */
export function constantConditions(written: Written): Problem[] {
  return written.levels.flatMap((level) => {
    const node = level.keywords.get('when')
    return (node?.kind === 'seq' ? node.items : node ? [node] : []).flatMap(constant)
  })
}

function constant(node: Node): Problem[] {
  // A call may read a file, the clock or the dice.
  if ((node.kind === 'scalar' || node.kind === 'expr') && /\(/.test(node.text)) return []
  if (conditionNames(node).length > 0) return []
  let holds: boolean
  try {
    holds = evaluateCondition(node, nothing)
  } catch (thrown) {
    // What is wrong with it is told as a problem.
    if (thrown instanceof Problem) return []
    throw thrown
  }
  const hint = holds ? 'Take "when" out.' : 'Take it out, or give it the tag "never" to run it by hand.'
  return [new Problem('constant-condition', `this condition is always ${holds}`, { at: node.span, hint })]
}
