import { asProblem, Problem, Problems } from '../base/problem.ts'
import { type Result, type Status, statusOf } from '../base/result.ts'
import { place } from '../base/span.ts'
import { findUnknown, isUnknown, TouchedUnknown, Unknown } from '../base/unknown.ts'
import { entryName, type Task } from '../book/entry.ts'
import { keywordOf, keywordsThrough } from '../book/level.ts'
import { moduleFolders } from '../book/read-entries.ts'
import { ranks } from '../hosts/ranks.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { renderValue } from '../lang/render.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import { layer } from '../lang/variables.ts'
import { isLocal, type Module } from '../module/definition.ts'
import { type Ended, runModule } from '../module/life-cycle.ts'
import {
  aggregated,
  censored,
  type Done,
  maskedProblem,
  mayChange,
  registeredValue,
  shownSteps,
  skipped,
  withLines,
} from './done.ts'
import type { HostState } from './host-state.ts'
import { itemLabel, itemLayer, loopControl, loopItems } from './loop-items.ts'
import type { PlayContext } from './play-context.ts'
import { resolveArguments } from './task-arguments.ts'
import { controllerFor } from './task-controller.ts'
import { booleanKeyword, environmentOf, numberKeyword, reachKeywords, textKeyword } from './task-keywords.ts'

export interface Outcome {
  readonly state: HostState
  readonly status: Status
  readonly result: Result
  readonly problem: Problem | undefined
  readonly hint?: string | undefined
}

/** Runs one task on one host: loop, condition, parameters, attempts, result. Never throws but for mistakes of tsplay itself. */
export class TaskRunner {
  readonly #context: PlayContext
  readonly #task: Task
  readonly #state: HostState
  readonly #more: readonly Layer[]
  readonly #id: number

  constructor(context: PlayContext, task: Task, state: HostState, id: number, more: readonly Layer[] = []) {
    this.#context = context
    this.#task = task
    this.#state = state
    this.#more = more
    this.#id = id
  }

