import { expect } from 'chai'
import type { Ran } from '../../engine/testing/example-runs.ts'
import type { Outcome } from './trial.ts'

/** What every task owes on every kind of host. `opaque`: a dry run may say "may change". `repeats`: changes each time. */
export function expectContract(outcome: Outcome, how: { opaque?: boolean; repeats?: boolean } = {}): void {
  const { given, checked, touched, first, second } = outcome
  expect(given?.exit ?? 0, given?.wrong).to.equal(0)
  expect(checked.exit, checked.wrong).to.equal(0)
  expect(touched, 'files that the dry run changed').to.deep.equal([])
  expect(first.exit, first.wrong).to.equal(0)
  const said = checked.statuses.map((status, at) =>
    how.opaque && status === 'may_change' && first.statuses[at] === 'changed' ? 'changed' : status,
  )
  expect(said, 'what the dry run said').to.deep.equal(first.statuses)
  if (!how.opaque) expect(paths(checked), 'what the dry run would change').to.deep.equal(paths(first))
  expect(second.exit, second.wrong).to.equal(0)
  if (how.repeats) expect(second.statuses).to.include('changed')
  else expect(second.statuses, 'of the second run').not.to.include('changed')
}

/** The signs that make a temporary name another one each time are no difference. */
const paths = ({ ends }: Ran) =>
  ends.flatMap((end) => end.changes.map((change) => change.path.replace(/ansible\.[A-Za-z0-9_]+/, '')))
