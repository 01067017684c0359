import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { down, exec, fresh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { checkout, tsx } from '../lab/places.ts'
import { mistakes, record, worldsFolder } from './mistake.ts'
import { suits } from './told.ts'
import type { WorldOutcome } from './worlds-on-host.ts'

const HOST = 'worlds-1'
const recording = process.env['GALLERY_RECORD'] === '1'

describe('the gallery of failing worlds, on a host with systemd', function () {
  this.timeout(60_000)
  const outcomes = new Map<string, WorldOutcome>()

  before(async function () {
    this.timeout(400_000)
    needsLab.call(this)
    await up([`${HOST}=192.168.1.163`], { downloads: false })
    await fresh(HOST)
    const words = ['--conditions=tsplay-source', '--import', tsx]
    const script = fileURLToPath(new URL('worlds-on-host.ts', import.meta.url))
    const { status, stdout, stderr } = await exec([process.execPath, ...words, script, HOST], { cwd: checkout })
    for (const line of stdout.split('\n').filter(Boolean)) {
      const outcome = JSON.parse(line) as WorldOutcome
      outcomes.set(outcome.name, outcome)
    }
    expect(status, stderr).to.equal(0)
  })
  after(() => down([HOST]))

  for (const world of mistakes(worldsFolder)) {
    it(`${world.name}: ${world.title}`, () => {
      const outcome = outcomes.get(world.name)
      if (!outcome) throw new Error('the case was not played')
      const { status, said, left, remains } = outcome
      if (recording) record(world, said, worldsFolder)
      else expect(said).to.equal(world.says)
      expect(status, said).to.equal(2)
      expect(left, 'what is left on the host').to.equal(world.left)
      expect(remains, 'half-written files').to.equal('')
      suits({ ...world, running: true }, said)
    })
  }
})
