/** What is compared of a run: nothing that differs from run to run. */
export interface Outcome {
  readonly status: number
  /** Each task in order with its hosts, `name: h1 ok, h2 changed [item ok, item changed]`; after a free strategy, host by host. */
  readonly tasks: readonly string[]
  /** What debug tasks said: `h1: text`. */
  readonly says: readonly string[]
  /** What is not zero: `h1 ok=2 changed=1`. */
  readonly recap: readonly string[]
  /** Below /srv on the hosts, and below out/ beside the playbook: `h1:/srv/a` → `0644 root:root file` and the content's lines. */
  readonly files: Readonly<Record<string, readonly string[]>>
}

/** One result as both sides tell it. */
export interface Told {
  readonly task: number
  readonly name: string
  readonly host: string
  readonly status: string
  readonly items: readonly string[]
}

export interface Saying {
  readonly task: number
  readonly host: string
  readonly text: string
}

/** The task lines: by task in the order they began, or where hosts go their own ways by host. */
export function taskLines(told: readonly Told[], free: boolean): string[] {
  const shown = ({ status, items }: Told) => `${status}${items.length > 0 ? ` [${items.join(', ')}]` : ''}`
  if (free) {
    const hosts = [...new Set(told.map((one) => one.host))].sort()
    return hosts.flatMap((host) =>
      told.filter((one) => one.host === host).map((one) => `${host}: ${one.name} ${shown(one)}`),
    )
  }
  const tasks: { id: number; name: string; results: Told[] }[] = []
  for (const one of [...told].sort((a, b) => a.task - b.task)) {
    const last = tasks.at(-1)
    // Ansible begins a task again for hosts that a handler held up a moment; nobody else went between.
    const same =
      last?.id === one.task || (last?.name === one.name && !last.results.some((two) => two.host === one.host))
    if (last && same) last.results.push(one)
    else tasks.push({ id: one.task, name: one.name, results: [one] })
  }
  return tasks.map(
    ({ name, results }) =>
      `${name}: ${results
        .map((one) => `${one.host} ${shown(one)}`)
        .sort()
        .join(', ')}`,
  )
}

export function sayingLines(sayings: readonly Saying[], free: boolean): string[] {
  const order = (a: Saying, b: Saying) =>
    (free ? 0 : a.task - b.task) || (a.host < b.host ? -1 : a.host > b.host ? 1 : 0)
  return [...sayings].sort(order).map(({ host, text }) => `${host}: ${text}`)
}

const counters = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored', 'may_change']

export function recapLines(hosts: Readonly<Record<string, Readonly<Record<string, number>>>>): string[] {
  return Object.entries(hosts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, counts]) =>
      [host, ...counters.filter((name) => (counts[name] ?? 0) > 0).map((name) => `${name}=${counts[name]}`)].join(' '),
    )
}

/** A value as text: a text itself, else JSON with sorted keys. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  )
}

/** What stands for an item; of a registered result, which holds times, the item it is of. */
export function labelText(item: unknown): string {
  if (typeof item !== 'object' || item === null) return valueText(item)
  const { ansible_loop_var: variable } = item as Record<string, unknown>
  return variable === undefined
    ? valueText(item)
    : `result of ${valueText((item as Record<string, unknown>)[String(variable)])}`
}
