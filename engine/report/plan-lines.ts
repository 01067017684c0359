import type { Event } from '../base/event.ts'
import { mergeNames } from './host-names.ts'
import { Narration, type NarrationOptions, type Outcome } from './narration.ts'
import { recapLines } from './recap-text.ts'
import { harmless } from './text-width.ts'

export interface PlanLinesOptions extends NarrationOptions {
  /** Only what concerns this host. */
  readonly host?: string | undefined
}

interface Group {
  readonly hosts: string[]
  readonly event: Outcome
  readonly remark: string
  readonly body: readonly string[]
}

/**
 * What would be done, task by task: hosts for which it is the same stand together, their difference is shown once. What
 * would change nothing is only told from -v on.
 */
export function planLines(events: readonly Event[], options: PlanLinesOptions): string[] {
  const say = new Narration(options)
  const lines: string[] = []
  const byTask = new Map<number, Outcome[]>()
  for (const event of events) {
    if (event.event !== 'item' && event.event !== 'result') continue
    if (options.host !== undefined && event.host !== options.host) continue
    byTask.set(event.id, [...(byTask.get(event.id) ?? []), event])
  }
  for (const event of events) {
    if (event.event === 'play_start') lines.push('', say.banner('PLAY', event.play), ...say.place(event.place))
    if (event.event === 'warning') lines.push(say.warning(event.message, event.place))
    if (event.event === 'task_start') {
      const groups = grouped(say, byTask.get(event.id) ?? [])
      if (groups.length === 0) continue
      lines.push('', say.banner(event.handler ? 'HANDLER' : 'TASK', event.task), ...say.place(event.place))
      for (const group of groups) lines.push(...groupLines(say, group))
    }
    if (event.event === 'recap') {
      const hosts = Object.entries(event.hosts).filter(([name]) => options.host === undefined || name === options.host)
      lines.push('', say.paint.strong(`PLAN RECAP ${'*'.repeat(69)}`))
      lines.push(...recapLines({ ...event, hosts: Object.fromEntries(hosts) }, say.paint))
    }
  }
  return lines
}

function grouped(say: Narration, outcomes: readonly Outcome[]): Group[] {
  const looped = new Set(outcomes.filter((one) => one.event === 'item').map((one) => one.host))
  const groups = new Map<string, Group>()
  for (const event of outcomes) {
    // A loop's items have told it.
    if (event.event === 'result' && looped.has(event.host)) continue
    if (say.options.verbosity === 0 && (event.status === 'ok' || event.status === 'skipped')) continue
    const { remark, body } = say.parts(event, true)
    const label = event.event === 'item' ? event.label : ''
    const key = JSON.stringify([event.status, label, remark, body, event.delegated_to])
    const known = groups.get(key)
    if (known) known.hosts.push(event.host)
    else groups.set(key, { hosts: [event.host], event, remark, body })
  }
  return [...groups.values()]
}

function groupLines(say: Narration, { hosts, event, remark, body }: Group): string[] {
  const who = `${mergeNames(hosts)}${event.delegated_to === undefined ? '' : ` -> ${event.delegated_to}`}`
  const item = event.event === 'item' ? ` => (item=${harmless(event.label)})` : ''
  return [say.paint.status[event.status](`${say.word(event.status)}: [${who}]${item}${remark}`), ...body]
}
