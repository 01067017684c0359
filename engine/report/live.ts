import type { Event, Reporter } from '../base/event.ts'
import { Failures } from './failures.ts'
import { LiveRegion } from './live-region.ts'
import { elapsed, plural } from './measure.ts'
import { Narration, type NarrationOptions } from './narration.ts'
import { OpenTask } from './open-task.ts'
import { Output, type Stream } from './output.ts'
import { PlainReporter } from './plain.ts'
import { recapLines } from './recap-text.ts'
import { type Transfer, transferText } from './transfer-text.ts'

const spinners = { unicode: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'], ascii: ['|', '/', '-', '\\'] }

export interface LiveOptions {
  readonly unicode?: boolean
  /** Milliseconds; stands in for the clock in the specs. */
  readonly now?: () => number
  readonly interval?: number
}

/**
 * The run as a person watches it: tasks that ended scroll by, hosts with the same outcome in one line; at the bottom the
 * tasks and hosts at work, with their times and transfers. With -v the lines above are those of the plain report.
 */
export class LiveReporter implements Reporter {
  readonly #output: Output
  readonly #region: LiveRegion
  readonly #say: Narration
  readonly #failures: Failures
  readonly #plain: PlainReporter | undefined
  readonly #tasks = new Map<number, OpenTask>()
  readonly #transfers = new Map<string, Map<string, Transfer>>()
  readonly #spinner: readonly string[]
  readonly #unicode: boolean
  readonly #now: () => number
  readonly #began: number
  #hosts = new Set<string>()
  #known = new Map<number, Extract<Event, { event: 'task_start' }>>()
  #diff = false
  #ended = { tasks: 0, changed: 0, failed: 0 }

  constructor(stream: Stream, options: NarrationOptions, live: LiveOptions = {}) {
    this.#output = new Output(stream)
    this.#say = new Narration(options)
    this.#failures = new Failures(this.#say.paint)
    this.#unicode = live.unicode ?? true
    this.#spinner = this.#unicode ? spinners.unicode : spinners.ascii
    this.#now = live.now ?? (() => performance.now())
    this.#began = this.#now()
    this.#region = new LiveRegion(
      this.#output,
      () => this.frame(),
      live.interval === undefined ? {} : { interval: live.interval },
    )
    if (options.verbosity > 0) this.#plain = new PlainReporter(stream, options, (lines) => this.#region.print(lines))
  }

  on(event: Event): void {
    this.#region.open()
    if (event.event === 'recap') {
      this.#closeAll()
      this.#region.close()
    }
    if (this.#plain) this.#plain.on(event)
    else this.#region.print(this.#lines(event))
    this.#follow(event)
  }

  async end(): Promise<void> {
    this.#closeAll()
    this.#region.close()
    await this.#output.end()
  }

  /** Gives the terminal to somebody who asks a question; the function returned takes it back. */
  suspend(): () => void {
    this.#region.close()
    return () => this.#region.open()
  }

  /** The lines at the bottom, now. */
  frame(): string[] {
    const now = this.#now()
    const { paint } = this.#say
    const lines: string[] = ['']
    for (const task of this.#tasks.values()) {
      if (task.running.size === 0 && task.done.size > 0 && this.#tasks.size > 1) continue
      const spin = this.#spinner[Math.floor(now / 100) % this.#spinner.length]!
      const of = Math.max(this.#hosts.size, task.done.size + task.running.size)
      const time = elapsed(now - task.since)
      lines.push(
        `${paint.status.changed(spin)} ${task.name}  ${paint.faint(`${task.done.size} of ${plural(of, 'host')}, ${time}`)}`,
      )
      const width = Math.max(0, ...[...task.running.keys()].map((host) => host.length))
      for (const [host, since] of task.running) {
        const transfers = [...(this.#transfers.get(host)?.values() ?? [])].map(
          (transfer) => `  ${transferText(transfer, this.#unicode)}`,
        )
        const age = elapsed(now - since)
        lines.push(`    ${host.padEnd(width)}  ${paint.faint(age.padStart(7))}${transfers.join('')}`)
      }
    }
    const { tasks, changed, failed } = this.#ended
    const counts = [
      plural(tasks, 'task'),
      changed > 0 && paint.status.changed(`${changed} changed`),
      failed > 0 && paint.status.failed(`${failed} failed`),
    ]
    const total = elapsed(now - this.#began)
    const summary = `  ${[...counts.filter((part) => part !== false), total].join(', ')}`
    return fitRows(lines, summary, (this.#output.stream.rows || 24) - 1, paint.faint)
  }

  #lines(event: Event): string[] {
    switch (event.event) {
      case 'run_start':
        this.#diff = event.diff
        return event.check ? [this.#say.paint.strong('Dry run: no host will be changed.')] : []
      case 'play_start':
        return [...this.#flushIdle(), '', this.#say.banner('PLAY', event.play)]
      case 'batch_start':
        if (event.batches < 2) return []
        return [
          ...this.#flushIdle(),
          this.#say.banner('BATCH', `${event.batch} of ${event.batches}: ${event.hosts.join(', ')}`),
        ]
      case 'play_skipped':
        return [
          ...this.#flushIdle(),
          '',
          this.#say.banner('PLAY', event.play),
          this.#say.paint.status.skipped(`skipping: ${event.reason}`),
        ]
      case 'task_start':
        return this.#flushIdle()
      case 'item':
      case 'result':
        this.#failures.note(event)
        return this.#task(event.id)?.take(event) ?? []
      case 'retry':
        return [this.#say.retry(event)]
      case 'hosts_lost':
        return [...this.#flushIdle(), '', this.#say.paint.error(`Stopped in ${event.play}: ${event.reason}`)]
      case 'warning':
        return [this.#say.warning(event.message, event.place)]
      case 'interrupted':
        return [...this.#flushIdle(), '', ...this.#say.interrupted(event)]
      case 'recap':
        return [
          '',
          this.#say.paint.strong(`PLAY RECAP ${'*'.repeat(69)}`),
          ...recapLines(event, this.#say.paint, this.#output.stream.columns || undefined),
          ...this.#failures.lines(event),
        ]
      case 'handler_notified':
      case 'host_start':
      case 'progress':
      case 'span':
        return []
    }
  }

  /** Keeps what the bottom shows up to date. */
  #follow(event: Event): void {
    if (event.event === 'play_start' || event.event === 'batch_start') this.#hosts = new Set(event.hosts)
    else if (event.event === 'task_start') {
      this.#known.set(event.id, event)
      if (this.#plain) this.#flushIdle()
      this.#task(event.id)
    } else if (event.event === 'host_start') {
      this.#hosts.add(event.host)
      this.#task(event.id)?.running.set(event.host, this.#now())
    } else if (event.event === 'progress') {
      const transfers = this.#transfers.get(event.host) ?? new Map<string, Transfer>()
      this.#transfers.set(event.host, transfers)
      if (event.total !== undefined && event.done >= event.total) transfers.delete(event.what)
      else transfers.set(event.what, event)
    } else if (event.event === 'result') {
      if (this.#plain) this.#task(event.id)?.take(event)
      this.#transfers.delete(event.host)
      if (event.changed) this.#ended.changed++
      if (event.status === 'failed' || event.status === 'unreachable') {
        this.#ended.failed++
        this.#hosts.delete(event.host)
      }
    }
  }

  /** A task that is open, or is opened again by a host that comes to it late (strategy free). */
  #task(id: number): OpenTask | undefined {
    const start = this.#known.get(id)
    let task = this.#tasks.get(id)
    if (!task && start) {
      task = new OpenTask(start, this.#say, this.#now())
      this.#tasks.set(id, task)
    }
    return task
  }

  /** Ends every task nobody works on any more, and returns what is to be said of them. */
  #flushIdle(): string[] {
    const lines: string[] = []
    for (const [id, task] of this.#tasks) {
      if (task.running.size > 0) continue
      lines.push(...task.flush(this.#diff))
      if (task.done.size > 0) this.#ended.tasks++
      this.#tasks.delete(id)
    }
    return lines
  }

  /** At the end, also of what was interrupted: everything that is known is said. */
  #closeAll(): void {
    for (const task of this.#tasks.values()) task.running.clear()
    const lines = this.#flushIdle()
    if (!this.#plain) this.#region.print(lines)
  }
}

/** What fits the terminal, the summary always. */
function fitRows(lines: readonly string[], summary: string, rows: number, faint: (text: string) => string): string[] {
  if (lines.length + 1 <= rows) return [...lines, summary]
  const room = Math.max(0, rows - 2)
  const left = lines.length - room
  return [...lines.slice(0, room), ...(rows > 1 ? [faint(`    and ${plural(left, 'more line')}`)] : []), summary]
}
