import { Problem } from '../base/problem.ts'
import { noVariable } from '../lang/access.ts'
import { freeNames, type NeededName } from '../lang/free-names.ts'
import type { Node } from '../lang/node.ts'
import type { Misfit } from '../lang/place-in-text.ts'
import type { Scope } from '../lang/scope.ts'
import type { Variables } from '../lang/variables.ts'

/**
 * Those of the names that nothing defines in a scope, and those that the definitions they rest on need in vain, each
 * once. What is only asked for behind a condition that surely fails here is left alone.
 */
export function missingNames(names: readonly NeededName[], scope: Variables, seen = new Set<Node>()): NeededName[] {
  const missing: NeededName[] = []
  for (const needed of names) {
    if (needed.optional || needed.guards.some((guard) => !guard.mayHold(scope))) continue
    const variable = scope.definition(needed.name)
    if (!variable) missing.push(needed)
    else if ('node' in variable && mayNeed(variable.node) && !seen.has(variable.node)) {
      seen.add(variable.node)
      missing.push(...missingNames(freeNames(variable.node), scope, seen))
    }
  }
  return missing
}

/** A value that is written out needs nothing. */
function mayNeed(node: Node): boolean {
  return node.kind !== 'scalar' || (typeof node.value === 'string' && node.value.includes('{{'))
}

export function undefinedName(needed: NeededName, scope: Scope): Problem {
  const { source, start } = needed.span
  const inBraces = /\{\{[^}\n]*$/.test(source.text.slice(0, start))
  const { message, hint } = noVariable(needed.name, scope, { start: 0, end: 0 }, inBraces) satisfies Misfit
  return new Problem('undefined-variable', message, { at: needed.span, hint })
}
