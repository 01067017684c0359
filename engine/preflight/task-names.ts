import type { Task } from '../book/entry.ts'
import { keywordOf, keywordsThrough } from '../book/level.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { conditionNames, freeNames, type NeededName } from '../lang/free-names.ts'
import { child, type Node } from '../lang/node.ts'
import { guard } from '../lang/place-in-text.ts'
import type { Module } from '../module/definition.ts'
import { type ObjectSchema, schemaOf } from '../module/parameters.ts'
import { givenNodes } from '../run/task-arguments.ts'

/** Keywords that are filled in when a task runs; the innermost level that says one decides. */
export const filled = [
  'become',
  'become_flags',
  'become_method',
  'become_user',
  'check_mode',
  'connection',
  'delay',
  'delegate_to',
  'ignore_errors',
  'no_log',
  'port',
  'remote_user',
  'retries',
  'run_once',
  'throttle',
  'timeout',
] as const

/** Conditions that are asked when the task's result is there. */
export const afterwards = ['changed_when', 'failed_when', 'until'] as const

/** The variables a task asks for, by when it does. */
export interface TaskNames {
  /** Whether or not it has items: its loop. */
  readonly loop: readonly NeededName[]
  /** Of its own and the outer conditions, each guarded by those before it. */
  readonly conditions: readonly NeededName[]
  /** Once for every item whose conditions hold. */
  readonly item: readonly NeededName[]
}

export function taskNames(task: Task, module: Module | undefined): TaskNames {
  return {
    loop: task.loop ? freeNames(task.loop.node) : [],
    conditions: conditionsInTurn(keywordsThrough(task.levels, 'when')),
    item: [
      ...(module
        ? argumentNames(task, module)
        : [task.args, task.moreArgs].flatMap((node) => (node ? freeNames(node) : []))),
      ...filled.flatMap((name) => namesOf(keywordOf(task.levels, name))),
      ...keywordsThrough(task.levels, 'environment').flatMap(namesOf),
      ...keywordsThrough(task.levels, 'notify').flatMap(namesOf),
      ...loopControlNames(task),
      ...afterwards.flatMap((name) => {
        const node = task.own.keywords.get(name)
        return node ? conditionNames(node) : []
      }),
    ],
  }
}

const namesOf = (node: Node | undefined): readonly NeededName[] => (node ? freeNames(node) : [])

/** A condition is only asked when those before it hold. */
function conditionsInTurn(nodes: readonly Node[]): NeededName[] {
  const all = nodes.flatMap((node) => (node.kind === 'seq' ? node.items : [node]))
  return all.flatMap((node, index) => {
    const before = all.slice(0, index).map((one) => guard((scope) => evaluateCondition(one, scope)))
    return conditionNames(node).map((needed) => ({ ...needed, guards: [...before, ...needed.guards] }))
  })
}

function argumentNames(task: Task, module: Module): NeededName[] {
  const { properties } = schemaOf(module) as ObjectSchema
  return [...givenNodes(task, module)].flatMap(([name, node]) => {
    if (properties[name]?.expression) return conditionNames(node)
    return freeNames(node)
  })
}

/** A label and a pause are filled in for every item; names of variables are not. */
function loopControlNames(task: Task): readonly NeededName[] {
  const control = task.own.keywords.get('loop_control')
  if (control?.kind !== 'map') return []
  return ['label', 'pause'].flatMap((name) => namesOf(child(control, name)))
}
