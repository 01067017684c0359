import { setMaxListeners } from 'node:events'
import type { Event } from '../base/event.ts'
import type { Problem } from '../base/problem.ts'
import type { Masker } from '../base/secret.ts'
import type { Play } from '../book/play.ts'
import type { Reading } from '../book/reading.ts'
import { Additions } from '../hosts/dynamic.ts'
import { Host } from '../hosts/group.ts'
import type { Inventory, LoadedInventory } from '../hosts/inventory.ts'
import { toPlain } from '../lang/plain.ts'
import { AskedAfter } from '../module/perform.ts'
import type { ModuleRegistry } from '../module/registry.ts'
import type { Connections } from './connections.ts'
import { CustomStats } from './custom-stats.ts'
import { HostState } from './host-state.ts'
import type { RunOptions } from './options.ts'
import type { PlayContext } from './play-context.ts'
import type { SealedValues } from './sealed-values.ts'
import { Stepping } from './stepping.ts'

/** One run: what it was asked, what it read, what it knows of each host, and how it says what happens. */
export class Session {
  readonly options: RunOptions
  /** meta: refresh_inventory puts another in its place. */
  inventory: Inventory
  readonly registry: ModuleRegistry
  readonly reading: Reading
  readonly plays: readonly Play[]
  readonly masker: Masker
  readonly sealed: SealedValues
  readonly connections: Connections
  readonly readInventory: () => LoadedInventory
  readonly emit: (event: Event) => void
  /** Ended by the second Ctrl-C: what runs is abandoned. */
  readonly abandon = new AbortController()
  /** Ended by the first Ctrl-C: pauses and the waiting between attempts end at once. */
  readonly waiting = new AbortController()
  /** Set when the first play begins: until then values are only foreseen, and nothing is run or made for them. */
  running = false
  /** any_errors_fatal and the like have ended a play: no other is begun, and whatever else happened, it is a failure. */
  broken = false
  /** Set by the first Ctrl-C: nothing new begins. */
  interrupted = false
  /** What each host is doing now, for "where it stopped". */
  readonly working = new Map<string, string>()
  /** Where each host was when the run was interrupted, for people. */
  stopped: readonly string[] = []
  /** Every play's context, in order: looking ahead goes through all of them. */
  contexts: readonly PlayContext[] = []
  /** Hosts and groups made while it runs. */
  readonly additions = new Additions()
  /** Counts up whenever hosts or groups have changed: plays choose their hosts anew. */
  inventoryVersion = 0
  readonly askedAfter = new AskedAfter()
  /** What set_stats has gathered. */
  readonly stats = new CustomStats()
  /** --start-at-task, until the task has been found. */
  startAt: string | undefined
  /** --step: asks before every task, until it is told to go on. */
  readonly stepping: Stepping
  readonly #states = new Map<string, HostState>()
  #ids = 0

  constructor(
    parts: Pick<
      Session,
      | 'options'
      | 'inventory'
      | 'registry'
      | 'reading'
      | 'plays'
      | 'masker'
      | 'sealed'
      | 'connections'
      | 'readInventory'
      | 'emit'
    >,
  ) {
    this.options = parts.options
    this.inventory = parts.inventory
    this.registry = parts.registry
    this.reading = parts.reading
    this.plays = parts.plays
    this.masker = parts.masker
    this.sealed = parts.sealed
    this.connections = parts.connections
    this.readInventory = parts.readInventory
    this.emit = parts.emit
    this.startAt = parts.options.startAtTask
    this.stepping = new Stepping(parts.options)
    // Each host listens; without a word Node takes eleven for a leak, and says so.
    setMaxListeners(0, this.abandon.signal, this.waiting.signal)
  }

  state(host: Host): HostState {
    let state = this.#states.get(host.name)
    if (!state) {
      state = new HostState(host)
      this.#states.set(host.name, state)
    }
    return state
  }

  /** A host by name, also one that only is delegated to. */
  stateOf(name: string): HostState | undefined {
    const host = this.inventory.host(name)
    return host && this.state(host)
  }

  /** Reads the inventory's sources again; what the run added is added again. Gives why it could not. */
  refreshInventory(): readonly Problem[] {
    const { inventory, problems } = this.readInventory()
    if (problems.length > 0) return problems
    this.inventory = inventory
    this.additions.replay(inventory)
    this.inventoryChanged()
    return []
  }

  /** Hosts or groups are not what they were. */
  inventoryChanged(): void {
    this.inventoryVersion++
    for (const state of this.#states.values()) {
      state.host = this.inventory.host(state.name) ?? state.host
      state.version++
    }
  }

  /** The host of a `delegate_to`: by its name or address, or one that no inventory knows, reached by that name. */
  delegate(name: string): HostState {
    const known = this.stateOf(name)
    if (known) return known
    for (const host of this.inventory.hosts.values()) {
      const address = host.vars.get('ansible_host') ?? host.vars.get('ansible_ssh_host')
      const text = address && ('node' in address ? toPlain(address.node) : address.value)
      if (text === name) return this.state(host)
    }
    return this.state(new Host(name))
  }

  get states(): Iterable<HostState> {
    return this.#states.values()
  }

  nextId(): number {
    return ++this.#ids
  }
}
