import type { SpanKind } from '../base/event.ts'
import { duration, plural } from './measure.ts'
import { grouped, type Profile, type TaskSpan } from './profile.ts'
import { harmless, padText } from './text-width.ts'

const KINDS: readonly SpanKind[] = ['connect', 'look', 'do', 'send', 'fetch', 'fill in']
const MOST_TASKS = 15
const MOST_HOSTS = 30

/** What the controller itself took, milliseconds. */
export interface Computing {
  readonly all: number
  /** The most at a stretch, other programs' turns included: no host was heard meanwhile. */
  readonly stretch: number
}

/** Where the time went, for people: in all, by task (slowest first), by host. */
export function profileLines(profile: Profile, { all, stretch }: Computing): string[] {
  const whole = profile.ended - profile.started
  return [
    '',
    `PROFILE: ${duration(whole)}, of which the controller computed ${duration(all)}, at most ${duration(stretch)} at a stretch`,
    '',
    ...taskTable(profile),
    '',
    ...hostTable(profile),
  ]
}

function taskTable(profile: Profile): string[] {
  const wire = grouped(profile.spans, (span) => span.id)
  const tasks = [...profile.byTask()].map(([id, hosts]) => ({
    hosts,
    spans: wire.get(id) ?? [],
    took: end(hosts) - start(hosts),
  }))
  const slowest = tasks.toSorted((a, b) => b.took - a.took)
  const rows = slowest.slice(0, MOST_TASKS).map(({ hosts, spans, took }) => {
    const last = hosts.reduce((one, other) => (other.ended > one.ended ? other : one))
    const { task, place } = hosts[0]!
    return [
      harmless(task),
      duration(took),
      duration(median(hosts.map((one) => one.ended - one.started))),
      ...KINDS.slice(1, 3).map((kind) => sum(spans, kind)),
      duration(hosts.reduce((total, one) => total + one.started - one.due, 0)),
      hosts.length > 1 ? last.host : '',
      harmless(place),
    ]
  })
  const left = slowest.slice(MOST_TASKS)
  return [
    ...table([['task', 'took', 'a host', 'looking', 'doing', 'waiting a turn', 'last host', 'place'], ...rows]),
    ...(left.length > 0
      ? [`and ${plural(left.length, 'task')} more, ${duration(left.reduce((total, one) => total + one.took, 0))}`]
      : []),
  ]
}

function hostTable(profile: Profile): string[] {
  const waits = profile.waits()
  const wire = grouped(profile.spans, (span) => span.host)
  const hosts = [...new Set([...waits.keys(), ...wire.keys()])]
  const rows = hosts.map((host) => {
    const spans = wire.get(host) ?? []
    const { waited, heldUp } = waits.get(host) ?? { waited: 0, heldUp: 0 }
    const trips = spans.filter((span) => span.what !== 'connect' && span.what !== 'fill in').length
    return {
      heldUp,
      cells: [host, ...KINDS.map((kind) => sum(spans, kind)), String(trips), duration(waited), duration(heldUp)],
    }
  })
  const shown = rows.toSorted((a, b) => b.heldUp - a.heldUp).slice(0, MOST_HOSTS)
  return [
    ...table([
      [
        'host',
        'connecting',
        'looking',
        'doing',
        'sending',
        'fetching',
        'filling in',
        'round trips',
        'waiting for others',
        'held up others',
      ],
      ...shown.map((row) => row.cells),
    ]),
    ...(rows.length > shown.length ? [`and ${plural(rows.length - shown.length, 'host')} more`] : []),
  ]
}

function sum(spans: readonly { what: SpanKind; started: number; ended: number }[], kind: SpanKind): string {
  const total = spans.reduce((time, span) => (span.what === kind ? time + span.ended - span.started : time), 0)
  return total === 0 ? '-' : duration(total)
}

const start = (hosts: readonly TaskSpan[]) => Math.min(...hosts.map((one) => one.due))
const end = (hosts: readonly TaskSpan[]) => Math.max(...hosts.map((one) => one.ended))

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => padText(cell, widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
