import { Problem } from '../base/problem.ts'
import { TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { keywordsThrough } from '../book/level.ts'
import { evaluateCondition } from '../lang/condition.ts'
import type { Layer } from '../lang/scope.ts'
import { layer, type Variables } from '../lang/variables.ts'
import { itemLayer, loopControl, loopItems } from '../run/loop-items.ts'

import { loopNames } from './foreseen.ts'

/** Items looked at one by one; what a long list says of the others is left to the run. */
const MOST_ITEMS = 20

/** Where a task may run on a host: once, or once an item. */
export interface Reach {
  readonly scopes: readonly Variables[]
  /** It runs, whatever the run finds out before it. */
  readonly sure: boolean
  /** Where the conditions themselves cannot be asked. */
  readonly broken: readonly Variables[]
  /** What is wrong with the loop, or with the conditions wherever they are asked. */
  readonly problems: readonly Problem[]
}

const nowhere: Reach = { scopes: [], sure: false, broken: [], problems: [] }

export function reachOf(task: Task, scope: Variables, playbookFolder: string): Reach {
  // A condition may need the item; one that is false whatever it is skips the loop.
  const verdict = verdictOf(task, task.loop ? scope.child([anyItem(task)]) : scope)
  if (verdict === false) return nowhere
  if (!task.loop) {
    if (verdict instanceof Problem) return { ...nowhere, broken: [scope], problems: [verdict.at(task.actionSpan)] }
    return { ...nowhere, scopes: [scope], sure: verdict === true }
  }
  let items: readonly unknown[]
  let known = true
  let control: ReturnType<typeof loopControl>
  try {
    control = loopControl(task, scope)
    const found = unlessUnknown(() => loopItems(task, scope, playbookFolder)!)
    known = Array.isArray(found)
    items = Array.isArray(found) ? found : [(found as TouchedUnknown).unknown]
  } catch (thrown) {
    if (thrown instanceof TouchedUnknown) return nowhere
    if (!(thrown instanceof Problem)) throw thrown
    return { ...nowhere, sure: verdict === true, problems: [thrown.at(task.loop.node.span)] }
  }
  const scopes: Variables[] = []
  const broken: Variables[] = []
  const problems: Problem[] = []
  let sure = known
  for (const [index] of items.slice(0, MOST_ITEMS).entries()) {
    const at = scope.child([itemLayer(control, items, index)])
    const its = verdictOf(task, at)
    if (its === false) continue
    if (its !== true) sure = false
    if (its instanceof Problem) {
      problems.push(its.at(task.actionSpan))
      broken.push(at)
    } else scopes.push(at)
  }
  // A condition that fails for some items is as one that fails for some hosts: the others go on.
  return scopes.length > 0 ? { ...nowhere, scopes, sure } : { scopes, sure, broken, problems }
}

const any = new Unknown('an item of the loop')

function anyItem(task: Task): Layer {
  return layer(Number.POSITIVE_INFINITY, 'any item', Object.fromEntries(loopNames(task).map((name) => [name, any])))
}

/** Whether the conditions hold; undefined when only the run will tell. */
function verdictOf(task: Task, scope: Variables): boolean | Problem | undefined {
  let verdict: boolean | undefined = true
  for (const node of keywordsThrough(task.levels, 'when')) {
    try {
      const holds = unlessUnknown(() => evaluateCondition(node, scope))
      if (holds === false) return false
      if (holds !== true) verdict = undefined
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      return thrown
    }
  }
  return verdict
}

function unlessUnknown<T>(work: () => T): T | TouchedUnknown {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof TouchedUnknown) return thrown
    throw thrown
  }
}
