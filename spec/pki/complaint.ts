import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'

const said = (thrown: unknown): string => {
  expect(thrown).to.be.instanceOf(Problem)
  const problem = thrown as Problem
  expect(problem.code).to.equal('pki')
  return `${problem.message} | ${problem.hint ?? ''}`
}

/** What a user reads: message, then hint. */
export function complaint(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    return said(thrown)
  }
  throw new Error('nothing was refused')
}

/** The same of work that takes its time. */
export async function complaintOf(work: Promise<unknown>): Promise<string> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error ?? new Error('refused with nothing'),
  )
  if (thrown === undefined) throw new Error('nothing was refused')
  return said(thrown)
}