  async run(): Promise<Outcome> {
    const { session } = this.#context
    const started = performance.now()
    session.working.set(this.#state.name, entryName(this.#task))
    session.emit({ event: 'host_start', host: this.#state.name, task: entryName(this.#task), id: this.#id })
    let scope: Scope | undefined
    let done: Done
    try {
      scope = this.#context.taskScope(this.#state, this.#task, this.#more)
      done = await this.#items(scope)
    } catch (thrown) {
      done = this.#failure(thrown)
    }
    session.working.delete(this.#state.name)
    return this.#finish(scope, done, Math.round(performance.now() - started))
  }

  /** The loop, or the task itself. */
  async #items(scope: Scope): Promise<Done> {
    const task = this.#task
    if (!task.loop) return this.#once(scope)
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
    for (const [index, item] of items.entries()) {
      if (this.#context.session.interrupted) break
      const started = performance.now()
      const itemScope = this.#context.taskScope(this.#state, task, [...this.#more, itemLayer(control, items, index)])
      if (index > 0 && control.pause > 0)
        await controllerSleep(control.pause * 1000, this.#context.session.waiting.signal)
      let done: Done
      try {
        done = await this.#once(itemScope)
      } catch (thrown) {
        done = this.#failure(thrown)
      }
      const result: Result = { ...done.result, [control.variable]: item, ansible_loop_var: control.variable }
      results.push({
        ...done,
        result,
        registered: isUnknown(done.registered)
          ? done.registered
          : { ...(done.registered as object), [control.variable]: item, ansible_loop_var: control.variable },
      })
      this.#itemEvent(itemScope, item, result, done.steps ?? [], Math.round(performance.now() - started))
      if (result.unreachable) break
    }
    return aggregated(results)
  }

  #itemEvent(scope: Scope, item: unknown, result: Result, steps: readonly string[], duration_ms: number): void {
    const { session } = this.#context
    const hidden = this.#hidden(scope)
    const ignored = result.failed === true && this.#ignores(scope)
    session.emit({
      event: 'item',
      host: this.#state.name,
      task: this.#name(scope),
      action: this.#task.action,
      status: ignored ? 'ignored' : statusOf(result),
      item: hidden ? '(censored)' : session.masker.data(item),
      label: hidden
        ? '(censored due to no_log)'
        : session.masker.text(safely(() => itemLabel(this.#task, scope, item), '')),
      result: hidden ? censored(result) : session.masker.data(result),
      ...shownSteps(steps, hidden, session.masker),
      duration_ms,
      id: this.#id,
    })
  }

  #conditionIsFalse(scope: Scope): boolean {
    return safely(
      () => !keywordsThrough(this.#task.levels, 'when').every((node) => evaluateCondition(node, scope)),
      false,
    )
  }

  /** One item: condition, then attempts. */
  async #once(scope: Scope): Promise<Done> {
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
    const until = this.#task.own.keywords.get('until')
    const given = numberKeyword([this.#task.own], 'retries', scope)
    if (!until && given === undefined) return this.#attempt(scope)
    const attempts = Math.max(1, (given ?? 3) + 1)
    const delay = numberKeyword([this.#task.own], 'delay', scope) ?? 5
    let done: Done
    for (let attempt = 1; ; attempt++) {
      try {
        done = await this.#attempt(scope)
      } catch (thrown) {
        done = this.#failure(thrown)
      }
      done = {
        ...done,
        result: { ...done.result, attempts: attempt },
        registered: isUnknown(done.registered)
          ? done.registered
          : { ...(done.registered as object), attempts: attempt },
      }
      // A lost host's result has nothing that a condition could ask for.
      if (done.result.unreachable || this.#context.session.interrupted) return done
      if (this.#reached(until, scope, done) !== false) return done
      if (attempt >= attempts) break
      this.#context.session.emit({
        event: 'retry',
        host: this.#state.name,
        task: this.#name(scope),
        attempt,
        left: attempts - attempt,
        result: this.#hidden(scope) ? censored(done.result) : this.#context.session.masker.data(done.result),
      })
      await controllerSleep(delay * 1000, this.#context.session.waiting.signal)
      if (this.#context.session.interrupted) break
    }
    // Ansible counts the attempts after the first here.
    const result: Result = { ...done.result, failed: true, attempts: attempts - 1 }
    return {
      ...done,
      result,
      registered: isUnknown(done.registered)
        ? done.registered
        : { ...(done.registered as object), failed: true, attempts: attempts - 1 },
    }
  }

  /** true: the end; false: again; undefined: a dry run cannot know, so there is no point in waiting. */
  #reached(until: ReturnType<typeof keywordOf>, scope: Scope, done: Done): boolean | undefined {
    if (!until) return !done.result.failed
    try {
      return evaluateCondition(until, this.#withResult(scope, done.registered))
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) return undefined
      // While the task fails, what it registers may lack what the condition asks for.
      if (thrown instanceof Problem && done.result.failed) return false
      throw thrown
    }
  }

  #withResult(scope: Scope, registered: unknown): Scope {
    const name = this.#task.register
    if (name === undefined || !('child' in scope)) return scope
    return (scope as { child(layers: Layer[]): Scope }).child([
      layer(ranks.extraVars + 1, 'register', { [name]: registered }),
    ])
  }

  /** Parameters, the module's life cycle, changed_when and failed_when. */
  async #attempt(scope: Scope): Promise<Done> {
    const { session } = this.#context
    const task = this.#task
    const module = await this.#module()
    const checking = booleanKeyword(task.levels, 'check_mode', scope) ?? session.options.check
    const { params, problems } = resolveArguments(task, module, scope, { keepUnknown: true })
    if (problems.length > 0) throw new Problems(problems)
    this.#keepSecrets(module, params, scope)
    const unknown = findUnknown(params)
    if (unknown && !isLocal(module)) return mayChange(unknown.reason, unknown.fresh)
    const target = this.#target(scope)
    const reach = session.connections.reach(
      target.name,
      target === this.#state ? scope : this.#delegateScope(target),
      reachOf(task, scope),
    )
    let ended: Ended
    try {
      ended = await runModule(module, params, {
        host: target.name,
        connection: reach.connection,
        as: reach.as,
        way: reach.way,
        memory: target.memory,
        controller: controllerFor({
          session,
          task,
          playbookDir: this.#context.play.folder,
          scope,
          host: this.#state.name,
          checking,
          connection: reach.facts,
        }),
        checking,
        verify: session.options.verify,
        signal: session.abandon.signal,
        timeout: milliseconds(
          numberKeyword(task.levels, 'timeout', scope) ?? numberKeyword([task.own], 'async', scope),
        ),
        environment: environmentOf(task, scope),
        onProgress: (what, done, total) =>
          session.emit({
            event: 'progress',
            host: this.#state.name,
            what: session.masker.text(what),
            done,
            ...(total === undefined ? {} : { total }),
          }),
      })
    } catch (thrown) {
      // A failing module still passes through failed_when and ignore_errors.
      const done = this.#failure(thrown)
      return done.result.unreachable ? done : this.#judge(scope, done)
    }
    for (const warning of ended.warnings)
      session.emit({ event: 'warning', message: session.masker.text(warning), place: place(task.span) })
    this.#keepFacts(ended, target, scope)
    const problem =
      ended.result.failed && ended.hint
        ? new Problem('task-failed', String(ended.result.msg ?? 'failed'), {
            at: task.actionSpan,
            hint: ended.hint,
            host: this.#state.name,
          })
        : undefined
    return this.#judge(scope, {
      result: withLines(ended.result),
      registered: registeredValue(ended),
      problem,
      steps: ended.steps.map((step) => step.show),
    })
  }

  #module(): Promise<Module> {
    const { session, play } = this.#context
    return session.registry.load(this.#task.action, moduleFolders(this.#task, play.folder), this.#task.actionSpan)
  }

  /** Marked parameters are masked in everything shown from now on. */
  #keepSecrets(module: Module, params: Record<string, unknown>, scope: Scope): void {
    const { masker } = this.#context.session
    const properties = (module.params as { properties: Record<string, { secret?: boolean }> }).properties
    for (const [name, value] of Object.entries(params))
      if (properties[name]?.secret && typeof value === 'string') masker.add(value)
    for (const name of ['ansible_password', 'ansible_ssh_pass', 'ansible_become_password', 'ansible_become_pass']) {
      if (!scope.has(name)) continue
      const value = scope.get(name)
      if (typeof value === 'string') masker.add(value)
    }
  }

  #target(scope: Scope): HostState {
    const name = this.#task.local ? 'localhost' : textKeyword(this.#task.levels, 'delegate_to', scope)
    if (name === undefined || name === this.#state.name) return this.#state
    const state = this.#context.session.stateOf(name)
    if (state) return state
    throw new Problem('unknown-group', `delegate_to names "${name}", which the inventory does not know.`, {
      at: keywordOf(this.#task.levels, 'delegate_to')?.span,
      hint: 'Add the host to the inventory.',
    })
  }

  #delegateScope(target: HostState): Scope {
    return this.#context.hostScope(target)
  }

  #keepFacts(ended: Ended, target: HostState, scope: Scope): void {
    const owner =
      target !== this.#state && booleanKeyword(this.#task.levels, 'delegate_facts', scope) ? target : this.#state
    if (ended.sets) {
      owner.set(ended.sets.level, ended.sets.values)
      if (ended.sets.facts) keepFacts(owner, ended.sets.values)
      return
    }
    const facts = ended.result['ansible_facts']
    if (typeof facts === 'object' && facts !== null) keepFacts(owner, facts as Record<string, unknown>)
  }

  /** changed_when and failed_when have the last word. */
  #judge(scope: Scope, done: Done): Done {
    const changedWhen = this.#task.own.keywords.get('changed_when')
    const failedWhen = this.#task.own.keywords.get('failed_when')
    if ((!changedWhen && !failedWhen) || done.result.skipped) return done
    const result: Result = { ...done.result }
    let registered = done.registered
    const put = (key: 'changed' | 'failed', value: unknown) => {
      if (!isUnknown(registered)) registered = { ...(registered as object), [key]: value }
    }
    const judgeScope = () => this.#withResult(scope, registered)
    if (changedWhen) {
      try {
        result.changed = evaluateCondition(changedWhen, judgeScope())
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
        result.failed = evaluateCondition(failedWhen, judgeScope())
        result['failed_when_result'] = result.failed
        if (!result.failed) delete result.failed
        put('failed', result.failed ?? false)
      } catch (thrown) {
        if (!(thrown instanceof TouchedUnknown)) throw thrown
      }
    }
    return { ...done, result, registered, problem: result.failed ? done.problem : undefined }
  }

  #failure(thrown: unknown): Done {
    if (thrown instanceof TouchedUnknown) return mayChange(thrown.unknown.reason, thrown.unknown.fresh)
    const problems = thrown instanceof Problems ? thrown.problems : [asProblem(thrown)]
    const first = problems[0]!
    const unreachable = ['host-unreachable', 'host-key', 'host-auth'].includes(first.code)
    const problem = first.at(this.#task.actionSpan)
    problem.host = this.#state.name
    const msg = problems.map((one) => one.message).join('\n')
    const result: Result = unreachable
      ? { changed: false, unreachable: true, msg }
      : { changed: false, failed: true, msg }
    return { result, registered: result, problem }
  }

  #name(scope: Scope | undefined): string {
    const node = this.#task.own.keywords.get('name')
    if (!node || !scope) return entryName(this.#task)
    return this.#context.session.masker.text(safely(() => String(renderValue(node, scope)), entryName(this.#task)))
  }

  #hidden(scope: Scope | undefined): boolean {
    // Where it cannot be told, hide.
    return scope
      ? safely(() => booleanKeyword(this.#task.levels, 'no_log', scope) ?? false, true)
      : keywordOf(this.#task.levels, 'no_log') !== undefined
  }

  #ignores(scope: Scope | undefined): boolean {
    return (
      scope !== undefined && safely(() => booleanKeyword(this.#task.levels, 'ignore_errors', scope) ?? false, false)
    )
  }

  #finish(scope: Scope | undefined, done: Done, duration_ms: number): Outcome {
    const { session } = this.#context
    const { result } = done
    const hidden = this.#hidden(scope)
    let status: Status = statusOf(result)
    if (status === 'failed' && this.#ignores(scope)) status = 'ignored'
    if (
      status === 'unreachable' &&
      scope &&
      safely(() => booleanKeyword(this.#task.levels, 'ignore_unreachable', scope) ?? false, false)
    )
      status = 'ignored'
    if (this.#task.register !== undefined) this.#state.set('set_fact', { [this.#task.register]: done.registered })
    const delegated =
      scope &&
      safely(() => (this.#task.local ? 'localhost' : textKeyword(this.#task.levels, 'delegate_to', scope)), undefined)
    session.emit({
      event: 'result',
      host: this.#state.name,
      ...(delegated === undefined ? {} : { delegated_to: delegated }),
      task: this.#name(scope),
      action: this.#task.action,
      place: place(this.#task.span),
      status,
      changed: result.changed,
      result: hidden ? censored(result) : session.masker.data(result),
      ...shownSteps(done.steps ?? [], hidden, session.masker),
      ...(done.problem && !hidden ? { problem: maskedProblem(done.problem, session.masker) } : {}),
      duration_ms,
      id: this.#id,
    })
    return { state: this.#state, status, result, problem: done.problem }
  }
}

/** Facts are found by their own names, `facts.x` and `ansible_facts.x`, and as `ansible_x`. */
export function keepFacts(state: HostState, facts: Record<string, unknown>): void {
  const before = (state.facts.get('facts') as { value?: Record<string, unknown> } | undefined)?.value ?? {}
  const all = { ...before }
  const named: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(facts)) {
    const short = name.startsWith('ansible_') ? name.slice('ansible_'.length) : name
    all[short] = value
    named[`ansible_${short}`] = value
  }
  state.set('facts', { ...named, facts: all, ansible_facts: all })
}

function reachOf(task: Task, scope: Scope) {
  const keywords = reachKeywords(task.levels, scope)
  return task.local ? { ...keywords, connection: 'local' } : keywords
}

/** For what is only shown: a mistake in it is told elsewhere, by what it is needed for. */
function safely<T>(work: () => T, otherwise: T): T {
  try {
    return work()
  } catch {
    return otherwise
  }
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds === 0 ? undefined : seconds * 1000
}

async function controllerSleep(time: number, signal: AbortSignal): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises')
  await sleep(time, undefined, { signal }).catch(() => undefined)
}
