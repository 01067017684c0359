import { expect } from 'chai'
import { readCases, spelling } from '../referee/case.ts'
import { recorded } from '../referee/record.ts'
import { examined, line } from './examined.ts'

/** What ansible refuses as well, or what is refused on purpose. */
function mayBeRefused(one: ReturnType<typeof readCases>[number]): boolean {
  if (/^undefined variable|^a host or group that nothing/.test(one.differs ?? '')) return true
  const outcome = recorded(one)?.ansible
  return outcome !== undefined && outcome.status !== 0 && outcome.tasks.length === 0
}

describe('what ansible runs passes preflight', () => {
  for (const one of readCases()) {
    it(`${one.id}: ${one.title}`, async () => {
      const { words, files } = spelling(one, 'tsplay')
      const { problems } = await examined(files, words)
      if (!mayBeRefused(one)) expect(problems.map(line)).to.deep.equal([])
    })
  }
})
