import { expect } from 'chai'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { mistakes, record } from './mistake.ts'
import { suits, told } from './told.ts'

const recording = process.env['GALLERY_RECORD'] === '1'
describe('the gallery of mistakes', () => {
  const all = mistakes()

  for (const mistake of all) {
    it(`${mistake.name}: ${mistake.title}`, async () => {
      const { status, said } = await told(mistake)
      if (recording) record(mistake, said)
      else expect(said).to.equal(mistake.says)
      expect(status, said).to.equal(mistake.status)
      suits(mistake, said)
    })
  }

  it('has two hundred mistakes beside those of modules, each told once', () => {
    expect(all.filter((one) => !one.name.startsWith('module/')).length).to.be.at.least(200)
    expect(new Set(all.map((one) => one.title)).size).to.equal(all.length)
  })

  it('has wrong parameters of every module', () => {
    const shown = all.flatMap(({ name }) => (name.startsWith('module/') ? [name.slice('module/'.length)] : []))
    expect(shown).to.have.members(new ModuleRegistry().files())
  })
})
