import { expect } from 'chai'
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

  it('has two hundred mistakes, each told once', () => {
    expect(all.length).to.be.at.least(200)
    expect(new Set(all.map((one) => one.title)).size).to.equal(all.length)
  })
})
