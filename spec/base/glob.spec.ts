import { expect } from 'chai'
import { globPattern } from '../../engine/base/glob.ts'

/** As Python's fnmatch reads them. */
const cases: [glob: string, finds: string[], not: string[]][] = [
  ['*', ['', 'a', '.a', 'a\nb'], []],
  ['a?c', ['abc'], ['ac', 'abbc']],
  ['a.b', ['a.b'], ['axb']],
  ['[ab]', ['a', 'b'], ['c', 'ab']],
  ['[!ab]', ['c'], ['a']],
  ['[]a]', [']', 'a'], ['b']],
  ['[a-c]x', ['bx'], ['dx']],
  ['a[*', ['a[', 'a[b'], ['ab']],
  ['[z-a]', [], ['z', 'a', '[z-a]']],
  ['a/(b)', ['a/(b)'], ['a/b']],
]

describe('shell patterns', () => {
  for (const [glob, finds, not] of cases) {
    it(JSON.stringify(glob), () => {
      for (const name of finds) expect(globPattern(glob).test(name), name).to.equal(true)
      for (const name of not) expect(globPattern(glob).test(name), name).to.equal(false)
    })
  }
})
