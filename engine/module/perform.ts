import type { Result } from '../base/result.ts'
import { groupEntry, userEntry } from '../state/reads/account.ts'
import { link } from '../state/reads/link.ts'
import { stat } from '../state/reads/stat.ts'
import type { Step } from '../state/step.ts'
import type { Connection, Reply } from '../wire/connection.ts'
import type { HostDefinition, Plan } from './definition.ts'
import type { ProbeParts } from './early-probe.ts'
import { type Executor, execute } from './execute.ts'
import { bothLooks, type Companion, effectsOfAll, isContained, isShareable, shareTrip } from './shared-trip.ts'

type HostModule = HostDefinition<unknown, unknown, unknown>

/** The kinds of looks that a module's `after` has been seen to ask for: so many are worth sending along with its steps. */
const askedAfter = new WeakMap<HostModule, ReadonlySet<string>>()
const none: ReadonlySet<string> = new Set()
/** What most modules ask afterwards, for one that has not been seen to. */
const usual: ReadonlySet<string> = new Set([link, stat, userEntry, groupEntry].map(({ name }) => name))

export interface Means extends Omit<Executor, 'connection' | 'looksAfter'> {
  readonly connection: () => Promise<Connection>
  /** The tasks to come whose steps may go along with these. */
  readonly company?: ((steps: readonly Step[], way: string) => Promise<readonly Companion[]>) | undefined
}

/** Does a task's steps, and with them those of tasks to come that may go along. */
export async function perform(
  steps: readonly Step[],
  { module, params, view }: ProbeParts,
  { connection, company: ask, ...means }: Means,
): Promise<readonly Reply[]> {
  const executor = { ...means, connection: await connection() }
  const company = isContained(module, params) && isShareable(steps) ? ((await ask?.(steps, view.way)) ?? []) : []
  const looksOf = (one: HostModule, otherwise?: ReadonlySet<string>) =>
    one.after ? (askedAfter.get(one) ?? otherwise) : none
  if (company.length === 0) {
    const kinds = steps.some((step) => step.opaque) ? none : looksOf(module)
    return execute(steps, { ...executor, looksAfter: (effects) => view.looksAfter(effects, kinds) })
  }
  const all = [{ module, steps }, ...company]
  const shares = all.map((one, index) => {
    const own = view.looksAfter(effectsOfAll([one]), looksOf(one.module, usual), true)
    // What tasks behind them want to know goes with the last.
    const last = index === company.length
    return { steps: one.steps, after: last ? bothLooks(own, view.looksAfter(effectsOfAll(all), none)) : own }
  })
  const [first, ...others] = await shareTrip(shares, executor)
  for (const [index, arrival] of others.entries()) company[index]!.made(arrival)
  return first!()
}

/** What only shows once the steps are made. */
export async function seenAfter(
  plan: Plan,
  replies: readonly Reply[],
  { module, view, params, controller }: ProbeParts,
): Promise<Partial<Result>> {
  view.noting = new Set(askedAfter.get(module))
  const seen = await module.after?.(view, plan, replies, params, controller)
  askedAfter.set(module, view.noting)
  return seen ?? {}
}
