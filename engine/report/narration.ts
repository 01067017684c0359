import type { Event } from '../base/event.ts'
import type { Status } from '../base/result.ts'
import { formatDiff } from './diff.ts'
import { duration, plural } from './measure.ts'
import { type Palette, palette } from './palette.ts'
import { plainData } from './plain-data.ts'
import { failureLines, reasonOf, resultText, type Verbosity } from './result-text.ts'
import { harmless, textWidth } from './text-width.ts'

export interface NarrationOptions {
  readonly colour: boolean
  readonly verbosity: Verbosity
  readonly displaySkipped: boolean
}

export type Outcome = Extract<Event, { event: 'result' | 'item' }>

const words: Record<Status, string> = {
  ok: 'ok',
  changed: 'changed',
  may_change: 'may change',
  skipped: 'skipping',
  failed: 'failed',
  unreachable: 'unreachable',
  ignored: 'ignored',
}

/** The words of a run: how each event is said, wherever it is then put. */
export class Narration {
  readonly paint: Palette
  readonly options: NarrationOptions

  constructor(options: NarrationOptions) {
    this.options = options
    this.paint = palette(options.colour)
  }

  /** `TASK [name] ****` */
  banner(word: string, name: string): string {
    const text = `${word} [${harmless(name).replaceAll('\n', ' ')}] `
    return this.paint.strong(text + '*'.repeat(Math.max(3, 80 - textWidth(text))))
  }

  place(place: string): string[] {
    return this.options.verbosity >= 2 && place !== '' ? [this.paint.faint(`at ${place}`)] : []
  }

  /** One host's outcome: a line, then what belongs to it. */
  outcome(event: Outcome, diff: boolean): string[] {
    const { status } = event
    if (status === 'skipped' && !this.options.displaySkipped) return []
    const item = event.event === 'item' ? ` => (item=${harmless(event.label)})` : ''
    const time = this.options.verbosity >= 2 ? ` [${duration(event.duration_ms)}]` : ''
    const { remark, body } = this.parts(event, diff)
    return [this.paint.status[status](`${words[status]}: [${this.who(event)}]${item}${remark}${time}`), ...body]
  }

  word(status: Status): string {
    return words[status]
  }

  /** What is said of an outcome beside status, host and item: the rest of its line, and the lines below. */
  parts(event: Outcome, diff: boolean): { remark: string; body: string[] } {
    const { status, result } = event
    const { verbosity, colour } = this.options
    const reason = reasonOf(result, verbosity)
    const told = this.#told(event)
    const bad = isBad(status)
    const body: string[] = []
    let remark = ''
    if (bad) {
      remark = `: ${reason}`
      const problem = event.event === 'result' ? event.problem : undefined
      body.push(...failureLines(result, problem, verbosity, this.paint, colour))
      // What a template or another file is to blame for is told with the task.
      const { place } = event as { place?: string }
      const shown = problem?.spans.some((span) => place?.startsWith(`${span.source.file}:`)) ?? false
      if (place && status !== 'unreachable' && !shown) body.push(`    at ${place}`)
    } else if (reason !== '') remark = ` (${reason})`
    else if (told.length === 1) remark = ` => ${told.pop()}`
    body.push(...told.map((line) => `    ${line}`))
    for (const warning of warningsOf(result)) body.push(`    ${this.warning(warning)}`)
    if (verbosity >= 3)
      for (const step of event.steps ?? []) body.push(`    ${this.paint.faint(`step: ${harmless(step)}`)}`)
    if (diff) body.push(...this.diff(event))
    return { remark, body }
  }

  /** The differences a task made or would make, as lines; none when it made none. */
  diff(event: Outcome): string[] {
    const changes = event.result.diff
    if (!changes || changes.length === 0) return []
    return formatDiff(changes, {
      colour: this.options.colour,
      lines: this.options.verbosity > 0 ? Number.POSITIVE_INFINITY : undefined,
    }).split('\n')
  }

  who(event: Outcome): string {
    return event.delegated_to === undefined ? event.host : `${event.host} -> ${event.delegated_to}`
  }

  warning(text: string, place?: string): string {
    return this.paint.warning(`warning: ${harmless(text)}${place === undefined ? '' : ` (${place})`}`)
  }

  retry(event: Extract<Event, { event: 'retry' }>): string {
    const said = reasonOf({ ...event.result, failed: true }, 1)
    const why = (event.result.msg ?? '') === '' ? '' : `: ${said}`
    return this.paint.status.may_change(
      `retrying: [${event.host}] (${plural(event.left, 'try').replace('trys', 'tries')} left)${why}`,
    )
  }

  interrupted(event: Extract<Event, { event: 'interrupted' }>): string[] {
    return [this.paint.error(harmless(event.message)), ...event.where.map((where) => `  ${harmless(where)}`)]
  }

  /** What a result has to say although all is well: always for debug, from -v on for the others. */
  #told(event: Outcome): string[] {
    const { result } = event
    const { verbosity } = this.options
    if (event.action === 'debug' && event.status === 'ok') {
      if (typeof result.msg === 'string') return harmless(result.msg).split('\n')
      const { msg, ...rest } = result
      return (
        msg === undefined ? resultText(rest as typeof result, true) : harmless(JSON.stringify(plainData(msg), null, 4))
      )
        .split('\n')
        .filter((line) => line !== '')
    }
    if (verbosity === 0) return []
    // The items have shown theirs.
    if (event.event === 'result' && result.results) return []
    // A failure has shown these.
    const text = resultText(
      result,
      verbosity >= 2,
      isBad(event.status) ? ['msg', 'cmd', 'rc', 'stdout', 'stderr', 'results'] : [],
    )
    return text === '' ? [] : text.split('\n')
  }
}

export function isBad(status: Status): boolean {
  return status === 'failed' || status === 'unreachable' || status === 'ignored'
}

function warningsOf(result: Outcome['result']): string[] {
  const { warnings } = result
  return Array.isArray(warnings) ? warnings.filter((warning) => typeof warning === 'string') : []
}
