import { expect } from 'chai'
import { needsLab } from '../lab/live.ts'
import { allExamples } from './example-book.ts'
import { truth } from './truth.ts'
import { exceptions, judged } from './truth-exceptions.ts'
import type { Tried } from './truth-on-host.ts'
import { complaints, table } from './truth-table.ts'

const runnable = (await allExamples()).filter(({ example }) => example.cannotRun === undefined)

describe('the dry run of every example tells the truth', () => {
  let tried: Tried[] = []

  before(async function () {
    needsLab.call(this)
    // Some six hundred trials, of three runs each: damaged hosts for one example of a module, to save time.
    this.timeout(30 * 60_000)
    tried = await truth({ all: false })
  })
  after(() => {
    if (tried.length > 0) process.stdout.write(`\n${table(tried, judged(tried))}`)
  })

  for (const { module, example } of runnable) {
    it(`${module}: ${example.title}`, () => {
      const mine = tried.filter((one) => one.module === module && one.title === example.title)
      expect(mine).to.have.length(1)
      expect(complaints(mine, judged(mine))).to.equal('')
    })
  }

  for (const exception of exceptions.filter(({ byChance }) => !byChance)) {
    it(`still has this exception: ${exception.modules.join(', ')}: ${exception.reason}`, () => {
      expect(judged(tried).met.has(exception), 'it holds without it: take it out of the list').to.equal(true)
    })
  }
})
