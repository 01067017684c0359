import type { Event } from '../base/event.ts'
import type { Masker } from '../base/secret.ts'
import type { Play } from '../book/play.ts'
import type { Reading } from '../book/reading.ts'
import type { Host } from '../hosts/group.ts'
import type { Inventory } from '../hosts/inventory.ts'
import type { ModuleRegistry } from '../module/registry.ts'
import type { Connections } from './connections.ts'
import { HostState } from './host-state.ts'
import type { RunOptions } from './options.ts'
import type { PlayContext } from './play-context.ts'
import type { SealedValues } from './sealed-values.ts'

/** One run: what it was asked, what it read, what it knows of each host, and how it says what happens. */
export class Session {
  readonly options: RunOptions
  readonly inventory: Inventory
  readonly registry: ModuleRegistry
  readonly reading: Reading
  readonly plays: readonly Play[]
  readonly masker: Masker
  readonly sealed: SealedValues
  readonly connections: Connections
  readonly emit: (event: Event) => void
  /** Ended by the second Ctrl-C: what runs is abandoned. */
  readonly abandon = new AbortController()
  /** Ended by the first Ctrl-C: pauses and the waiting between attempts end at once. */
  readonly waiting = new AbortController()
  /** Set by the first Ctrl-C: nothing new begins. */
  interrupted = false
  /** What each host is doing now, for "where it stopped". */
  readonly working = new Map<string, string>()
  /** Where each host was when the run was interrupted, for people. */
  stopped: readonly string[] = []
  /** Every play's context, in order: looking ahead goes through all of them. */
  contexts: readonly PlayContext[] = []
  readonly #states = new Map<string, HostState>()
  #ids = 0

  constructor(
    parts: Pick<
      Session,
      'options' | 'inventory' | 'registry' | 'reading' | 'plays' | 'masker' | 'sealed' | 'connections' | 'emit'
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
    this.emit = parts.emit
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

  get states(): Iterable<HostState> {
    return this.#states.values()
  }

  nextId(): number {
    return ++this.#ids
  }
}
