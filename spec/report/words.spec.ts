import { expect } from 'chai'
import { mergeNames } from '../../engine/report/host-names.ts'
import { bytes, duration, elapsed } from '../../engine/report/measure.ts'
import { colourLevel } from '../../engine/report/palette.ts'
import { cutText, harmless, textWidth } from '../../engine/report/text-width.ts'

describe('host names in few words', () => {
  const table: [names: string, text: string][] = [
    ['k8s-master-1 k8s-master-2 k8s-master-3', 'k8s-master-[1:3]'],
    ['m1 lb m3 m2 m5', 'm[1:3], m5, lb'],
    ['web08 web09 web10 web11', 'web[08:09], web[10:11]'],
    ['a1.x a2.x a1.y', 'a[1:2].x, a1.y'],
    ['10.0.0.9 10.0.0.10', '10.0.0.[9:10]'],
    ['solo', 'solo'],
    ['', ''],
  ]
  for (const [names, text] of table)
    it(`${names} is ${text}`, () => expect(mergeNames(names.split(' '))).to.equal(text))
})

describe('measures', () => {
  it('says sizes', () => {
    expect([0, 999, 1000, 99_949, 999_499, 999_500, 19_800_000, 5e12].map(bytes)).to.deep.equal([
      ...['0 B', '999 B', '1.0 kB', '99.9 kB', '999 kB', '1.0 MB', '19.8 MB', '5.0 TB'],
    ])
  })
  it('says times', () => {
    expect([0, 999, 1000, 59_949, 59_950, 65_000, 3_599_700, 7_380_000].map(duration)).to.deep.equal([
      ...['0ms', '999ms', '1.0s', '59.9s', '1m 00s', '1m 05s', '1h 00m', '2h 03m'],
    ])
    expect([0, 59_999, 60_000].map(elapsed)).to.deep.equal(['0s', '59s', '1m 00s'])
  })
})

describe('colours', () => {
  const tty = { isTTY: true }
  const table: [stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv, level: number][] = [
    [{}, { TERM: 'xterm' }, 0],
    [tty, { TERM: 'xterm' }, 1],
    [tty, { TERM: 'xterm-256color' }, 2],
    [tty, { TERM: 'xterm', COLORTERM: 'truecolor' }, 3],
    [tty, { TERM: 'dumb' }, 0],
    [tty, { TERM: 'xterm', NO_COLOR: '1' }, 0],
    [tty, { TERM: 'xterm', NO_COLOR: '' }, 1],
    [{}, { FORCE_COLOR: '' }, 1],
    [{}, { FORCE_COLOR: '3', NO_COLOR: '1' }, 3],
    [tty, { FORCE_COLOR: '0' }, 0],
    [tty, { FORCE_COLOR: 'false' }, 0],
    [{}, { FORCE_COLOR: 'true' }, 1],
  ]
  for (const [stream, env, level] of table) {
    it(`${stream.isTTY ? 'terminal' : 'pipe'} with ${JSON.stringify(env)}: ${level}`, () =>
      expect(colourLevel(stream, env)).to.equal(level))
  }
})

describe('text for terminals', () => {
  it('knows how wide it is', () => {
    expect(['abc', '名前', 'e\u0301', '🎉', '\u001b[31mred\u001b[39m', ''].map(textWidth)).to.deep.equal([
      3, 4, 1, 2, 3, 0,
    ])
  })
  it('is cut without breaking colours or wide characters', () => {
    expect(cutText('abcdef', 6)).to.equal('abcdef')
    expect(cutText('abcdef', 5)).to.equal('abcd…')
    expect(cutText('名前名前', 6)).to.equal('名前…')
    expect(cutText('\u001b[31mabcdef\u001b[39m', 4)).to.equal('\u001b[31mabc…\u001b[0m')
  })
  it('loses what could move, colour or hide other text', () => {
    expect(harmless('a\u001b[2Jb\u001b]8;;http://x\u001b\\c\u0007\td\r\ne\rf\u202eg')).to.equal(
      'abc\ufffd\td\ne\nf\ufffdg',
    )
  })
})
