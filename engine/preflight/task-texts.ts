import type { Problem } from '../base/problem.ts'
import type { Task } from '../book/entry.ts'
import { keywordsThrough } from '../book/level.ts'
import { conditionProblems, textProblems } from '../lang/free-names.ts'
import type { Module } from '../module/definition.ts'
import { type ObjectSchema, schemaOf } from '../module/parameters.ts'
import { givenNodes } from '../run/task-arguments.ts'
import { afterwards, filled } from './task-names.ts'

/** What is wrong with the templates and expressions of a task as texts, whatever its conditions say. */
export function taskTextProblems(task: Task, module: Module | undefined): Problem[] {
  const { own, loop, args, moreArgs } = task
  const texts = ['name', 'environment', 'notify', 'loop_control', ...filled].map((name) => own.keywords.get(name))
  const conditions = afterwards.map((name) => own.keywords.get(name))
  if (module) {
    const { properties } = schemaOf(module) as ObjectSchema
    for (const [name, node] of givenNodes(task, module)) (properties[name]?.expression ? conditions : texts).push(node)
  } else texts.push(args, moreArgs)
  texts.push(loop?.node)
  conditions.push(...keywordsThrough(task.levels, 'when'))
  return [
    ...texts.flatMap((node) => (node ? textProblems(node) : [])),
    ...conditions.flatMap((node) => (node ? conditionProblems(node) : [])),
  ]
}
