import { Problem } from '../../base/problem.ts'
import type { Span } from '../../base/span.ts'
import { distance } from '../../base/suggest.ts'
import { child } from '../../lang/node.ts'
import { keyText } from '../../lang/plain.ts'
import type { Variable } from '../../lang/scope.ts'
import { magicNames } from '../../run/magic.ts'
import type { Written } from './written.ts'

/** Ansible lets a book set these, and so do we. */
const settable = new Set(['environment', 'ansible_failed_task', 'ansible_failed_result'])
const reserved = new Set(magicNames.filter((name) => !settable.has(name)))

/** Names that hide others, and names that are most likely a slip. */
export function names(written: Written): Problem[] {
  return [...shadowedNames(written), ...slips(written)]
}

/** Names that tsplay sets itself. */
export function reservedNames(written: Written): Problem[] {
  const found: Problem[] = []
  const look = (name: string, at: Span | undefined) => {
    if (reserved.has(name))
      found.push(
        new Problem('reserved-name', `"${name}" is set by tsplay itself: what is given here is never seen`, {
          at,
          hint: 'Give the variable another name.',
        }),
      )
  }
  const all = (variables: ReadonlyMap<string, Variable>) => {
    for (const [name, variable] of variables) look(name, 'node' in variable ? variable.node.span : variable.span)
  }
  for (const level of written.levels) all(level.vars)
  for (const use of written.roles) for (const variables of [use.params, use.vars, use.defaults]) all(variables)
  for (const task of written.tasks) {
    if (task.register !== undefined) look(task.register, task.own.keywords.get('register')?.span)
    if (task.action === 'set_fact' && task.args?.kind === 'map')
      for (const { key } of task.args.pairs) look(keyText(key), key.span)
  }
  return found
}

/** A loop's variable with the name of one that is set elsewhere: inside the loop, that one cannot be seen. */
function shadowedNames(written: Written): Problem[] {
  return written.tasks.flatMap((task) => {
    const control = task.own.keywords.get('loop_control')
    if (control?.kind !== 'map') return []
    return ['loop_var', 'index_var'].flatMap((word) => {
      const node = child(control, word)
      if (node?.kind !== 'scalar' || !(written.mentionsKey(node.text) || written.registers.has(node.text))) return []
      return [
        new Problem('shadowed-name', `the variable "${node.text}" of this loop hides another of the same name`, {
          at: node.span,
          hint: 'Give the variable of the loop a name of its own.',
        }),
      ]
    })
  })
}

/** Shorter names are too near to each other. */
const LEAST = 6

/** Variables of the inventory that nothing mentions, one slip away from one that only has a default. */
function slips(written: Written): Problem[] {
  if (written.mentions('vars')) return []
  const layers = written.inventoryLayers()
  const given = new Set(layers.flatMap((one) => [...one.variables.keys()]))
  const wanted = [...new Set([...written.roles.flatMap((use) => [...use.defaults.keys()]), ...written.used])].filter(
    (name) => !given.has(name),
  )
  const found = new Map<string, Problem>()
  for (const one of layers) {
    for (const [name, variable] of one.variables) {
      if (name.length < LEAST || name.startsWith('ansible_') || found.has(name) || written.mentionsAnywhere(name))
        continue
      const near = wanted.find((other) => isSlip(name, other))
      if (near === undefined) continue
      found.set(
        name,
        new Problem('misspelt-name', `nothing uses the variable "${name}" of ${one.name}`, {
          at: 'node' in variable ? variable.node.span : variable.span,
          hint: `Did you mean "${near}"?`,
        }),
      )
    }
  }
  return [...found.values()]
}

/** One letter other, more, less, or two in the wrong order; `node1` and `node2`, `user` and `users` are different words. */
function isSlip(name: string, other: string): boolean {
  if (name === other || other.length < LEAST || distance(name, other, 1) > 1) return false
  const plain = (word: string) => word.replace(/\d+/g, '')
  return plain(name) !== plain(other) && `${name}s` !== other && `${other}s` !== name
}
