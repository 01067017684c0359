import { isDeepStrictEqual } from 'node:util'
import type { Event } from '../base/event.ts'
import { Problem } from '../base/problem.ts'
import type { Change, Status } from '../base/result.ts'
import type { Wanted } from '../run/options.ts'
import { plainChange, wasUnknown } from './recorder.ts'

interface Planned {
  readonly status: Status
  readonly changes: readonly Change[]
  readonly steps: readonly string[]
}

/** Longer values are told by their size. */
const SHORT = 60

/** Keeps a run to its plan: what a task is about to do on a host must be what was planned for it. */
export class PlanGuard {
  readonly #planned = new Map<string, Planned[]>()
  /** Why each host was stopped. On such a host nothing more is changed, whatever the playbook forgives. */
  readonly stopped = new Map<string, string>()

  constructor(events: readonly Event[]) {
    const places = new Map<string, string>()
    for (const event of events) {
      if (event.event === 'task_start') places.set(String(event.id), event.place)
      if (event.event !== 'item' && event.event !== 'result') continue
      const key = keyOf(event.host, places.get(String(event.id)) ?? '')
      const { status, result, steps = [] } = event
      this.#planned.set(key, [...(this.#planned.get(key) ?? []), { status, changes: result.diff ?? [], steps }])
    }
  }

  /** Throws Problem `plan` where something else would be done than planned. */
  approve(wanted: Wanted): void {
    const before = this.stopped.get(wanted.host)
    if (before !== undefined)
      throw new Problem('plan', `Nothing more is changed on ${wanted.host}: ${before}`, { hint: 'Plan again.' })
    const planned = this.#planned.get(keyOf(wanted.host, wanted.place)) ?? []
    const changes = wanted.changes.map(plainChange)
    if (planned.some((one) => fits(one, wanted, changes))) return
    const why = reason(planned, wanted, changes)
    this.stopped.set(wanted.host, why)
    throw new Problem('plan', why, {
      hint: 'Nothing was changed by this task. Plan again, and look at what is different.',
    })
  }
}

const keyOf = (host: string, place: string): string => `${host}\n${place}`

function fits(planned: Planned, wanted: Wanted, changes: readonly Change[]): boolean {
  // What the plan could not know it left open; the command it named must be that command.
  if (planned.status === 'may_change' && planned.steps.length === 0) return true
  if (planned.status !== 'changed' && planned.status !== 'may_change') return false
  if (wanted.hidden || wanted.repeats) return true
  return isDeepStrictEqual(planned.steps, wanted.steps) && sameChanges(planned.changes, changes)
}

function sameChanges(planned: readonly Change[], now: readonly Change[]): boolean {
  return (
    planned.length === now.length &&
    planned.every((change, index) => {
      const other = now[index]!
      return change.path === other.path && same(change.before, other.before) && same(change.after, other.after)
    })
  )
}

const same = (planned: unknown, now: unknown): boolean => wasUnknown(planned) || isDeepStrictEqual(planned, now)

function reason(planned: readonly Planned[], wanted: Wanted, changes: readonly Change[]): string {
  const about = `${wanted.host} is not as it was when "${wanted.task}" was planned`
  const would = planned.find((one) => one.status === 'changed' || one.status === 'may_change')
  if (planned.length === 0)
    return `"${wanted.task}" was not planned for ${wanted.host}, and would ${wanted.steps.join('; ')}.`
  if (!would) {
    const now = changes.map(
      (change) => `${change.path} is ${shown(change.before)} and would become ${shown(change.after)}`,
    )
    return `${about}: there was nothing to do, and now ${now.join('; ') || `it would ${wanted.steps.join('; ')}`}.`
  }
  const moved = [
    ...changes.flatMap((change) => {
      const old = would.changes.find((one) => one.path === change.path)
      if (!old) return [`${change.path} would be changed too`]
      if (!same(old.before, change.before))
        return [`${change.path} was ${shown(old.before)} and is ${shown(change.before)}`]
      return same(old.after, change.after)
        ? []
        : [`${change.path} was to become ${shown(old.after)} and would become ${shown(change.after)}`]
    }),
    ...would.changes
      .filter((old) => !changes.some((change) => change.path === old.path))
      .map((old) => `${old.path} would not be changed`),
  ]
  if (moved.length > 0) return `${about}: ${moved.join('; ')}.`
  return `${about}: it was to ${would.steps.join('; ')}, and would ${wanted.steps.join('; ')}.`
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value)
  if (text.length <= SHORT) return text
  return typeof value === 'string' ? `another text of ${value.split('\n').length} lines` : 'another value'
}
