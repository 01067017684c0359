import type { Event } from '../base/event.ts'
import { mergeNames } from './host-names.ts'
import { duration, plural } from './measure.ts'
import { isBad, type Narration, type Outcome } from './narration.ts'
import { harmless, padText } from './text-width.ts'

type TaskStart = Extract<Event, { event: 'task_start' }>
type Result = Extract<Event, { event: 'result' }>
type Item = Extract<Event, { event: 'item' }>

/** As wide as `unreachable`. */
const statusWidth = 11
/** Milliseconds from which a task's time is worth telling. */
const slow = 1000

/** A task that runs: who is at it, and what it came to, kept until hosts with the same outcome can be told together. */
export class OpenTask {
  readonly start: TaskStart
  readonly since: number
  /** Hosts at work, and since when. */
  readonly running = new Map<string, number>()
  readonly done = new Set<string>()
  readonly #say: Narration
  readonly #results: Result[] = []
  readonly #items = new Map<string, Item[]>()

  constructor(start: TaskStart, say: Narration, now: number) {
    this.start = start
    this.#say = say
    this.since = now
  }

  get name(): string {
    return harmless(this.start.task).replaceAll('\n', ' ')
  }

  /** Takes an outcome; the lines that cannot wait, for what went wrong, are returned. */
  take(event: Outcome): string[] {
    if (event.event === 'item') {
      const items = this.#items.get(event.host) ?? []
      items.push(event)
      this.#items.set(event.host, items)
      return isBad(event.status) ? this.#lines(event, event.host, ` (item=${harmless(event.label)})`, false) : []
    }
    this.running.delete(event.host)
    this.done.add(event.host)
    if (isBad(event.status)) return this.#lines(event, this.#say.who(event), '', false)
    this.#results.push(event)
    return []
  }

  /** The outcomes taken since the last time, hosts with equal ones in one line. */
  flush(diff: boolean): string[] {
    const groups = new Map<
      string,
      { first: Result; remark: string; body: string[]; hosts: string[]; slowest: number }
    >()
    for (const result of this.#results) {
      if (result.status === 'skipped' && !this.#say.options.displaySkipped) continue
      const { remark, body } = this.#told(result, diff)
      const key = [result.status, remark, ...body].join('\n')
      const group = groups.get(key) ?? { first: result, remark, body, hosts: [], slowest: 0 }
      group.hosts.push(this.#say.who(result))
      group.slowest = Math.max(group.slowest, result.duration_ms)
      groups.set(key, group)
    }
    this.#results.length = 0
    this.#items.clear()
    return [...groups.values()].flatMap(({ first, remark, body, hosts, slowest }) => {
      const time = slowest >= slow ? this.#say.paint.faint(` ${duration(slowest)}`) : ''
      return [this.#line(first, mergeNames(hosts), remark) + time, ...body]
    })
  }

  #told(result: Result, diff: boolean): { remark: string; body: string[] } {
    const items = this.#items.get(result.host)
    if (!items) return this.#say.parts(result, diff)
    const changed = items.filter((item) => item.status === 'changed' || item.status === 'may_change').length
    const remark =
      changed > 0 && changed < items.length
        ? ` (${changed} of ${plural(items.length, 'item')})`
        : ` (${plural(items.length, 'item')})`
    const body = items.flatMap((item) => {
      if (isBad(item.status)) return []
      const told = this.#say.parts(item, diff)
      const said = item.status === 'skipped' || (told.remark === '' && told.body.length === 0)
      return said ? [] : [`    (item=${harmless(item.label)})${told.remark}`, ...told.body]
    })
    return { remark, body }
  }

  #lines(event: Outcome, who: string, item: string, diff: boolean): string[] {
    const { remark, body } = this.#say.parts(event, diff)
    return [this.#line(event, who, item + remark), ...body]
  }

  #line(event: Outcome, hosts: string, remark: string): string {
    const word = padText(this.#say.word(event.status), statusWidth)
    const kind = this.start.handler ? 'handler ' : ''
    return `${this.#say.paint.status[event.status](word)} ${kind}${this.name} ${this.#say.paint.faint(`[${hosts}]`)}${remark}`
  }
}
