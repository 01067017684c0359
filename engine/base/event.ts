import type { Problem } from './problem.ts'
import type { Result, Status } from './result.ts'

export interface HostRecap {
  ok: number
  changed: number
  unreachable: number
  failed: number
  skipped: number
  rescued: number
  ignored: number
  may_change: number
  round_trips: number
}

/** Connecting; a round trip that looks or does; a transfer to the host or from it; filling in a task's parameters. */
export type SpanKind = 'connect' | 'look' | 'do' | 'send' | 'fetch' | 'fill in'

/** What happens in a run, in order. Reporters are made from nothing else; texts are masked before they are emitted. */
export type Event =
  | { event: 'run_start'; playbooks: string[]; check: boolean; diff: boolean; hosts: number }
  | { event: 'play_start'; play: string; hosts: string[]; place: string }
  | { event: 'batch_start'; play: string; hosts: string[]; batch: number; batches: number }
  | { event: 'play_skipped'; play: string; reason: string }
  | { event: 'task_start'; task: string; action: string; handler: boolean; place: string; id: number }
  /** A host begins to work on a task: for live display only. */
  | { event: 'host_start'; host: string; task: string; id: number }
  /** A transfer's progress, bytes: for live display only. */
  | { event: 'progress'; host: string; what: string; done: number; total?: number }
  /** Where time went, by the clock of performance.now(): told only for profiles. */
  | { event: 'span'; host: string; what: SpanKind; started: number; ended: number; scripts?: number }
  | { event: 'retry'; host: string; task: string; attempt: number; left: number; result: Result }
  | {
      event: 'item'
      host: string
      delegated_to?: string
      task: string
      action: string
      status: Status
      item: unknown
      label: string
      result: Result
      steps?: readonly string[]
      duration_ms: number
      id: number
    }
  | {
      event: 'result'
      host: string
      delegated_to?: string
      task: string
      action: string
      place: string
      status: Status
      changed: boolean
      result: Result
      /** What was done (in a dry run: what would be), a line each. */
      steps?: readonly string[]
      /** Why it failed or was unreachable, with places. */
      problem?: Problem
      duration_ms: number
      id: number
    }
  | { event: 'handler_notified'; host: string; handler: string }
  | { event: 'hosts_lost'; play: string; reason: string }
  | { event: 'warning'; message: string; place?: string }
  | { event: 'interrupted'; message: string; where: string[] }
  | {
      event: 'recap'
      hosts: Record<string, HostRecap>
      duration_ms: number
      round_trips: number
      check: boolean
      peak_rss_mb: number
      exit: number
      /** What set_stats tasks have gathered. */
      custom?: { run?: Record<string, unknown>; hosts?: Record<string, Record<string, unknown>> }
    }

export interface Reporter {
  on(event: Event): void
  /** Flushes what is pending; called once, last. */
  end(): void | Promise<void>
}
