import type { Event, HostRecap } from '../base/event.ts'
import type { Status } from '../base/result.ts'
import { duration, plural } from './measure.ts'
import type { Palette } from './palette.ts'
import { plainData } from './plain-data.ts'
import { harmless, padText } from './text-width.ts'

type Recap = Extract<Event, { event: 'recap' }>

const columns = [
  'ok',
  'changed',
  'unreachable',
  'failed',
  'skipped',
  'rescued',
  'ignored',
  'may_change',
  'round_trips',
] as const
type Column = (typeof columns)[number]
const always = new Set<Column>(['ok', 'changed', 'unreachable', 'failed'])

/**
 * A line for each host, counted as Ansible counts, and one for the run. Where a line would not fit `width` cells, counts
 * that are 0 for every host are left out.
 */
export function recapLines(recap: Recap, paint: Palette, width = Number.POSITIVE_INFINITY): string[] {
  const names = Object.keys(recap.hosts)
  const nameWidth = Math.max(0, ...names.map((name) => name.length))
  const widest = (column: Column) => Math.max(...names.map((name) => String(recap.hosts[name]![column]).length))
  const shown = columns.map((column) => ({ column, cells: column.length + 1 + widest(column) }))
  const full = shown.reduce((sum, { cells }) => sum + cells + 1, nameWidth + 2)
  const kept =
    full <= width
      ? shown
      : shown.filter(({ column }) => always.has(column) || names.some((name) => recap.hosts[name]![column] > 0))
  const lines = names.map((name) => {
    const host = recap.hosts[name]!
    const counts = kept.map(({ column, cells }) => {
      const text = `${column}=${host[column]}`
      return padText(host[column] > 0 ? colourOf(column, paint)(text) : text, cells)
    })
    return `${hostColour(host, paint)(name.padEnd(nameWidth))} : ${counts.join(' ').trimEnd()}`
  })
  return [...lines, '', ...customLines(recap, paint), ...totals(recap)]
}

/** What set_stats tasks have gathered, as Ansible lays it out. */
function customLines({ custom }: Recap, paint: Palette): string[] {
  if (!custom) return []
  const shown = (stats: unknown) => harmless(JSON.stringify(plainData(stats)))
  return [
    paint.strong(`CUSTOM STATS: ${'*'.repeat(66)}`),
    ...Object.entries(custom.hosts ?? {}).map(([host, stats]) => `\t${host}: ${shown(stats)}`),
    ...(custom.run ? [`\tRUN: ${shown(custom.run)}`] : []),
    '',
  ]
}

function totals(recap: Recap): string[] {
  const hosts = Object.values(recap.hosts)
  const sum = (column: keyof HostRecap) => hosts.reduce((total, host) => total + host[column], 0)
  const lines = [
    `${plural(hosts.length, 'host')}, ${duration(recap.duration_ms)}, ${plural(recap.round_trips, 'round trip')}, ${Math.round(recap.peak_rss_mb)} MB of memory at most`,
  ]
  if (recap.check) {
    const [changed, open] = [sum('changed'), sum('may_change')]
    const would = [changed > 0 && `${changed} would change`, open > 0 && `${open} may change`].filter(
      (part) => part !== false,
    )
    lines.push(`Dry run, no host was changed: ${would.length === 0 ? 'nothing would change' : would.join(', ')}.`)
  }
  return lines
}

function colourOf(column: Column, paint: Palette): (text: string) => string {
  if (column === 'rescued') return paint.status.ignored
  return column in paint.status ? paint.status[column as Status] : (text) => text
}

function hostColour(host: HostRecap, paint: Palette): (text: string) => string {
  if (host.unreachable > 0) return paint.status.unreachable
  if (host.failed > 0) return paint.status.failed
  if (host.changed > 0 || host.may_change > 0) return paint.status.changed
  return host.ok > 0 ? paint.status.ok : paint.status.skipped
}
