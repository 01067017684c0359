import { expect } from 'chai'
import { applyPatch, structuredPatch } from 'diff'
import { differingPart } from '../../engine/report/differing-part.ts'

const lines = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('')

describe('the part of two texts that differs', () => {
  it('is a line and those around it', () => {
    const text = lines(10_000, (i) => `line ${i}\n`)
    const part = differingPart(text, text.replace('line 5000\n', 'line five\n'), 2)
    expect(part).to.deep.equal({
      before: 'line 4998\nline 4999\nline 5000\nline 5001\nline 5002\n',
      after: 'line 4998\nline 4999\nline five\nline 5001\nline 5002\n',
      skipped: 4998,
    })
  })

  it('makes as short a difference as the whole, at the same lines, however the texts begin and end', () => {
    const words = ['a', 'b', '', 'a a', 'ä']
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647
      return seed % below
    }
    const text = (count: number) => lines(count, () => `${words[random(words.length)]}${random(30) === 0 ? '' : '\n'}`)
    for (let round = 0; round < 2000; round += 1) {
      const [head, tail] = [text(random(8)), text(random(8))]
      const [before, after] = [head + text(random(3)) + tail, head + text(random(3)) + tail]
      const part = differingPart(before, after, 3)
      const { hunks } = structuredPatch('', '', part.before, part.after, '', '', { context: 3 })
      for (const hunk of hunks) {
        hunk.oldStart += part.skipped
        hunk.newStart += part.skipped
      }
      const patch = { oldFileName: '', newFileName: '', oldHeader: '', newHeader: '', hunks }
      const told = JSON.stringify({ before, after, part })
      expect(applyPatch(before, patch as never, { autoConvertLineEndings: false }), told).to.equal(after)
      const whole = structuredPatch('', '', before, after, '', '', { context: 3 }).hunks
      const size = (all: readonly { lines: readonly string[] }[]) =>
        all.flatMap((one) => one.lines).filter((line) => /^[-+]/.test(line)).length
      expect(size(hunks), told).to.equal(size(whole))
    }
  })
})
