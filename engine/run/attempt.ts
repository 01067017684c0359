import { randomInt } from 'node:crypto'
import { asProblem, Problem, Problems } from '../base/problem.ts'
import type { Result } from '../base/result.ts'
import { TouchedUnknown, Unknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { moduleFolders } from '../book/read-action.ts'
import type { Layer, Scope } from '../lang/scope.ts'
import type { Background } from '../module/background.ts'
import { hindrance, isLocal, type Module, onlyLooks } from '../module/definition.ts'
import { type Circumstances, type Ended, runModule } from '../module/life-cycle.ts'
import { companyOf, type Loop } from './company.ts'
import { type Doer, doerOf } from './delegate.ts'
import { type Done, mayChange, registeredValue, unverified, withLines } from './done.ts'
import type { HostState } from './host-state.ts'
import { keepFacts } from './kept-facts.ts'
import { Patience } from './patience.ts'
import type { PlayContext } from './play-context.ts'
import { fulfil } from './requests.ts'
import { resolveArguments } from './task-arguments.ts'
import { controllerFor } from './task-controller.ts'
import { booleanKeyword, environmentOf, namesKeyword, numberKeyword } from './task-keywords.ts'
import type { TaskVoice } from './task-voice.ts'
import { judged } from './verdict.ts'

/** Ansible's seconds between looks at a task in the background. */
const POLL = 15

/** One task on one host, its parameters filled in: it may be tried several times. */
export class Attempt {
  readonly #context: PlayContext
  readonly #task: Task
  readonly #state: HostState
  readonly #scope: Scope
  readonly #more: readonly Layer[]
  readonly #voice: TaskVoice
  readonly #loop: Loop | undefined

  /** `loop` is the loop around, with the items behind this one. */
  constructor(
    at: { context: PlayContext; task: Task; state: HostState; voice: TaskVoice; loop: Loop | undefined },
    scope: Scope,
    more: readonly Layer[],
  ) {
    this.#context = at.context
    this.#task = at.task
    this.#state = at.state
    this.#voice = at.voice
    this.#loop = at.loop
    this.#scope = scope
    this.#more = more
  }

  /** Parameters, the module's life cycle, changed_when and failed_when. */
  async make(): Promise<Done> {
    const task = this.#task
    const scope = this.#scope
    const module = await this.#module()
    const started = performance.now()
    const { params, problems } = resolveArguments(task, module, scope, { keepUnknown: true })
    if (this.#context.session.options.profile) this.#voice.filledIn(started)
    if (problems.length > 0) throw new Problems(problems)
    this.#keepSecrets(module, params)
    const unknown = hindrance(module, params)
    if (unknown && !isLocal(module) && !(unknown.fresh && 'foreseeNew' in module))
      return onlyLooks(module, params) ? unverified(unknown.reason) : mayChange(unknown.reason, unknown.fresh)
    const doer = doerOf(this.#context, task, this.#state, scope, this.#more)
    const by = doer.delegated === undefined ? {} : { delegated: doer.delegated }
    let ended: Ended
    try {
      ended = await this.#run(module, params, doer)
    } catch (thrown) {
      // A failing module still passes through failed_when and ignore_errors.
      const done = { ...failure(task, this.#state, thrown), ...by }
      return done.result.unreachable ? done : judged(task, scope, done)
    }
    for (const warning of ended.warnings) this.#voice.warning(scope, warning)
    if (unknown)
      return { result: ended.result, registered: new Unknown(unknown.reason, { fresh: unknown.fresh }), ...by }
    const sets = this.#keep(ended, doer)
    const problem =
      ended.result.failed && ended.hint
        ? new Problem('task-failed', String(ended.result.msg ?? 'failed'), {
            at: task.actionSpan,
            hint: ended.hint,
            host: this.#state.name,
          })
        : undefined
    return judged(task, scope, {
      result: withLines(ended.result),
      registered: registeredValue(ended),
      problem,
      steps: ended.steps.map((step) => step.show),
      notifies: () => namesKeyword(task.levels, 'notify', scope),
      sets,
      ...by,
    })
  }

  /** Whether a dry run has foretold changes, of any host, that what the task sees on its host may wait for. */
  async comesTooEarly(): Promise<boolean> {
    return this.#checking() && this.#unmade() && !isLocal(await this.#module())
  }

  #checking(): boolean {
    return booleanKeyword(this.#task.levels, 'check_mode', this.#scope) ?? this.#context.session.options.check
  }

  /** Services of other hosts are what a task may look at too. */
  #unmade(): boolean {
    for (const state of this.#context.session.states) if (state.memory.unmade > 0) return true
    return false
  }

  async #run(module: Module, params: Record<string, unknown>, doer: Doer): Promise<Ended> {
    const { session } = this.#context
    const { approve } = session.options
    const task = this.#task
    const scope = this.#scope
    const { memory } = doer.state
    // A job in the background may change anything at any time.
    if (memory.jobs.size > 0) memory.forgetEverything()
    const checking = this.#checking()
    const reconnect = () => session.connections.reset(doer.state.name)
    const patience = new Patience(task, numberKeyword(task.levels, 'timeout', scope))
    const controller = controllerFor({
      session,
      task,
      playbookDir: this.#context.play.folder,
      scope,
      host: this.#state.name,
      checking,
      connection: doer.reach.facts,
      reconnect,
      quiet: this.#voice.hidden(scope),
    })
    const ended = await patience.during(
      runModule(module, params, {
        host: doer.state.name,
        connection: doer.reach.connection,
        as: doer.reach.as,
        way: doer.reach.way,
        memory,
        early: doer.delegated === undefined ? (parts) => doer.state.takeEarly(task, parts) : undefined,
        // Here, tasks may read on the controller what those before make; and nothing is far.
        ...(doer.delegated === undefined && doer.reach.facts.kind !== 'local' ? this.#sharing() : {}),
        askedAfter: session.askedAfter,
        unmade: () => this.#unmade(),
        controller: patience.over(controller),
        checking,
        alone: checking && !session.options.check,
        verify: session.options.verify,
        signal: session.abandon.signal,
        timeout: patience.milliseconds,
        environment: environmentOf(task, scope),
        background: this.#background(module, reconnect),
        onProgress: (what, done, total) => this.#voice.progress(scope, what, done, total),
        approve: approve && ((plan) => approve(this.#voice.wanted(scope, plan))),
      }),
      reconnect,
    )
    const { ansible_job_id: job, finished } = ended.result
    if (typeof job === 'string' && finished === 1 && memory.jobs.delete(job)) memory.forgetEverything()
    return ended.request ? fulfil(session, ended, this.#state) : ended
  }

  /** How round trips are shared with what comes behind, and with what came before. */
  #sharing(): Pick<Circumstances, 'madeAhead' | 'company'> {
    const at = { context: this.#context, task: this.#task, state: this.#state, loop: this.#loop }
    return {
      madeAhead: (parts) => at.state.takeMadeAhead(at.task, parts),
      company: (steps, way) => companyOf(at, steps, way),
    }
  }

  #module(): Promise<Module> {
    const { session, play } = this.#context
    return session.registry.load(this.#task.action, moduleFolders(this.#task, play.folder), this.#task.actionSpan)
  }

  #background(module: Module, reconnect: () => Promise<void>): Background | undefined {
    const task = this.#task
    const seconds = numberKeyword([task.own], 'async', this.#scope) ?? 0
    if (seconds <= 0) return undefined
    if (isLocal(module)) {
      throw new Problem('task-failed', 'async is not supported for this task.', {
        at: task.own.keywords.get('async')?.span,
        hint: `"${task.action}" does nothing on the host that could go on there.`,
      })
    }
    const { session } = this.#context
    return {
      id: `j${randomInt(1e11, 1e12)}.${randomInt(1000, 100_000)}`,
      seconds,
      poll: numberKeyword([task.own], 'poll', this.#scope) ?? POLL,
      sleep: (time) => pause(time, session.waiting.signal),
      reconnect,
    }
  }

  /** Marked parameters are masked in everything shown from now on. */
  #keepSecrets(module: Module, params: Record<string, unknown>): void {
    const { masker } = this.#context.session
    const properties = (module.params as { properties: Record<string, { secret?: boolean }> }).properties
    for (const [name, value] of Object.entries(params))
      if (properties[name]?.secret && typeof value === 'string') masker.add(value)
    for (const name of ['ansible_password', 'ansible_ssh_pass', 'ansible_become_password', 'ansible_become_pass']) {
      if (!this.#scope.has(name)) continue
      const value = this.#scope.get(name)
      if (typeof value === 'string') masker.add(value)
    }
  }

  /** Keeps what the module set, for the host or for the one it was delegated to. Gives how to keep it for others too. */
  #keep(ended: Ended, doer: Doer): Done['sets'] {
    const keep = setter(ended)
    if (!keep) return undefined
    const away = doer.delegated !== undefined && booleanKeyword(this.#task.levels, 'delegate_facts', this.#scope)
    keep(away ? doer.state : this.#state)
    return away ? undefined : keep
  }
}

function setter(ended: Ended): ((state: HostState) => void) | undefined {
  const { sets } = ended
  if (sets) {
    return (state) => {
      state.set(sets.level, sets.values)
      if (sets.facts) keepFacts(state, sets.values)
    }
  }
  const facts = ended.result['ansible_facts']
  if (typeof facts !== 'object' || facts === null) return undefined
  return (state) => keepFacts(state, facts as Record<string, unknown>)
}

/** What a thrown problem means for the task. */
export function failure(task: Task, state: HostState, thrown: unknown): Done {
  if (thrown instanceof TouchedUnknown) return mayChange(thrown.unknown.reason, thrown.unknown.fresh)
  const problems = thrown instanceof Problems ? thrown.problems : [asProblem(thrown)]
  const first = problems[0]!
  const unreachable = ['host-unreachable', 'host-key', 'host-auth'].includes(first.code)
  const problem = first.at(task.actionSpan)
  problem.host = state.name
  const msg = problems.map((one) => one.message).join('\n')
  const result: Result = unreachable
    ? { changed: false, unreachable: true, msg }
    : { changed: false, failed: true, msg }
  return { result, registered: result, problem }
}

/** Ends early when the run is interrupted. */
export async function pause(time: number, signal: AbortSignal): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises')
  await sleep(time, undefined, { signal }).catch(() => undefined)
}
