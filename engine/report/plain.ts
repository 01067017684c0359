import type { Event, Reporter } from '../base/event.ts'
import { Failures } from './failures.ts'
import { isBad, Narration, type NarrationOptions } from './narration.ts'
import { Output, type Stream } from './output.ts'
import { recapLines } from './recap-text.ts'

type TaskStart = Extract<Event, { event: 'task_start' }>

/** The run as plain lines, one a host and task, as Ansible prints it: for pipes, files, CI and dumb terminals. */
export class PlainReporter implements Reporter {
  readonly #output: Output
  readonly #print: (lines: readonly string[]) => void
  readonly #say: Narration
  readonly #failures: Failures
  readonly #tasks = new Map<number, TaskStart>()
  /** Of a loop the items have spoken: `id host`. */
  readonly #itemized = new Set<string>()
  #diff = false
  #shownTask: number | undefined

  /** `print` stands in for the stream: the live report puts the lines above what it draws. */
  constructor(stream: Stream, options: NarrationOptions, print?: (lines: readonly string[]) => void) {
    this.#output = new Output(stream)
    this.#print = print ?? ((lines) => this.#output.lines(lines))
    this.#say = new Narration(options)
    this.#failures = new Failures(this.#say.paint)
  }

  on(event: Event): void {
    this.#print(this.#lines(event))
  }

  end(): Promise<void> {
    return this.#output.end()
  }

  /** Lines stay where they are: a question can stand below them. */
  suspend(): () => void {
    return () => undefined
  }

  #lines(event: Event): string[] {
    const { verbosity } = this.#say.options
    switch (event.event) {
      case 'run_start':
        this.#diff = event.diff
        return event.check ? [this.#say.paint.strong('Dry run: no host will be changed.')] : []
      case 'play_start':
        this.#forgetTask()
        return ['', this.#say.banner('PLAY', event.play), ...this.#say.place(event.place)]
      case 'batch_start':
        if (event.batches < 2) return []
        this.#forgetTask()
        return ['', this.#say.banner('BATCH', `${event.batch} of ${event.batches}: ${event.hosts.join(', ')}`)]
      case 'play_skipped':
        this.#forgetTask()
        return ['', this.#say.banner('PLAY', event.play), this.#say.paint.status.skipped(`skipping: ${event.reason}`)]
      case 'task_start':
        this.#tasks.set(event.id, event)
        // Said at once, so that whoever waits knows for what; without skipped hosts only when there is more to say.
        return this.#say.options.displaySkipped ? this.#header(event.id) : []
      case 'retry':
        return [this.#say.retry(event)]
      case 'item':
      case 'result':
        return this.#outcome(event)
      case 'handler_notified':
        return verbosity >= 2 ? [this.#say.paint.faint(`notified: [${event.host}] ${event.handler}`)] : []
      case 'host_start':
        return verbosity >= 3 ? [...this.#header(event.id), this.#say.paint.faint(`begins: [${event.host}]`)] : []
      case 'progress':
      case 'span':
        return []
      case 'hosts_lost':
        return ['', this.#say.paint.error(`Stopped in ${event.play}: ${event.reason}`)]
      case 'warning':
        return [this.#say.warning(event.message, event.place)]
      case 'interrupted':
        return ['', ...this.#say.interrupted(event)]
      case 'recap':
        return [
          '',
          this.#say.paint.strong(`PLAY RECAP ${'*'.repeat(69)}`),
          ...recapLines(event, this.#say.paint),
          ...this.#failures.lines(event),
        ]
    }
  }

  #outcome(event: Extract<Event, { event: 'item' | 'result' }>): string[] {
    this.#failures.note(event)
    const key = `${event.id} ${event.host}`
    if (event.event === 'item') this.#itemized.add(key)
    // A loop's own line is worth reading when it failed only: its items have said the rest.
    else if (this.#itemized.delete(key) && !isBad(event.status)) return []
    const lines = this.#say.outcome(event, this.#diff)
    return lines.length === 0 ? [] : [...this.#header(event.id), ...lines]
  }

  #header(id: number): string[] {
    const task = this.#tasks.get(id)
    if (!task || this.#shownTask === id) return []
    this.#shownTask = id
    return ['', this.#say.banner(task.handler ? 'HANDLER' : 'TASK', task.task), ...this.#say.place(task.place)]
  }

  #forgetTask(): void {
    this.#shownTask = undefined
  }
}
