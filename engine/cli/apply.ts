import { Problems } from '../base/problem.ts'
import { PlanGuard } from '../plan/guard.ts'
import { movedSources, readPlan } from '../plan/saved-plan.ts'
import { openedExtra } from './plan.ts'
import { withSession } from './run.ts'
import type { RunWords } from './run-words.ts'
import { readVault, type VaultWords } from './vault-words.ts'

export interface ApplyWords extends VaultWords {
  readonly extraVars: string[]
  readonly forks?: string
  readonly diff?: boolean
  readonly verify?: boolean
  readonly verbose: number
  readonly output: string
}

/** `tsplay apply`: does what was planned, and stops on a host where that would be something else now. */
export async function applyPlan(path: string, given: ApplyWords): Promise<number> {
  const plan = readPlan(path)
  const moved = movedSources(plan, process.cwd())
  if (moved.length > 0) throw new Problems(moved)
  const { extraVars: places, ...kept } = plan.words as unknown as Omit<RunWords, 'extraVars'> & {
    extraVars: (string | null)[]
  }
  const own = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )
  const words: RunWords = { ...kept, ...own, extraVars: [] }
  const vault = await readVault(words)
  const inline = [...openedExtra(plan.extra, given.extraVars, vault)]
  const extraVars = places.map((word) => word ?? inline.shift()!)
  const guard = new PlanGuard(plan.events)
  const exit = await withSession(
    plan.playbooks,
    { ...words, extraVars },
    { vault, approve: (wanted) => guard.approve(wanted) },
  )
  // A playbook that ignores failures does not hide that its plan no longer held.
  return exit === 0 && guard.stopped.size > 0 ? 2 : exit
}
