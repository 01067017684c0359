import { expect } from 'chai'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { cannotFail, recorded, withWorld } from './module-worlds.ts'

describe('failing worlds of modules', () => {
  const played = withWorld()

  for (const module of new ModuleRegistry().files())
    it(`${module} has one, or says why not`, () => {
      if (module in cannotFail) expect(played.has(module), 'it has one').to.equal(false)
      else expect([...played]).to.include(module)
    })

  it('are excepted for modules that there are', () => {
    expect(new ModuleRegistry().files()).to.include.members(Object.keys(cannotFail))
  })

  for (const [world, said] of Object.entries(recorded()))
    it(`${world}: what is said is for people`, () => {
      for (const [module, text] of Object.entries(said)) {
        expect(text, module).to.not.match(/sh: \d+:|: eval:|\[object|\bundefined\b|\bat .*\.ts:\d/)
        // Whoever has no rights, and whose disk is fixed, is told what to do.
        if (world !== 'tools' && text !== 'ok' && text !== 'none') expect(text, module).to.match(/\n= \S/)
      }
    })
})
