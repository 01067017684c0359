// How well dry runs told what later happened: each result of a dry run beside the same task's on the same host when it ran.
import type { Event } from '../../engine/base/event.ts'
import type { Change } from '../../engine/base/result.ts'

/** As printed: the differences lie beside the result. */
type Told = Extract<Event, { event: 'result' }> & { readonly diff?: readonly Change[] }

/** What would happen nobody can say of these before they ran. */
const opaque = new Set(['command', 'shell', 'script', 'raw'])

export interface Miss {
  readonly host: string
  /** `module: name`. */
  readonly task: string
  readonly said: string
  readonly came: string
}

export interface Figure {
  /** Results whose status and whose changed files, packages, units … were foretold. */
  readonly agree: number
  /** Those whose values, before and after, were foretold too, letter by letter. */
  readonly exact: number
  readonly of: number
  readonly misses: readonly Miss[]
}

/** Results by host, place and how often it came before: a role may be used more than once. */
export function byTask(events: readonly Event[]): Map<string, Told> {
  const told = new Map<string, Told>()
  const times = new Map<string, number>()
  for (const event of events) {
    if (event.event !== 'result') continue
    const at = `${event.host} ${event.place} ${event.task}`
    const time = (times.get(at) ?? 0) + 1
    times.set(at, time)
    told.set(`${at} ${time}`, event)
  }
  return told
}

/**
 * What a run that began here would have done: `before` has happened, as `again` tells of it, and `after` is to come. A handler
 * that was asked for before is forgotten, as by any run that ends early, unless a dry run `said` that it is asked for again.
 */
export function cameFrom(
  said: ReadonlyMap<string, Told>,
  before: readonly Event[],
  after: readonly Event[],
  again: readonly Event[],
): Map<string, Told> {
  const asked = new Set(before.flatMap((event) => (event.event === 'handler_notified' ? event.host : [])))
  const handlers = new Set(after.flatMap((event) => (event.event === 'task_start' && event.handler ? event.place : [])))
  const done = byTask(before)
  const settled = byTask(again)
  const came = new Map<string, Told>()
  for (const [key, told] of byTask([...before, ...after])) {
    if (done.has(key)) {
      const now = settled.get(key)
      if (now) came.set(key, now)
    } else if (said.has(key) || !handlers.has(told.place) || !asked.has(told.host)) came.set(key, told)
  }
  return came
}

/** A dry run's results beside what came; a task that only one of them has is a miss. */
export function figureOf(said: ReadonlyMap<string, Told>, came: ReadonlyMap<string, Told>): Figure {
  const misses: Miss[] = []
  const all = new Set([...said.keys(), ...came.keys()])
  let exact = 0
  for (const key of all) {
    const [before, after] = [said.get(key), came.get(key)]
    const { host, action, task } = (before ?? after)!
    const unsayable = before && after && opaque.has(action) && before.status === 'may_change'
    if (unsayable || wordsOf(before, valuesOf) === wordsOf(after, valuesOf)) exact++
    else if (wordsOf(before) !== wordsOf(after))
      misses.push({ host, task: `${action}: ${task}`, said: wordsOf(before), came: wordsOf(after) })
  }
  return { agree: all.size - misses.length, exact, of: all.size, misses }
}

/** The status and what changed. */
function wordsOf(told: Told | undefined, more: (change: Change) => string = () => ''): string {
  if (!told) return 'did not run'
  const items = told.result.results ?? []
  const changes = told.status === 'changed' ? [...(told.diff ?? []), ...items.flatMap((item) => item.diff ?? [])] : []
  const words = changes.map((change) => `${change.path}${more(change)}`)
  return [told.status, told.result.may_change ?? '', ...words.sort()].filter(Boolean).join(', ')
}

const valuesOf = ({ before, after }: Change) =>
  `: ${JSON.stringify(before ?? null)} -> ${JSON.stringify(after ?? null)}`
