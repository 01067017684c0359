import type { LimitFunction } from 'p-limit'
import type { Block, Entry } from '../book/entry.ts'
import { entryName, tasksOf } from '../book/entry.ts'
import type { RoleUse } from '../book/role.ts'
import type { Layer } from '../lang/scope.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { numberKeyword } from './task-keywords.ts'
import { asksForOnce, runTask } from './task-round.ts'
import { weighEntry } from './thresholds.ts'

/** How a list of entries is run; inner lists inherit it. */
export interface Circle {
  /** Variables of dynamic includes around. */
  readonly more: readonly Layer[]
  /** A rescue around will look at a failure: it then counts as rescued. */
  readonly rescuable: boolean
  /** An always around is still to come. */
  readonly finishing?: boolean
}

/** Runs entries on hosts in step: every host ends a task before the next begins (strategy linear; free runs one host a call). */
export class EntriesRunner {
  readonly context: PlayContext
  readonly handlers: Entry[]
  readonly #around = new Map<Entry, readonly Layer[]>()
  /** So many hosts are worked on at once. */
  readonly limit: LimitFunction

  constructor(context: PlayContext, limit: LimitFunction) {
    this.context = context
    this.handlers = [...context.play.handlers]
    this.limit = limit
  }

  /** Gives the hosts that failed here and were not rescued. Hosts lost or ended are neither. */
  async run(entries: readonly Entry[], hosts: readonly HostState[], circle: Circle): Promise<HostState[]> {
    const failed: HostState[] = []
    for (const entry of entries) {
      // What was made already on a host is told of all the same.
      const begun = (state: HostState) => !this.context.session.interrupted || state.hasMadeAhead()
      if (!hosts.some(begun)) return failed
      // Whom clear_host_errors has brought back is with them again.
      const alive = hosts.filter((state) => state.active && !failed.includes(state) && begun(state))
      if (alive.length === 0) break
      const lost =
        entry.kind === 'block' ? await this.#block(entry, alive, circle) : await runTask(this, entry, alive, circle)
      failed.push(...lost)
      this.#weigh(entry, lost, alive, circle)
    }
    return failed
  }

  /** What a rescue or an always will look at is not the end of anything yet; then it is none afterwards either. */
  #weigh(entry: Entry, lost: readonly HostState[], alive: readonly HostState[], circle: Circle): void {
    const looked = circle.rescuable || circle.finishing || (entry.kind === 'block' && entry.always.length > 0)
    const failed = looked ? [] : lost
    for (const state of failed) this.context.lost.add(state)
    const unreachable = alive.filter((state) => state.unreachable && !this.context.lost.has(state))
    for (const state of unreachable) this.context.lost.add(state)
    weighEntry(this.context, entry, { failed, unreachable })
  }

  /** Takes in the handlers of roles that are new to the play; `more` are the variables of the includes around them. */
  addHandlers(uses: readonly RoleUse[], more: readonly Layer[]): void {
    for (const { identity, handlers } of new Set(uses)) {
      if (this.handlers.some(({ role }) => role?.identity === identity)) continue
      this.handlers.push(...handlers)
      for (const handler of handlers) this.#around.set(handler, more)
    }
  }

  /** Runs what has been notified, once, in the order handlers are defined; one that a later one notifies waits. */
  async flush(hosts: readonly HostState[], circle: Circle): Promise<HostState[]> {
    const failed: HostState[] = []
    for (const handler of this.handlers) {
      const waiting = hosts.filter(
        (state) => state.notified.has(handler) && !state.unreachable && !state.ended && !failed.includes(state),
      )
      if (waiting.length === 0) continue
      const more = this.#around.get(handler) ?? []
      // With run_once Ansible calls it for each host that notified it, one after another.
      const once = asksForOnce(this.context, handler, waiting[0]!, circle)
      for (const round of once ? waiting.map((one) => [one]) : [waiting])
        failed.push(...(await this.run([handler], round, { ...circle, more })))
      // Only now: what it notified itself of is nothing.
      for (const state of waiting) state.notified.delete(handler)
      if (this.context.session.interrupted) return failed
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
    // A rescue of which no task is asked for is none.
    const rescues = [...tasksOf(block.rescue)].some((task) => this.context.isTagged(task))
    const inner = block.always.length > 0 ? { ...circle, finishing: true } : circle
    const failed = await this.run(block.block, hosts, {
      ...inner,
      rescuable: circle.rescuable || rescues,
    })
    let unrescued = failed
    if (rescues && failed.length > 0 && !this.context.session.broken)
      unrescued = await this.run(block.rescue, failed, inner)
    if (block.always.length > 0) {
      const more = await this.run(block.always, hosts, circle)
      unrescued = [...new Set([...unrescued, ...more])]
    }
    return unrescued
  }
}
