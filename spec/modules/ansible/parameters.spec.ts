import { expect } from 'chai'
import { ModuleRegistry } from '../../../engine/module/registry.ts'
import { differences } from './compare.ts'
import { exceptions } from './exceptions.ts'
import { recorded } from './record.ts'

const all = exceptions.flatMap(([, ...names]) => names)

describe("Ansible's parameters and results", () => {
  const registry = new ModuleRegistry()
  for (const [name, theirs] of Object.entries(recorded())) {
    it(`${name} has those of ${theirs.name}, or says why not`, async () => {
      const found = differences(await registry.load(name, []), theirs)
      const told = [...found].map(([what, how]) => `${name} ${what}: ${how}`)
      const allowed = all.filter((one) => one.startsWith(`${name} `))
      expect(
        [...found.keys()].map((what) => `${name} ${what}`),
        told.join('\n'),
      ).to.have.members(allowed)
    })
  }

  it('are excepted once each, for modules that there are', () => {
    expect(all).to.deep.equal([...new Set(all)])
    expect(all.filter((one) => !(one.split(' ')[0]! in recorded()))).to.deep.equal([])
  })
})
