import type { CodeName } from '../base/codes.ts'
import { Problem, Problems } from '../base/problem.ts'
import type { Result, Status } from '../base/result.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { keywordsThrough } from '../book/level.ts'
import { evaluateCondition } from '../lang/condition.ts'
import type { Node } from '../lang/node.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import { Attempt, failure, pause } from './attempt.ts'
import type { Loop } from './company.ts'
import { delegateName } from './delegate.ts'
import { aggregated, type Done, mayChange, skipped, unverified } from './done.ts'
import type { HostState } from './host-state.ts'
import { lookAheadInLoop } from './look-ahead.ts'
import { itemLayer, loopControl, loopItems } from './loop-items.ts'
import type { PlayContext } from './play-context.ts'
import { numberKeyword } from './task-keywords.ts'
import { safely, TaskVoice } from './task-voice.ts'
import { withResult } from './verdict.ts'

export interface Outcome extends Pick<Done, 'notifies' | 'sets'> {
  readonly state: HostState
  readonly status: Status
  readonly result: Result
  readonly registered: unknown
  readonly problem: Problem | undefined
  /** `no_log`: nothing of it may be said. */
  readonly hidden: boolean
}

const unfillable: ReadonlySet<string> = new Set<CodeName>([
  'undefined-variable',
  'variable-cycle',
  'template',
  'expression',
])

function isUnfillable(thrown: unknown): boolean {
  const problems = thrown instanceof Problems ? thrown.problems : [thrown]
  return problems.every((one) => one instanceof Problem && unfillable.has(one.code))
}

/** Runs one task on one host: loop, condition, parameters, attempts, result. Never throws but for mistakes of tsplay itself. */
export class TaskRunner {
  readonly #context: PlayContext
  readonly #task: Task
  readonly #state: HostState
  readonly #more: readonly Layer[]
  readonly #voice: TaskVoice

  constructor(context: PlayContext, task: Task, state: HostState, id: number, more: readonly Layer[] = []) {
    this.#context = context
    this.#task = task
    this.#state = state
    this.#more = more
    this.#voice = new TaskVoice(context.session, task, state, id)
  }

