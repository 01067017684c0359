import type { Event, Reporter } from '../base/event.ts'
import { type Change, openChange, type Result } from '../base/result.ts'
import { Unknown } from '../base/unknown.ts'

/** What of a result a plan keeps. */
const KEPT = [
  'changed',
  'may_change',
  'unverified',
  'msg',
  'failed',
  'skipped',
  'skip_reason',
  'censored',
  'rc',
] as const

/** Keeps the events of a dry run that tell what would be done. */
export class PlanRecorder implements Reporter {
  readonly events: Event[] = []

  on(event: Event): void {
    switch (event.event) {
      case 'host_start':
      case 'progress':
      case 'span':
      case 'retry':
      case 'interrupted':
        return
      case 'item':
        this.events.push({ ...event, item: undefined, result: kept(event.result) })
        return
      case 'result': {
        const { problem: _, ...rest } = event
        this.events.push({ ...rest, result: kept(event.result) })
        return
      }
      default:
        this.events.push(event)
    }
  }

  end(): void {}
}

function kept(result: Result): Result {
  const some = Object.fromEntries(KEPT.filter((name) => result[name] !== undefined).map((name) => [name, result[name]]))
  return { changed: result.changed, ...some, ...(result.diff ? { diff: result.diff.map(plainChange) } : {}) }
}

/** A change as JSON keeps it: secret values left out, what nobody knows told as such. */
export function plainChange(change: Change): Change {
  return JSON.parse(
    JSON.stringify(openChange(change), (_, value) => (Buffer.isBuffer(value) ? `<${value.length} bytes>` : value)),
  )
}

/** Whether a value that was planned could not be known then. */
export const wasUnknown = (value: unknown): boolean =>
  value instanceof Unknown || (typeof value === 'string' && value.startsWith('<unknown: '))
