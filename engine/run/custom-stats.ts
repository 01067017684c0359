import { isMap } from './loop-items.ts'

export interface StatsRequest {
  readonly data: Readonly<Record<string, unknown>>
  readonly perHost: boolean
  readonly aggregate: boolean
}

/** What set_stats tasks have gathered, for the run or for each host, added up as Ansible adds. */
export class CustomStats {
  readonly #run = new Map<string, unknown>()
  readonly #hosts = new Map<string, Map<string, unknown>>()

  take(request: StatsRequest, host: string): void {
    let into = this.#run
    if (request.perHost) {
      into = this.#hosts.get(host) ?? new Map()
      this.#hosts.set(host, into)
    }
    for (const [name, value] of Object.entries(request.data)) {
      const before = into.get(name)
      // Values of another kind are left out of the sum.
      if (before === undefined || !request.aggregate) into.set(name, value)
      else into.set(name, sum(before, value))
    }
  }

  /** undefined: nothing was gathered. */
  get told(): { run?: Record<string, unknown>; hosts?: Record<string, Record<string, unknown>> } | undefined {
    if (this.#run.size === 0 && this.#hosts.size === 0) return undefined
    const sorted = [...this.#hosts].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      ...(this.#run.size > 0 ? { run: Object.fromEntries(this.#run) } : {}),
      ...(sorted.length > 0
        ? { hosts: Object.fromEntries(sorted.map(([name, stats]) => [name, Object.fromEntries(stats)])) }
        : {}),
    }
  }
}

function sum(before: unknown, value: unknown): unknown {
  if (typeof before === 'number' && typeof value === 'number') return before + value
  if (typeof before === 'string' && typeof value === 'string') return before + value
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value]
  if (isMap(before) && isMap(value)) return { ...before, ...value }
  return before
}
