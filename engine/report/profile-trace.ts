import type { Profile } from './profile.ts'

/** Chrome's trace event format: what `chrome://tracing` and Perfetto open. Times are microseconds since the run began. */
export interface TraceEvent {
  readonly name: string
  readonly ph: 'X' | 'M'
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly cat?: string
  readonly args?: Readonly<Record<string, unknown>>
}

const TASKS = 1
const WIRE = 2

/** The profile as a trace: a lane a host for its tasks, and another for what went over the wire. */
export function traceOf(profile: Profile): { traceEvents: TraceEvent[]; displayTimeUnit: 'ms' } {
  const lanes = new Map<string, number>()
  for (const { host } of [...profile.tasks, ...profile.spans]) if (!lanes.has(host)) lanes.set(host, lanes.size + 1)
  const slice = (pid: number, host: string, name: string, from: number, to: number, rest: object): TraceEvent => ({
    name,
    ph: 'X',
    pid,
    tid: lanes.get(host)!,
    ts: Math.round((from - profile.started) * 1000),
    dur: Math.max(1, Math.round((to - from) * 1000)),
    ...rest,
  })
  const named = (pid: number, title: string): TraceEvent[] => [
    { name: 'process_name', ph: 'M', pid, tid: 0, args: { name: title } },
    ...[...lanes].map(([host, tid]): TraceEvent => ({ name: 'thread_name', ph: 'M', pid, tid, args: { name: host } })),
  ]
  return {
    traceEvents: [
      ...named(TASKS, 'tasks'),
      ...named(WIRE, 'connections'),
      ...profile.tasks.map(({ host, task, action, place, due, started, ended }) =>
        slice(TASKS, host, task, started, ended, {
          cat: action,
          args: { place, waited_for_a_turn_ms: Math.round(started - due) },
        }),
      ),
      ...profile.spans.map(({ host, what, started, ended, scripts }) =>
        slice(WIRE, host, what, started, ended, { cat: what, ...(scripts === undefined ? {} : { args: { scripts } }) }),
      ),
    ],
    displayTimeUnit: 'ms',
  }
}
