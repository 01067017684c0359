import { withoutOldSecrets } from '../base/old-secret.ts'
import { Problem } from '../base/problem.ts'
import type { Result } from '../base/result.ts'
import type { Masker } from '../base/secret.ts'
import { Source } from '../base/span.ts'
import { Unknown } from '../base/unknown.ts'
import type { Ended } from '../module/life-cycle.ts'
import type { HostState } from './host-state.ts'

/** One attempt's or item's end. */
export interface Done {
  readonly result: Result
  /** What `register` gives: the result, with what is not known standing as Unknown. */
  readonly registered: unknown
  readonly problem?: Problem | undefined
  /** For -vvv: what was done. */
  readonly steps?: readonly string[]
  /** The handlers it asks for if it changed something; throws what is wrong with their names. */
  readonly notifies?: (() => string[]) | undefined
  /** Keeps the variables that it set for another host too: what runs once is done for all. */
  readonly sets?: ((state: HostState) => void) | undefined
  /** The host that did it instead. */
  readonly delegated?: string | undefined
}

const CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"

export function skipped(reason: string, more: Partial<Result> = {}): Done {
  const result: Result = { changed: false, skipped: true, skip_reason: reason, ...more }
  return { result, registered: result }
}

export function mayChange(reason: string, fresh = false, lead = ''): Done {
  const result: Result = fresh
    ? { changed: true, msg: reason }
    : { changed: false, may_change: `${lead}rests on ${reason}` }
  return { result, registered: new Unknown(reason, { fresh }) }
}

/** A look with parameters that nobody knows yet: it changes nothing, whatever they are. */
export function unverified(reason: string): Done {
  return { result: { changed: false, unverified: `rests on ${reason}` }, registered: new Unknown(reason) }
}

export function registeredValue(ended: Ended): unknown {
  const { result } = ended
  if (result.unverified !== undefined) return new Unknown(result.unverified)
  if (result.may_change === undefined) return withLines({ ...result, failed: result.failed ?? false })
  if (ended.steps.length === 0 && Object.keys(result).length === 2) return new Unknown(result.may_change)
  return withLines({ ...result, failed: false, changed: new Unknown(result.may_change) as never })
}

export function withLines(result: Result): Result {
  const lined = { ...result }
  for (const name of ['stdout', 'stderr'] as const) {
    const text = result[name]
    if (typeof text === 'string' && result[`${name}_lines`] === undefined)
      lined[`${name}_lines`] = text === '' ? [] : text.split('\n')
  }
  return lined
}

export function aggregated(items: readonly Done[]): Done {
  const results = items.map((item) => item.result)
  const some = (key: 'changed' | 'failed' | 'unreachable') => results.some((one) => one[key] === true)
  const maybe = results.find((one) => one.may_change !== undefined)
  const unseen = results.find((one) => one.unverified !== undefined)
  const result: Result = {
    changed: some('changed'),
    results,
    msg: some('failed') ? 'One or more items failed' : 'All items completed',
  }
  if (some('failed')) result.failed = true
  if (some('unreachable')) result.unreachable = true
  if (results.length > 0 && results.every((one) => one.skipped))
    Object.assign(result, { skipped: true, msg: 'All items skipped' })
  if (maybe && !result.changed) result.may_change = maybe.may_change!
  if (unseen) result.unverified = unseen.unverified!
  const registered = {
    ...result,
    failed: result.failed ?? false,
    results: items.map((item) => item.registered),
    ...(maybe && !result.changed ? { changed: new Unknown(maybe.may_change!) } : {}),
  }
  const delegates = new Set(items.map((item) => item.delegated))
  return {
    result,
    registered,
    problem: items.find((item) => item.problem)?.problem,
    // Each item may name other handlers.
    notifies: () => items.flatMap((item) => item.notifies?.() ?? []),
    sets: (state) => {
      for (const item of items) item.sets?.(state)
    },
    delegated: delegates.size === 1 ? [...delegates][0] : undefined,
  }
}

export function shownSteps(
  steps: readonly string[],
  hidden: boolean,
  masker: { text(text: string): string },
): { steps?: string[] } {
  return steps.length === 0 || hidden ? {} : { steps: steps.map((step) => masker.text(step)) }
}

export function censored(result: Result): Result {
  const { changed, failed, skipped: skip, unreachable, may_change, unverified: unseen } = result
  return {
    changed,
    ...(failed === undefined ? {} : { failed }),
    ...(skip === undefined ? {} : { skipped: skip }),
    ...(unreachable === undefined ? {} : { unreachable }),
    ...(may_change === undefined ? {} : { may_change: 'hidden' }),
    ...(unseen === undefined ? {} : { unverified: 'hidden' }),
    censored: CENSORED,
  }
}

/** A result as it may be shown, with the differences of its items. */
export function maskedResult(result: Result, masker: Masker): Result {
  const open = (one: Result): Result => ({
    ...one,
    ...(Array.isArray(one.diff) ? { diff: one.diff.map(withoutOldSecrets) } : {}),
    ...(Array.isArray(one.results) ? { results: one.results.map(open) } : {}),
  })
  return open(masker.data(result))
}

/** A problem as it may be shown: its words, and the lines of source around its places. */
export function maskedProblem(problem: Problem, masker: Masker): Problem {
  const masked = new Problem(problem.code, masker.text(problem.message), {
    at: problem.spans.map((span) => {
      const text = masker.cover(span.source.text)
      const { file, sealed } = span.source
      return text === span.source.text ? span : { ...span, source: new Source(file, text, { sealed }) }
    }),
    hint: problem.hint && masker.text(problem.hint),
    cause: problem.cause && maskedCause(problem.cause, masker),
  })
  masked.host = problem.host
  return masked
}

function maskedCause(cause: unknown, masker: Masker): unknown {
  const text = cause instanceof Error ? cause.message : String(cause)
  const masked = masker.text(text)
  return masked === text ? cause : masked
}
