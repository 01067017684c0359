import pLimit, { type LimitFunction } from 'p-limit'
import { asProblem, Problem } from '../base/problem.ts'
import { place } from '../base/span.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import type { Block, Entry, Task } from '../book/entry.ts'
import { entryName } from '../book/entry.ts'
import { keywordOf, tagsThrough } from '../book/level.ts'
import { renderValue } from '../lang/render.ts'
import type { Layer } from '../lang/scope.ts'
import { notify } from './handlers.ts'
import type { HostState } from './host-state.ts'
import { includeEntries } from './include.ts'
import { lookAhead } from './look-ahead.ts'
import { runMeta } from './meta.ts'
import type { PlayContext } from './play-context.ts'
import { isSelected } from './tags.ts'
import { booleanKeyword, numberKeyword } from './task-keywords.ts'
import { type Outcome, TaskRunner } from './task-runner.ts'

/** How a list of entries is run; inner lists inherit it. */
export interface Circle {
  /** Variables of dynamic includes around. */
  readonly more: readonly Layer[]
  /** A rescue around will look at a failure: it then counts as rescued. */
  readonly rescuable: boolean
}

/** Runs entries on hosts in step: every host ends a task before the next begins (strategy linear; free runs one host a call). */
export class EntriesRunner {
  readonly context: PlayContext
  readonly handlers: Entry[]
  readonly #limit: LimitFunction

  constructor(context: PlayContext, limit: LimitFunction) {
    this.context = context
    this.handlers = [...context.play.handlers]
    this.#limit = limit
  }

  /** Gives the hosts that failed here and were not rescued. Hosts lost or ended are neither. */
  async run(entries: readonly Entry[], hosts: readonly HostState[], circle: Circle): Promise<HostState[]> {
    const failed: HostState[] = []
    let alive = hosts.filter((state) => state.active)
    for (const entry of entries) {
      if (this.context.session.interrupted) return failed
      alive = alive.filter((state) => state.active)
      if (alive.length === 0) break
      const lost =
        entry.kind === 'block' ? await this.#block(entry, alive, circle) : await this.#task(entry, alive, circle)
      failed.push(...lost)
      alive = alive.filter((state) => !lost.includes(state))
      if (!circle.rescuable) for (const state of lost) this.context.lost.add(state)
      // What a rescue will look at is not the end of anything yet.
      const fatal = circle.rescuable ? undefined : this.#fatal(entry, lost, alive)
      if (fatal !== undefined) {
        this.context.session.emit({ event: 'hosts_lost', play: this.context.play.span.source.file, reason: fatal })
        failed.push(...alive)
        alive = []
      }
    }
    return failed
  }

  /** Runs what has been notified, in the order handlers are defined, until nothing is waiting. */
  async flush(hosts: readonly HostState[], circle: Circle): Promise<HostState[]> {
    const failed: HostState[] = []
    for (let round = 0; round < 100; round++) {
      let ran = false
      for (const handler of this.handlers) {
        const waiting = hosts.filter(
          (state) => state.notified.has(handler) && !state.unreachable && !state.ended && !failed.includes(state),
        )
        if (waiting.length === 0) continue
        ran = true
        for (const state of waiting) state.notified.delete(handler)
        failed.push(...(await this.run([handler], waiting, circle)))
        if (this.context.session.interrupted) return failed
      }
      if (!ran) break
    }
    return failed
  }

