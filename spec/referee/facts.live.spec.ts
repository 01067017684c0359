import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { needsLab } from '../lab/live.ts'
import { factsOfLabHost, factsOfLightHost } from './facts.ts'

describe('facts are what `ansible -m setup` says of the same host', function () {
  this.timeout(120_000)

  before(function () {
    if (!process.env.CI && spawnSync('ansible', ['--version']).error) this.skip()
    needsLab.call(this)
  })

  for (const [title, gather] of [
    ['a light host', factsOfLightHost],
    ['a host with systemd', factsOfLabHost],
  ] as const) {
    it(title, async () => {
      const { facts, wrong } = await gather()
      expect(wrong).to.deep.equal([])
      expect(facts).to.be.greaterThan(60)
    })
  }
})
