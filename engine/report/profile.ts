import type { Event, Reporter, SpanKind } from '../base/event.ts'

/** A task on one host, milliseconds of the profile's clock. */
export interface TaskSpan {
  readonly id: number
  readonly host: string
  readonly task: string
  readonly action: string
  readonly place: string
  /** When the task's turn came; when this host began. Between: waiting for a free place (forks, throttle). */
  readonly due: number
  readonly started: number
  readonly ended: number
}

export interface WireSpan {
  readonly host: string
  readonly what: SpanKind
  /** The task that the host was at; undefined before its first. */
  readonly id: number | undefined
  readonly started: number
  readonly ended: number
  readonly scripts: number | undefined
}

/** Gathers where a run's time went, out of its events. */
export class Profile implements Reporter {
  readonly tasks: TaskSpan[] = []
  readonly spans: WireSpan[] = []
  readonly started: number
  ended: number
  readonly #now: () => number
  readonly #announced = new Map<number, { task: string; action: string; place: string; due: number }>()
  readonly #began = new Map<string, number>()
  readonly #at = new Map<string, number>()

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.started = now()
    this.ended = this.started
  }

  on(event: Event): void {
    const now = this.#now()
    this.ended = now
    switch (event.event) {
      case 'task_start': {
        const { task, action, place } = event
        this.#announced.set(event.id, { task, action, place, due: now })
        return
      }
      case 'host_start':
        this.#began.set(`${event.host} ${event.id}`, now)
        this.#at.set(event.host, event.id)
        return
      case 'span': {
        const { host, what, started, ended, scripts } = event
        this.spans.push({ host, what, started, ended, scripts, id: this.#at.get(host) })
        return
      }
      case 'result': {
        const about = this.#announced.get(event.id)
        if (!about) return
        const started = this.#began.get(`${event.host} ${event.id}`) ?? now - event.duration_ms
        this.tasks.push({ ...about, id: event.id, host: event.host, started, ended: now })
      }
    }
  }

  end(): void {}

  /** Everyone's waiting for the slowest, task by task: how long each host waited, and how long it alone held up the rest. */
  waits(): Map<string, { waited: number; heldUp: number }> {
    const waits = new Map<string, { waited: number; heldUp: number }>()
    for (const { host } of this.tasks) waits.set(host, { waited: 0, heldUp: 0 })
    for (const hosts of this.byTask().values()) {
      if (hosts.length < 2) continue
      const order = hosts.toSorted((a, b) => a.ended - b.ended)
      const last = order.at(-1)!
      for (const one of order) waits.get(one.host)!.waited += last.ended - one.ended
      waits.get(last.host)!.heldUp += last.ended - order.at(-2)!.ended
    }
    return waits
  }

  byTask(): Map<number, TaskSpan[]> {
    return grouped(this.tasks, (one) => one.id)
  }
}

/** In the order in which each group's first comes. */
export function grouped<K, T>(all: readonly T[], key: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const one of all) {
    const group = groups.get(key(one))
    if (group) group.push(one)
    else groups.set(key(one), [one])
  }
  return groups
}