  async run(): Promise<Outcome> {
    const started = performance.now()
    this.#voice.begin()
    let scope: Scope | undefined
    let done: Done
    try {
      scope = this.#context.taskScope(this.#state, this.#task, this.#more)
      done = await this.#items(scope)
    } catch (thrown) {
      done = this.#failure(thrown)
    }
    this.#state.forgetEarly(this.#task)
    this.#state.forgetMadeAhead(this.#task)
    const { register } = this.#task
    if (register !== undefined) this.#state.set('set_fact', { [register]: done.registered })
    const status = this.#voice.end(scope, done, Math.round(performance.now() - started))
    const { result, registered, problem, notifies, sets } = done
    if (result.failed || result.unreachable) this.#state.forgetMadeAhead()
    const hidden = this.#voice.hidden(scope)
    return { state: this.#state, status, result, registered, problem, notifies, sets, hidden }
  }

  /** The loop, or the task itself. */
  async #items(scope: Scope): Promise<Done> {
    const task = this.#task
    if (!task.loop) return this.#once(scope, this.#more)
    let items: unknown[]
    try {
      items = loopItems(task, scope, this.#context.play.folder)!
    } catch (thrown) {
      // A loop over what a false condition leaves undefined is skipped, as in Ansible.
      if (thrown instanceof Problem && this.#conditionIsFalse(scope)) return skipped('Conditional result was False')
      throw thrown
    }
    if (items.length === 0) return skipped('No items in the list', { results: [] })
    const control = loopControl(task, scope)
    const results: Done[] = []
    let gone: Done | undefined
    for (const [index, item] of items.entries()) {
      if (this.#context.session.interrupted && !this.#state.hasMadeAhead(task)) break
      await lookAheadInLoop(this.#context, task, this.#state, { items, from: index, more: this.#more })
      const started = performance.now()
      const more = [...this.#more, itemLayer(control, items, index)]
      const itemScope = this.#context.taskScope(this.#state, task, more)
      if (index > 0 && control.pause > 0) await pause(control.pause * 1000, this.#context.session.waiting.signal)
      let done: Done
      try {
        done = await this.#once(itemScope, more, { items, from: index + 1, more: this.#more }, gone)
      } catch (thrown) {
        // What cannot be filled in ends the loop, as in Ansible: the items behind it are left out.
        if (isUnfillable(thrown)) throw thrown
        done = this.#failure(thrown)
      }
      const named = withFields(done, {
        [control.variable]: item,
        ansible_loop_var: control.variable,
        ...(control.indexVariable ? { [control.indexVariable]: index, ansible_index_var: control.indexVariable } : {}),
      })
      results.push(named)
      this.#voice.item(itemScope, item, named, Math.round(performance.now() - started))
      // No need to knock again: but a delegate of another item may be there.
      if (named.result.unreachable && named.delegated === undefined) gone = done
    }
    return aggregated(results)
  }

  #conditionIsFalse(scope: Scope): boolean {
    return safely(
      () => !keywordsThrough(this.#task.levels, 'when').every((node) => evaluateCondition(node, scope)),
      false,
    )
  }

  /** One item: condition, then attempts; `gone` is how an earlier item found the host unreachable. */
  async #once(scope: Scope, more: readonly Layer[], loop?: Loop, gone?: Done): Promise<Done> {
    for (const node of keywordsThrough(this.#task.levels, 'when')) {
      try {
        if (!evaluateCondition(node, scope))
          return skipped('Conditional result was False', {
            false_condition: node.kind === 'scalar' ? node.text : 'a list of conditions',
          })
      } catch (thrown) {
        if (thrown instanceof TouchedUnknown) return mayChange(thrown.unknown.reason, false, 'its condition ')
        throw thrown
      }
    }
    if (gone && (delegateName(this.#task, scope) ?? this.#state.name) === this.#state.name) return gone
    const attempt = new Attempt(
      { context: this.#context, task: this.#task, state: this.#state, voice: this.#voice, loop },
      scope,
      more,
    )
    const until = this.#task.own.keywords.get('until')
    return until ? this.#again(until, attempt, scope) : attempt.make()
  }

  /** Tries until the condition holds, or no try is left. */
  async #again(until: Node, attempt: Attempt, scope: Scope): Promise<Done> {
    const { session } = this.#context
    const own = [this.#task.own]
    const attempts = Math.max(1, (numberKeyword(own, 'retries', scope) ?? 3) + 1)
    const delay = numberKeyword(own, 'delay', scope) ?? 5
    for (let count = 1; ; count++) {
      let done: Done
      try {
        done = await attempt.make()
      } catch (thrown) {
        done = this.#failure(thrown)
      }
      done = withFields(done, { attempts: count })
      // A lost host's result has nothing that a condition could ask for.
      if (done.result.unreachable || session.interrupted) return done
      if (this.#reached(until, scope, done) !== false) return done
      if (await attempt.comesTooEarly())
        return done.result.changed
          ? done
          : unverified('changes that a dry run does not make (now: "until" does not hold)')
      // Ansible counts the attempts after the first here.
      const given = () => (attempts === 1 ? done : spent(done, attempts - 1))
      if (count >= attempts) return given()
      this.#voice.retry(scope, count, attempts - count, done.result)
      await pause((delay < 0 ? 1 : delay) * 1000, session.waiting.signal)
      if (session.interrupted) return given()
    }
  }

  /** true: the end; false: again; undefined: a dry run cannot know, so there is no point in waiting. */
  #reached(until: Node, scope: Scope, done: Done): boolean | undefined {
    try {
      return evaluateCondition(until, withResult(this.#task, scope, done.registered))
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) return undefined
      // While the task fails, what it registers may lack what the condition asks for.
      if (thrown instanceof Problem && done.result.failed) return false
      throw thrown
    }
  }

  #failure(thrown: unknown): Done {
    return failure(this.#task, this.#state, thrown)
  }
}

/** No try is left: that is a failure, though one that failed_when forgave is only registered as such. */
function spent(done: Done, attempts: number): Done {
  const failed = withFields(done, { failed: true, attempts })
  return done.result['failed_when_result'] === false ? { ...failed, result: { ...done.result, attempts } } : failed
}

/** The same end with more in its result, registered too. */
function withFields(done: Done, fields: Readonly<Record<string, unknown>>): Done {
  return {
    ...done,
    result: { ...done.result, ...fields },
    registered: isUnknown(done.registered) ? done.registered : { ...(done.registered as object), ...fields },
  }
}
