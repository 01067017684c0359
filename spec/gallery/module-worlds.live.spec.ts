import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { down, exec, fresh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { checkout, tsx } from '../lab/places.ts'
import { record, recorded } from './module-worlds.ts'
import type { ModuleOutcome } from './module-worlds-on-host.ts'

const HOST = 'worlds-2'
const recording = process.env['GALLERY_RECORD'] === '1'

describe('an example of every module in failing worlds', function () {
  this.timeout(60_000)
  const told: Record<string, Record<string, string>> = {}
  const left: Record<string, string> = {}

  before(async function () {
    this.timeout(600_000)
    needsLab.call(this)
    await up([`${HOST}=192.168.1.164`], { downloads: 'packages' })
    await fresh(HOST)
    const words = ['--conditions=tsplay-source', '--import', tsx]
    const script = fileURLToPath(new URL('module-worlds-on-host.ts', import.meta.url))
    const { status, stdout, stderr } = await exec([process.execPath, ...words, script, HOST], { cwd: checkout })
    expect(status, stderr).to.equal(0)
    for (const line of stdout.split('\n').filter(Boolean)) {
      const { world, module, said, ...rest } = JSON.parse(line) as ModuleOutcome
      if (rest.left !== undefined) left[`${world}: ${module}`] = rest.left
      told[world] = { ...told[world], [module]: said }
    }
    if (recording) record(told)
  })
  after(() => down([HOST]))

  for (const world of recording ? [] : Object.keys(recorded()))
    it(`${world}: each says what is wrong, and leaves nothing half done`, () => {
      expect(told[world]).to.deep.equal(recorded()[world])
      expect(told[world]!['half-written files'] ?? 'none').to.equal('none')
    })

  it('leave files as they were where there is no space', () => expect(left).to.deep.equal({}))
  it('are five', () => expect(Object.keys(told)).to.have.length(5))
})
