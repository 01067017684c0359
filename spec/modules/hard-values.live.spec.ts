import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { isLocal } from '../../engine/module/definition.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { down, exec, fresh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { checkout, tsx } from '../lab/places.ts'
import { commands, hardened } from './hard-values.ts'
import type { Tried } from './hard-values-on-host.ts'

const HOST = 'hard-values'

describe('a value that looks like shell text is never run', function () {
  this.timeout(60_000)
  const tried: Tried[] = []

  before(async function () {
    this.timeout(900_000)
    needsLab.call(this)
    await up([`${HOST}=192.168.1.165`], { downloads: 'packages' })
    await fresh(HOST)
    const words = ['--conditions=tsplay-source', '--import', tsx]
    const script = fileURLToPath(new URL('hard-values-on-host.ts', import.meta.url))
    const { status, stdout, stderr } = await exec([process.execPath, ...words, script, HOST], { cwd: checkout })
    expect(status, stderr).to.equal(0)
    for (const line of stdout.split('\n').filter(Boolean)) tried.push(JSON.parse(line) as Tried)
  })
  after(() => down([HOST]))

  it('whichever parameter it is in, of whichever module', () => {
    const ran = tried.filter((one) => one.ran && !(one.at in commands))
    expect(ran).to.deep.equal([])
  })

  it('but for commands, which are', () => {
    const ran = new Set(tried.filter((one) => one.ran).map(({ at }) => at))
    expect(Object.keys(commands)).to.have.members([...ran])
  })

  it('though hosts get very many of them to read', () => {
    expect(tried.filter(({ sent }) => sent)).to.have.length.greaterThan(300)
    expect(tried.length).to.be.greaterThan(900)
  })

  it('in every text that a module takes', async () => {
    const places = new Set(tried.map(({ at }) => at))
    const left = new Set((await hardened()).filter(({ at }) => !places.has(at)).map(({ module }) => module))
    const registry = new ModuleRegistry()
    for (const name of left) {
      // The host would be gone.
      if (name !== 'reboot') expect(isLocal(await registry.load(name, [])), name).to.equal(true)
    }
  })
})
