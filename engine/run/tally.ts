import { asProblem } from '../base/problem.ts'
import { place } from '../base/span.ts'
import type { Task } from '../book/entry.ts'
import type { Circle, EntriesRunner } from './entries-runner.ts'
import { notify } from './handlers.ts'
import type { Outcome } from './task-runner.ts'

/** Counts an outcome for the recap and notifies; true when the host failed. */
export function count(runner: EntriesRunner, task: Task, outcome: Outcome, circle: Circle): boolean {
  const { state, status, result } = outcome
  const { recap } = state
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
      countFailure(task, outcome, circle)
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
    countFailure(task, outcome, circle)
    return true
  }
}

function countFailure(task: Task, { state, result, problem }: Outcome, circle: Circle): void {
  if (circle.rescuable) state.recap.rescued++
  else state.recap.failed++
  state.rescuing = { task, result }
  state.problem = problem
  state.forgiven = false
}
