import type { Result } from '../base/result.ts'
import type { Effect } from '../state/effect.ts'
import type { Kept } from '../state/kept-answers.ts'
import { groupEntry, userEntry } from '../state/reads/account.ts'
import { link } from '../state/reads/link.ts'
import { stat } from '../state/reads/stat.ts'
import { effectsOf, type Step } from '../state/step.ts'
import type { Connection, Reply } from '../wire/connection.ts'
import type { HostDefinition, Plan } from './definition.ts'
import type { ProbeParts } from './early-probe.ts'
import { type Executor, execute } from './execute.ts'
import { type Companion, isContained, isShareable, type Share, shareTrip } from './shared-trip.ts'

type HostModule = HostDefinition<unknown, unknown, unknown>

/** The kinds of looks that modules' `after` have been seen to ask for in a run: so many are worth sending along with their steps. */
export class AskedAfter {
  readonly #kinds = new WeakMap<HostModule, ReadonlySet<string>>()

  /** None where a module asks for nothing; `otherwise` where it has not been seen to. */
  of(module: HostModule, otherwise?: ReadonlySet<string>): ReadonlySet<string> | undefined {
    return module.after ? (this.#kinds.get(module) ?? otherwise) : none
  }

  note(module: HostModule, kinds: ReadonlySet<string>): void {
    this.#kinds.set(module, kinds)
  }
}

const none: ReadonlySet<string> = new Set()
/** What most modules ask afterwards, for one that has not been seen to. */
const usual: ReadonlySet<string> = new Set([link, stat, userEntry, groupEntry].map(({ name }) => name))

export interface Means extends Omit<Executor, 'connection' | 'looksAfter'> {
  readonly connection: () => Promise<Connection>
  /** What modules were seen to ask for afterwards, in this run. */
  readonly askedAfter?: AskedAfter | undefined
  /** The tasks to come whose steps may go along with these. */
  readonly company?: ((steps: readonly Step[], way: string) => Promise<readonly Companion[]>) | undefined
}

/** Does a task's steps, and with them those of tasks to come that may go along. */
export async function perform(
  steps: readonly Step[],
  { module, params, view }: ProbeParts,
  { connection, askedAfter = new AskedAfter(), company: ask, ...means }: Means,
): Promise<readonly Reply[]> {
  const executor = { ...means, connection: await connection() }
  const company = isContained(module, params) && isShareable(steps) ? ((await ask?.(steps, view.way)) ?? []) : []
  if (company.length === 0) {
    const kinds = steps.some((step) => step.opaque) ? none : askedAfter.of(module)
    return execute(steps, { ...executor, looksAfter: (effects) => view.looksAfter(effects, kinds) })
  }
  const all = [{ module, steps }, ...company].map((one) => ({
    ...one,
    outdated: means.memory.outdatedBy(effectsOf(one.steps)),
  }))
  const wanted = new Set(all.flatMap(({ outdated }) => [...outdated].filter((kept) => view.isWanted(kept))))
  const shares = all.map((one, index): Share => {
    const again = askedAfter.of(one.module, usual)
    const near = nearTo(effectsOf(one.steps))
    const own = [...one.outdated].filter(
      (kept) => kept.way === view.way && (again?.has(kept.kind.name) ?? true) && near(kept),
    )
    // What no later share touches is looked at once, at the end.
    const later = all.slice(index + 1)
    const [soon, atEnd] = parted(own, (kept) => later.some(({ outdated }) => outdated.has(kept)))
    return {
      steps: one.steps,
      after: view.looks(soon),
      atEnd: new Set(index === company.length ? [...atEnd, ...wanted] : atEnd),
    }
  })
  const atEnd = view.looks([...new Set(shares.flatMap((share) => [...share.atEnd]))])
  const [first, ...others] = await shareTrip(shares, atEnd, executor)
  for (const [index, arrival] of others.entries()) company[index]!.made(arrival)
  return first!()
}

/** Whether an answer is about the very things that change, not what is below them; what is about no file may always be. */
function nearTo(effects: readonly Effect[]): (kept: Kept) => boolean {
  const named = new Set(
    effects.map((effect) =>
      'file' in effect ? effect.file.path : 'read' in effect ? effect.read : 'forgets' in effect ? effect.forgets : '',
    ),
  )
  return ({ kind, ask }) => named.has(kind.name) || (kind.paths?.(ask).some((path) => named.has(path)) ?? true)
}

function parted<T>(all: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))]
}

/** What only shows once the steps are made. */
export async function seenAfter(
  plan: Plan,
  replies: readonly Reply[],
  { module, view, params, controller }: ProbeParts,
  askedAfter: AskedAfter | undefined,
): Promise<Partial<Result>> {
  view.noting = new Set(askedAfter?.of(module))
  const seen = await module.after?.(view, plan, replies, params, controller)
  askedAfter?.note(module, view.noting)
  return seen ?? {}
}
