import type { Problem } from '../base/problem.ts'
import type { Task } from '../book/entry.ts'
import type { Module } from '../module/definition.ts'
import { type ObjectSchema, schemaOf } from '../module/parameters.ts'
import type { Session } from '../run/session.ts'
import { givenNodes } from '../run/task-arguments.ts'

/** What is wrong with a source of a task that is sealed, where the module opens it (`decrypt`). */
export function sealedSourceProblems(session: Session, task: Task, module: Module, path: string): Problem[] {
  if (!(schemaOf(module) as ObjectSchema).properties['decrypt']) return []
  const decrypt = givenNodes(task, module).get('decrypt')
  if (decrypt?.kind === 'scalar' && /^(?:false|no|off)$/i.test(decrypt.text)) return []
  return session.sealed.problemsOf(session.reading.files.shown(path), path)
}
