import { withoutOldSecrets } from '../base/old-secret.ts'
import type { Result, Status } from '../base/result.ts'
import { statusOf } from '../base/result.ts'
import { place } from '../base/span.ts'
import { entryName, type Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { renderValue } from '../lang/render.ts'
import type { Scope } from '../lang/scope.ts'
import type { Plan } from '../module/definition.ts'
import { censored, type Done, maskedProblem, maskedResult, shownSteps } from './done.ts'
import type { HostState } from './host-state.ts'
import { itemLabel } from './loop-items.ts'
import type { Wanted } from './options.ts'
import type { Session } from './session.ts'
import { booleanKeyword } from './task-keywords.ts'

/** Says what a task does on a host, secrets and what `no_log` hides left out. */
export class TaskVoice {
  readonly #session: Session
  readonly #task: Task
  readonly #host: string
  readonly #id: number
  /** Once something of the task had to be hidden, all that it says afterwards is. */
  #hides = false

  constructor(session: Session, task: Task, state: HostState, id: number) {
    this.#session = session
    this.#task = task
    this.#host = state.name
    this.#id = id
  }

  begin(): void {
    this.#session.working.set(this.#host, entryName(this.#task))
    this.#session.emit({ event: 'host_start', host: this.#host, task: entryName(this.#task), id: this.#id })
  }

  item(scope: Scope, item: unknown, done: Done, duration_ms: number): void {
    const { masker } = this.#session
    const hidden = this.hidden(scope)
    const { result } = done
    this.#session.emit({
      event: 'item',
      host: this.#host,
      ...delegation(done),
      task: this.#name(scope),
      action: this.#task.action,
      status: this.status(scope, result),
      item: hidden ? '(censored)' : masker.data(item),
      label: hidden ? '(censored due to no_log)' : masker.text(safely(() => itemLabel(this.#task, scope, item), '')),
      result: hidden ? censored(result) : maskedResult(result, masker),
      ...shownSteps(done.steps ?? [], hidden, masker),
      duration_ms,
      id: this.#id,
    })
  }

  filledIn(started: number): void {
    this.#session.emit({ event: 'span', host: this.#host, what: 'fill in', started, ended: performance.now() })
  }

  retry(scope: Scope, attempt: number, left: number, result: Result): void {
    this.#session.emit({
      event: 'retry',
      host: this.#host,
      task: this.#name(scope),
      attempt,
      left,
      result: this.hidden(scope) ? censored(result) : maskedResult(result, this.#session.masker),
    })
  }

  progress(scope: Scope, what: string, done: number, total: number | undefined): void {
    this.#session.emit({
      event: 'progress',
      host: this.#host,
      what: this.hidden(scope) ? 'transfer' : this.#session.masker.text(what),
      done,
      ...(total === undefined ? {} : { total }),
    })
  }

  warning(scope: Scope, message: string): void {
    if (this.hidden(scope)) return
    this.#session.emit({
      event: 'warning',
      message: this.#session.masker.text(message),
      place: place(this.#task.span),
    })
  }

  /** What it is about to do, as it would be said. */
  wanted(scope: Scope, plan: Plan): Wanted {
    const { masker } = this.#session
    const hidden = this.hidden(scope)
    return {
      host: this.#host,
      task: this.#name(scope),
      place: place(this.#task.span),
      changes: hidden ? [] : masker.data([...(plan.changes ?? [])]).map(withoutOldSecrets),
      steps: hidden ? [] : (plan.steps ?? []).map((step) => masker.text(step.show)),
      repeats: plan.repeats ?? false,
      hidden,
    }
  }

  /** Gives the status that is said. */
  end(scope: Scope | undefined, done: Done, duration_ms: number): Status {
    const { masker } = this.#session
    this.#session.working.delete(this.#host)
    const { result } = done
    const hidden = this.hidden(scope)
    const status = this.status(scope, result)
    this.#session.emit({
      event: 'result',
      host: this.#host,
      ...delegation(done),
      task: this.#name(scope),
      action: this.#task.action,
      place: place(this.#task.span),
      status,
      changed: result.changed,
      result: hidden ? censored(result) : maskedResult(result, masker),
      ...shownSteps(done.steps ?? [], hidden, masker),
      ...(done.problem && !hidden ? { problem: maskedProblem(done.problem, masker) } : {}),
      duration_ms,
      id: this.#id,
    })
    return status
  }

  /** A failure that is ignored is said to be. */
  status(scope: Scope | undefined, result: Result): Status {
    const status = statusOf(result)
    const keyword = status === 'failed' ? 'ignore_errors' : status === 'unreachable' ? 'ignore_unreachable' : undefined
    if (keyword === undefined || !scope) return status
    return safely(() => booleanKeyword(this.#task.levels, keyword, scope) ?? false, false) ? 'ignored' : status
  }

  #name(scope: Scope | undefined): string {
    const node = this.#task.own.keywords.get('name')
    if (!node || !scope) return entryName(this.#task)
    return this.#session.masker.text(safely(() => String(renderValue(node, scope)), entryName(this.#task)))
  }

  /** Whether `no_log` keeps all of this to ourselves. Where it cannot be told, it does. */
  hidden(scope: Scope | undefined): boolean {
    this.#hides ||= scope
      ? safely(() => booleanKeyword(this.#task.levels, 'no_log', scope) ?? false, true)
      : keywordOf(this.#task.levels, 'no_log') !== undefined
    return this.#hides
  }
}

function delegation(done: Done): { delegated_to?: string } {
  return done.delegated === undefined ? {} : { delegated_to: done.delegated }
}

/** For what is only shown: a mistake in it is told elsewhere, by what it is needed for. */
export function safely<T>(work: () => T, otherwise: T): T {
  try {
    return work()
  } catch {
    return otherwise
  }
}
