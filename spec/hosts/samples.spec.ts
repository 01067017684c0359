import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { captured } from '../run/story.ts'
import { questions, read, recorded, samples, wordsOf, writeSample } from './sample.ts'

describe('tsplay inventory says what ansible-inventory says', function () {
  this.timeout(20_000)
  let folder = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-spec-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('of thirty inventories and more', () => {
    expect(samples.length).to.be.at.least(30)
    expect(Object.keys(recorded()).sort()).to.deep.equal(samples.map((sample) => sample.title).sort())
  })

  for (const sample of samples) {
    it(sample.title, async () => {
      const theirs = recorded()[sample.title]!
      writeSample(sample, folder)
      for (const question of questions(sample)) {
        const { status, stdout, stderr } = await captured(folder, ['inventory', ...wordsOf(sample), ...question])
        expect({ status, stderr }, question.join(' ')).to.deep.equal({ status: 0, stderr: '' })
        expect(read(question, stdout), question.join(' ')).to.deep.equal(theirs[question.join(' ')])
      }
    })
  }
})
