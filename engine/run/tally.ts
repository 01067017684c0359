import { asProblem } from '../base/problem.ts'
import { place } from '../base/span.ts'
import type { Task } from '../book/entry.ts'
import type { Circle, EntriesRunner } from './entries-runner.ts'
import { notify } from './handlers.ts'
import type { Outcome } from './task-runner.ts'
import { tellRescue } from './tell-rescue.ts'

/** Counts an outcome for the recap and notifies; true when the host failed. */
export function count(runner: EntriesRunner, task: Task, outcome: Outcome, circle: Circle): boolean {
  const { state, status, result } = outcome
  const { recap } = state
  if (task.role && status !== 'skipped' && status !== 'unreachable') runner.context.noteRun(state, task.role)
  switch (status) {
    case 'ok':
      recap.ok++
      break
    case 'changed':
      recap.ok++
      recap.changed++
      break
    case 'may_change':
      recap.ok++
      recap.may_change++
      break
    case 'skipped':
      recap.skipped++
      break
    case 'ignored':
      recap.ok++
      recap.ignored++
      if (result.changed) recap.changed++
      break
    case 'unreachable':
      recap.unreachable++
      state.unreachable = true
      state.forgiven = false
      state.problem = outcome.problem
      return false
    case 'failed':
      countFailure(runner, task, outcome, circle)
      return true
  }
  // A failure that is ignored notifies nobody, as in Ansible.
  if (status !== 'changed' && status !== 'may_change') return false
  try {
    notify(runner.context, runner.handlers, task, state, outcome.notifies)
    return false
  } catch (thrown) {
    const problem = asProblem(thrown)
    const { session } = runner.context
    session.emit({
      event: 'warning',
      message: outcome.hidden
        ? 'The names of the handlers to notify cannot be used; they are hidden (no_log).'
        : session.masker.text(problem.message),
      ...(problem.spans[0] ? { place: place(problem.spans[0]) } : {}),
    })
    countFailure(runner, task, outcome, circle)
    return true
  }
}

function countFailure(runner: EntriesRunner, task: Task, outcome: Outcome, circle: Circle): void {
  const { state, registered, problem } = outcome
  if (circle.rescuable) {
    state.recap.rescued++
    tellRescue(runner.context, task, state, registered, circle.more)
  } else state.recap.failed++
  state.problem = problem
  state.forgiven = false
}
