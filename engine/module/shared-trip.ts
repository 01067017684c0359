import { findUnknown } from '../base/unknown.ts'
import type { Kept } from '../state/kept-answers.ts'
import { effectsOf, type Step } from '../state/step.ts'
import type { Looks } from '../state/view.ts'
import type { Reply } from '../wire/connection.ts'
import type { HostDefinition, Plan } from './definition.ts'
import { ProbeName, type ProbeParts } from './early-probe.ts'
import { type Executor, isInline, scriptOf, succeeded } from './execute.ts'

/** The steps of one task in a trip that several share. */
export interface Share {
  readonly steps: readonly Step[]
  /** Looks that the task makes once its steps are made, before the next one's. */
  readonly after: Looks
  /** Those that are made once all steps are. */
  readonly atEnd: ReadonlySet<Kept>
}

/** What came of a share, once its task's turn has come: what may have changed is outdated then. Throws what failed. */
export type Arrival = () => readonly Reply[]

/**
 * Does the steps of several tasks in one round trip, in order. The first step that fails is the last to run. Gives what came
 * of each task that began; the first always did. Throws when the connection fails: nobody knows then what was done.
 */
export async function shareTrip(
  shares: readonly Share[],
  atEnd: Looks,
  { connection, as, signal, memory, environment }: Executor,
): Promise<readonly Arrival[]> {
  const effects = shares.map(({ steps }) => effectsOf(steps))
  const scripts = await Promise.all(
    shares.map(({ steps }) => Promise.all(steps.map((step) => scriptOf(step, undefined, environment)))),
  )
  const looks = ({ items }: Looks) => items.map((item) => ({ ...item, optional: true }))
  const items = shares.flatMap(({ after }, index) => [
    ...scripts[index]!.map((script) => ({ script })),
    ...looks(after),
  ])
  const replies = await connection
    .run([...items, ...looks(atEnd)], { as, signal, stopOnFailure: true })
    .catch((thrown: unknown) => {
      for (const each of effects) memory.outdate(each)
      throw thrown
    })
  const arrivals: Arrival[] = []
  let at = 0
  const last = replies.slice(items.length)
  for (const [index, { steps, after, atEnd: which }] of shares.entries()) {
    const own = replies.slice(at, at + steps.length)
    const seen = replies.slice(at + steps.length, at + steps.length + after.items.length)
    at += steps.length + after.items.length
    arrivals.push(() => {
      memory.outdate(effects[index]!)
      const made = own.length === 0 ? [] : succeeded(steps, own)
      after.settle(seen)
      atEnd.settle(last, which)
      return made
    })
    // Who asks in between is not to be told what was.
    memory.outdate(effects[index]!)
    if (own.length < steps.length || own.at(-1)?.status) break
  }
  return arrivals
}

/** What a task does on its host, decided and made before its turn. */
export class MadeAhead {
  readonly name: ProbeName
  readonly params: unknown
  readonly plan: Plan
  readonly arrival: Arrival

  constructor(parts: ProbeParts, plan: Plan, arrival: Arrival) {
    this.name = new ProbeName(parts)
    this.params = parts.params
    this.plan = plan
    this.arrival = arrival
  }
}

/** A task to come that goes along. */
export interface Companion extends Pick<ProbeParts, 'module' | 'params'> {
  readonly steps: readonly Step[]
  /** Told what came of it, if it began. */
  made(arrival: Arrival): void
}

/** More would only keep people waiting for the first. */
const MOST_BYTES = 512 * 1024

/** Steps that may be in a trip with those of other tasks, as far as they go. */
export function isShareable(steps: readonly Step[]): boolean {
  return steps.every(
    (step) =>
      !step.opaque &&
      step.receive === undefined &&
      step.timeout === undefined &&
      isInline(step) &&
      // What is made only when it is sent may not come to be.
      !(step.send && 'make' in step.send) &&
      findUnknown(step.effects) === undefined,
  )
}

/** As many of the steps' owners as one trip takes. */
export function fitting<T extends { readonly steps: readonly Step[] }>(all: readonly T[]): T[] {
  let bytes = 0
  return all.filter(({ steps }) => {
    for (const { script, send } of steps)
      bytes += script.length + (Buffer.isBuffer(send) ? send.length : send && 'size' in send ? send.size : 0)
    return bytes <= MOST_BYTES
  })
}

/** Whether what a task of this module changes is on its host alone. */
export function isContained(module: HostDefinition<unknown, unknown, unknown>, params: unknown): boolean {
  return typeof module.contained === 'function' ? module.contained(params) : (module.contained ?? false)
}
