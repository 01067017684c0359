import { expect } from 'chai'
import { coerce } from '../../engine/module/coerce.ts'

describe('values as their schema wants them', () => {
  // YAML reads `state: off` as a boolean; a person means the word.
  for (const [value, choices, gives] of [
    [false, ['off'], 'off'],
    [false, ['yes', 'no', 'maybe'], 'no'],
    [true, ['on', 'off'], 'on'],
    [false, ['no', 'off'], false],
    [false, ['present', 'absent'], false],
    [true, [true, 'on'], true],
  ] as const) {
    it(`reads ${value} as ${JSON.stringify(gives)} of ${JSON.stringify(choices)}`, () => {
      expect(coerce(value, { enum: choices })).to.equal(gives)
    })
  }
})