  async #block(block: Block, hosts: readonly HostState[], circle: Circle): Promise<HostState[]> {
    const scope = this.context.taskScope(hosts[0]!, block, circle.more)
    const throttle = numberKeyword([block.own], 'throttle', scope) ?? 0
    if (throttle > 0 && hosts.length > throttle) return this.#criticalSection(block, hosts, circle, throttle)
    return this.#blockTogether(block, hosts, circle)
  }

  /** `throttle` on a block: so many hosts go through all of it before the next begin; a failure keeps the others out. */
  async #criticalSection(
    block: Block,
    hosts: readonly HostState[],
    circle: Circle,
    width: number,
  ): Promise<HostState[]> {
    for (let at = 0; at < hosts.length; at += width) {
      const failed = await this.#blockTogether(block, hosts.slice(at, at + width), circle)
      const waiting = hosts.slice(at + width)
      const explicit = block.own.keywords.get('any_errors_fatal')
      const goOn = explicit?.kind === 'scalar' && explicit.value === false
      if (failed.length === 0 || goOn || waiting.length === 0) {
        if (failed.length > 0)
          return [...failed, ...(waiting.length > 0 ? await this.#criticalSection(block, waiting, circle, width) : [])]
        continue
      }
      this.context.session.emit({
        event: 'hosts_lost',
        play: this.context.play.span.source.file,
        reason: `${failed.map((state) => state.name).join(', ')} failed inside "${entryName(block)}", which goes one after another: ${waiting.map((state) => state.name).join(', ')} did not begin it.`,
      })
      return [...failed, ...waiting]
    }
    return []
  }

  async #blockTogether(block: Block, hosts: readonly HostState[], circle: Circle): Promise<HostState[]> {
    const rescues = block.rescue.length > 0
    const failed = await this.run(block.block, hosts, { ...circle, rescuable: circle.rescuable || rescues })
    let unrescued = failed
    if (rescues && failed.length > 0) {
      unrescued = await this.run(block.rescue, failed, circle)
      for (const state of failed) if (!unrescued.includes(state)) state.rescuing = undefined
    }
    if (block.always.length > 0) {
      const more = await this.run(block.always, hosts, circle)
      unrescued = [...new Set([...unrescued, ...more])]
    }
    return unrescued
  }

  async #task(task: Task, hosts: readonly HostState[], circle: Circle): Promise<HostState[]> {
    const { session } = this.context
    if (
      !task.handler &&
      !isSelected(tagsThrough(task.levels), session.options.tags, session.options.skipTags) &&
      !(task.action === 'meta' && task.args?.kind === 'scalar' && task.args.text === 'flush_handlers')
    )
      return []
    if (this.#beforeStart(task)) return []
    if (task.action === 'meta') return runMeta(this, task, hosts, circle)
    const once = safeBoolean(() =>
      booleanKeyword(task.levels, 'run_once', this.context.taskScope(hosts[0]!, task, circle.more)),
    )
    const workers = once ? hosts.slice(0, 1) : hosts
    const id = session.nextId()
    session.emit({
      event: 'task_start',
      task: this.#title(task, hosts[0]!),
      action: task.action,
      handler: task.handler,
      place: place(task.span),
      id,
    })
    if (task.action === 'include_tasks' || task.action === 'include_role')
      return includeEntries(this, task, workers, circle, id)
    const throttle =
      numberKeyword(
        task.levels.filter((level) => level.bearer !== 'block'),
        'throttle',
        this.context.taskScope(hosts[0]!, task, circle.more),
      ) ?? 0
    const own = throttle > 0 ? pLimit(throttle) : undefined
    const work = (state: HostState) => this.#limit(() => this.#onHost(task, state, id, circle))
    const outcomes = await Promise.all(workers.map((state) => (own ? own(() => work(state)) : work(state))))
    if (once && outcomes[0]) return this.#shareOnce(task, outcomes[0], hosts, circle)
    return outcomes.filter((outcome) => this.#count(task, outcome, circle)).map((outcome) => outcome.state)
  }

  async #onHost(task: Task, state: HostState, id: number, circle: Circle): Promise<Outcome> {
    await lookAhead(this.context, task, state)
    return new TaskRunner(this.context, task, state, id, circle.more).run()
  }

  /** run_once: the one host's result is everyone's; its failure too. */
  #shareOnce(task: Task, outcome: Outcome, hosts: readonly HostState[], circle: Circle): HostState[] {
    const failed = this.#count(task, outcome, circle)
    if (task.register !== undefined) {
      const value = outcome.state.setFacts.get(task.register)
      for (const state of hosts) {
        if (value) state.setFacts.set(task.register, value)
        state.version++
      }
    }
    if (task.action === 'set_fact')
      for (const state of hosts) for (const [name, value] of outcome.state.setFacts) state.setFacts.set(name, value)
    return failed ? [...hosts] : []
  }

  /** Counts an outcome for the recap and notifies; true when the host failed. */
  #count(task: Task, outcome: Outcome, circle: Circle): boolean {
    const { state, status, result } = outcome
    const { recap } = state
    const failedHere = () => {
      if (circle.rescuable) recap.rescued++
      else recap.failed++
      state.rescuing = { task, result }
      state.problem = outcome.problem
      state.forgiven = false
    }
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
        state.problem = outcome.problem
        return false
      case 'failed':
        failedHere()
        return true
    }
    if (status === 'changed' || status === 'may_change' || (status === 'ignored' && result.changed)) {
      try {
        notify(this.context, this.handlers, task, state)
      } catch (thrown) {
        const problem = asProblem(thrown)
        this.context.session.emit({
          event: 'warning',
          message: problem.message,
          ...(problem.spans[0] ? { place: place(problem.spans[0]) } : {}),
        })
        failedHere()
        return true
      }
    }
    return false
  }

  /** Whether this failure ends it for the hosts that are still alive, and why. */
  #fatal(entry: Entry, lost: readonly HostState[], alive: readonly HostState[]): string | undefined {
    if (alive.length === 0) return undefined
    if (lost.length === 0) return undefined
    const scope = this.context.taskScope(alive[0]!, entry)
    if (booleanKeyword(entry.levels, 'any_errors_fatal', scope)) {
      return `${lost.map((state) => state.name).join(', ')} failed in "${entryName(entry)}" and any_errors_fatal is set.`
    }
    const most = numberKeyword(entry.levels, 'max_fail_percentage', scope)
    if (most === undefined) return undefined
    const { batch } = this.context
    const failed = batch.filter((state) => this.context.lost.has(state)).length
    return (failed / batch.length) * 100 > most
      ? `${failed} of ${batch.length} hosts failed, more than max_fail_percentage ${most}.`
      : undefined
  }

  #beforeStart(task: Task): boolean {
    const { startAtTask } = this.context.session.options
    if (startAtTask === undefined || this.context.started.reached || task.handler) return false
    const name = entryName(task)
    const pattern = new RegExp(
      `^${startAtTask
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    )
    if (!pattern.test(name) && !(task.role && pattern.test(`${task.role.role.name} : ${name}`))) return true
    this.context.started.reached = true
    return false
  }

  #title(task: Task, state: HostState): string {
    const node = keywordOf([task.own], 'name')
    const role = task.role ? `${task.role.role.name} : ` : ''
    if (!node) return role + task.action
    try {
      const value = renderValue(node, this.context.taskScope(state, task))
      return role + this.context.session.masker.text(isUnknown(value) ? entryName(task) : String(value))
    } catch (thrown) {
      // A name with an item or a register in it is shown as written.
      if (thrown instanceof Problem || thrown instanceof TouchedUnknown) return role + entryName(task)
      throw thrown
    }
  }
}

function safeBoolean(work: () => boolean | undefined): boolean {
  try {
    return work() ?? false
  } catch (thrown) {
    if (thrown instanceof Problem || thrown instanceof TouchedUnknown) return false
    throw thrown
  }
}
