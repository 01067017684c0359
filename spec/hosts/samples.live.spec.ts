import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { askAnsible, recorded, recordFile } from './sample.ts'

/** `TSPLAY_RECORD=1` writes the record anew. */
const recording = process.env.TSPLAY_RECORD === '1'

describe('the record of ansible-inventory', function () {
  this.timeout(300_000)

  before(function () {
    // In CI the referee must be there; elsewhere its record stands for it.
    if (!process.env.CI && spawnSync('ansible-inventory', ['--version']).error) this.skip()
  })

  it('is what it says today', () => {
    const told = askAnsible()
    if (recording) writeFileSync(recordFile, `${JSON.stringify(told, null, 1)}\n`)
    expect(recorded()).to.deep.equal(told)
  })
})
