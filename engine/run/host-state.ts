import type { HostRecap } from '../base/event.ts'
import type { Problem } from '../base/problem.ts'
import type { Entry, Task } from '../book/entry.ts'
import type { Host } from '../hosts/group.ts'
import type { Layer, Variable } from '../lang/scope.ts'
import { layer } from '../lang/variables.ts'
import type { EarlyProbe, ProbeParts } from '../module/early-probe.ts'
import type { MadeAhead } from '../module/shared-trip.ts'
import { HostMemory } from '../state/host-memory.ts'
import { variableOf } from './deferred.ts'

/** What `facts` is before any is known, as in Ansible: empty, not undefined. Below what preflight does not know yet. */
const noFacts: Layer = layer(-2, 'no facts yet', { facts: {}, ansible_facts: {} })

/** What a run knows of a host, from its first task to the recap. */
export class HostState {
  host: Host
  readonly name: string
  readonly memory = new HostMemory()
  readonly facts = new Map<string, Variable>()
  readonly setFacts = new Map<string, Variable>()
  readonly includedVars = new Map<string, Variable>()
  readonly recap: HostRecap = {
    ok: 0,
    changed: 0,
    unreachable: 0,
    failed: 0,
    skipped: 0,
    rescued: 0,
    ignored: 0,
    may_change: 0,
    round_trips: 0,
  }
  /** Handlers waiting to run. */
  readonly notified = new Set<Entry>()
  /** Look-ahead has been tried for these, and how often. */
  readonly lookedAhead = new Map<Task, number>()
  lookedAtGeneration = 0
  /** Of tasks ahead, in the order of their items. */
  readonly #early = new Map<Task, EarlyProbe[]>()
  /** Of tasks and items ahead, in their order. */
  readonly #madeAhead = new Map<Task, MadeAhead[]>()
  /** Failed for good in this play (not rescued). */
  failed = false
  unreachable = false
  /** meta: clear_host_errors: it is back in the next play, and its failures do not count for the exit status. */
  forgiven = false
  /** meta: end_host, end_play, end_batch. */
  ended = false
  problem: Problem | undefined
  factsGathered = false
  /** Counts up whenever a variable is set, so that what was made of them is made anew. */
  version = 0

  constructor(host: Host) {
    this.host = host
    this.name = host.name
  }

  get active(): boolean {
    return !this.failed && !this.unreachable && !this.ended
  }

  set(level: 'facts' | 'set_fact' | 'include_vars', values: Readonly<Record<string, unknown>>): void {
    const target = level === 'facts' ? this.facts : level === 'set_fact' ? this.setFacts : this.includedVars
    for (const [name, value] of Object.entries(values)) target.set(name, variableOf(value))
    this.version++
  }

  addEarly(task: Task, probe: EarlyProbe): void {
    append(this.#early, task, probe)
  }

  /** A probe is used once: who tries again, looks again. */
  takeEarly(task: Task, parts: ProbeParts): EarlyProbe | undefined {
    const probes = this.#early.get(task) ?? []
    const at = probes.findIndex((probe) => probe.name.isOf(parts))
    const [probe] = at < 0 ? [] : probes.splice(at, 1)
    probe?.release()
    return probe?.holds ? probe : undefined
  }

  /** Of one task, or of all. */
  forgetEarly(task?: Task): void {
    const gone = task === undefined ? [...this.#early.keys()] : [task]
    for (const one of gone) {
      for (const probe of this.#early.get(one) ?? []) probe.release()
      this.#early.delete(one)
    }
  }

  addMadeAhead(task: Task, made: MadeAhead): void {
    append(this.#madeAhead, task, made)
  }

  /** Whether something was made on the host whose turn is still to come, of one task or of any. */
  hasMadeAhead(task?: Task): boolean {
    return task === undefined ? this.#madeAhead.size > 0 : this.#madeAhead.has(task)
  }

  /** What was made for a task before its turn. What was not meant for just these parameters may have changed anything. */
  takeMadeAhead(task: Task, parts: ProbeParts): MadeAhead | undefined {
    const all = this.#madeAhead.get(task) ?? []
    const made = all.shift()
    if (all.length === 0) this.#madeAhead.delete(task)
    if (made === undefined || made.name.isOf(parts)) return made
    this.memory.forgetEverything()
    return undefined
  }

  /** Their turn will not come, of one task or of all. */
  forgetMadeAhead(task?: Task): void {
    if (this.hasMadeAhead(task)) this.memory.forgetEverything()
    if (task === undefined) this.#madeAhead.clear()
    else this.#madeAhead.delete(task)
  }

  layers(ranks: { facts: number; includeVars: number; setFact: number }): Layer[] {
    return [
      noFacts,
      { rank: ranks.facts, name: 'facts', variables: this.facts },
      { rank: ranks.includeVars, name: 'include_vars', variables: this.includedVars },
      { rank: ranks.setFact, name: 'set_fact and register', variables: this.setFacts },
    ]
  }
}

function append<T>(lists: Map<Task, T[]>, task: Task, one: T): void {
  const there = lists.get(task)
  if (there) there.push(one)
  else lists.set(task, [one])
}
