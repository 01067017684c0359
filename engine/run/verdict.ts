import type { Result } from '../base/result.ts'
import { isUnknown, TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { ranks } from '../hosts/ranks.ts'
import { evaluateCondition } from '../lang/condition.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import { layer } from '../lang/variables.ts'
import type { Done } from './done.ts'

/** changed_when and failed_when have the last word. */
export function judged(task: Task, scope: Scope, done: Done): Done {
  const changedWhen = task.own.keywords.get('changed_when')
  const failedWhen = task.own.keywords.get('failed_when')
  if ((!changedWhen && !failedWhen) || done.result.skipped) return done
  const result: Result = { ...done.result }
  let registered = done.registered
  const put = (key: 'changed' | 'failed' | 'failed_when_result', value: unknown) => {
    if (!isUnknown(registered)) registered = { ...(registered as object), [key]: value }
  }
  const seen = () => withResult(task, scope, registered)
  if (changedWhen) {
    try {
      result.changed = evaluateCondition(changedWhen, seen())
      delete result.may_change
      put('changed', result.changed)
    } catch (thrown) {
      if (!(thrown instanceof TouchedUnknown)) throw thrown
      result.changed = false
      result.may_change = `rests on ${thrown.unknown.reason}`
      put('changed', new Unknown(thrown.unknown.reason))
    }
  }
  if (failedWhen) {
    try {
      result.failed = evaluateCondition(failedWhen, seen())
      result['failed_when_result'] = result.failed
      if (!result.failed) delete result.failed
      put('failed', result.failed ?? false)
      put('failed_when_result', result['failed_when_result'])
    } catch (thrown) {
      if (!(thrown instanceof TouchedUnknown)) throw thrown
    }
  }
  return { ...done, result, registered, problem: result.failed ? done.problem : undefined }
}

/** The task's variables, with what it registers as it stands now. */
export function withResult(task: Task, scope: Scope, registered: unknown): Scope {
  const name = task.register
  if (name === undefined || !('child' in scope)) return scope
  return (scope as { child(layers: Layer[]): Scope }).child([
    layer(ranks.extraVars + 1, 'register', { [name]: registered }),
  ])
}
