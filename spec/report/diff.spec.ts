import { expect } from 'chai'
import type { Change } from '../../engine/base/result.ts'
import { Unknown } from '../../engine/base/unknown.ts'
import { formatDiff } from '../../engine/report/diff.ts'

const shown = (change: Change, lines?: number) => formatDiff([change], { lines })
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join('')

describe('diff', () => {
  it('is unified for text, with three lines around', () => {
    expect(shown({ path: '/a', before: numbers(1, 9), after: numbers(1, 9).replace('5', 'five') })).to.equal(
      '--- /a\n+++ /a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8',
    )
  })

  it('shows a file that appears, disappears, or lacks its last line end', () => {
    expect(shown({ path: '/a', after: 'x\ny\n' })).to.equal('--- /dev/null\n+++ /a\n@@ -0,0 +1,2 @@\n+x\n+y')
    expect(shown({ path: '/a', before: 'x\n' })).to.equal('--- /a\n+++ /dev/null\n@@ -1 +0,0 @@\n-x')
    expect(shown({ path: '/a', before: 'x', after: 'x\n' })).to.equal(
      '--- /a\n+++ /a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x',
    )
  })

  const table: [change: Change, text: string][] = [
    [{ path: '/a mode', before: '0644', after: '0600' }, '/a mode: 0644 → 0600'],
    [{ path: '/a', after: 'directory' }, '/a: (none) → directory'],
    [{ path: '/a', before: '' }, '/a: "" → (none)'],
    [{ path: 'vm.swappiness', before: 60, after: 0 }, 'vm.swappiness: 60 → 0'],
    [{ path: 'unit', before: false, after: null }, 'unit: false → null'],
    [{ path: '/k', before: 'a', after: 'b', secret: true }, '/k: (secret, changed)'],
    [{ path: '/k', after: 'b', secret: true }, '/k: (secret, new)'],
    [{ path: '/k', before: 'b', secret: true }, '/k: (secret, removed)'],
    [
      { path: '/c', after: new Unknown('the certificate', { fresh: true }) },
      '/c: (none) → (known only afterwards: the certificate)',
    ],
    [
      { path: '/c', before: 'a\nb\n', after: new Unknown('made by x') },
      '/c: (2 lines) → (known only afterwards: made by x)',
    ],
    [{ path: '/b', after: Buffer.from([0, 1, 2]) }, '/b: (none) → (binary, 3 B, sha256 ae4b3280e56e)'],
    [{ path: '/b', before: 'a\0b\n', after: 'a\n' }, '/b: (binary, 4 B, sha256 61ad5a0fad0c) → (1 line)'],
    [
      { path: '/t', after: { size: 19_800_000, sha256: 'ab'.repeat(32) } },
      '/t: (none) → (19.8 MB, sha256 abababababab)',
    ],
    [{ path: 'groups', before: ['a'], after: ['a', 'b'] }, 'groups: a +b'],
    [{ path: 'groups', before: ['wheel', 'games'], after: ['adm', 'wheel'] }, 'groups: wheel +adm -games'],
    [{ path: 'groups', after: ['a', 'b'] }, 'groups: +a +b'],
    [{ path: 'ports', before: [80, 443], after: [] }, 'ports: -80 -443'],
    [{ path: 'order', before: ['a', 'b'], after: ['b', 'a'] }, 'order: ["a","b"] → ["b","a"]'],
    [{ path: 'args', before: ['a b'], after: ['a b', 'c d'] }, 'args:\n  +c d'],
    [
      {
        path: 'limits',
        before: { soft: 1, hard: { a: 1 }, on: ['x'] },
        after: { soft: 2, hard: { a: 1, b: 3 }, on: ['y'] },
      },
      'limits.soft: 1 → 2\nlimits.hard.b: (none) → 3\nlimits.on: +y -x',
    ],
    [{ path: '/s', before: 'pass ********\n', after: 'pass ********\n' }, '/s: (only what is secret differs)'],
    [{ path: '/e\u001b[31m', before: 'x\u001b[1A', after: 'y\r' }, '/e: x → y\n'],
  ]
  for (const [change, text] of table) {
    it(`says ${JSON.stringify(text)}`, () => {
      if (change.path === '/b' && typeof change.before === 'string')
        expect(shown(change)).to.match(/^\/b: \(binary, 4 B, sha256 [0-9a-f]{12}\) → \(1 line\)$/)
      else expect(shown(change)).to.equal(text)
    })
  }

  it('tells a text nobody would read by its size', () => {
    expect(shown({ path: '/big', before: 'a\n', after: 'line\n'.repeat(300_000) })).to.match(
      /^\/big: \(1 line\) → \(text, 1\.5 MB, sha256 [0-9a-f]{12}\)$/,
    )
  })

  it('gives up in time on texts that have nothing in common', () => {
    const text = (seed: number) => Array.from({ length: 30_000 }, (_, index) => `${(index * seed) % 9973}`).join('\n')
    const began = Date.now()
    expect(shown({ path: '/x', before: text(7919), after: text(6007) })).to.match(
      /too different to show line by line: \(text, \d+ kB, sha256/,
    )
    expect(Date.now() - began).to.be.lessThan(3000)
  })

  it('shows data that is new line by line', () => {
    expect(shown({ path: 'limits', after: { name: 'a'.repeat(60) } })).to.equal(
      `--- /dev/null\n+++ limits\n@@ -0,0 +1,3 @@\n+{\n+  "name": "${'a'.repeat(60)}"\n+}`,
    )
  })

  it('folds many differences of one task', () => {
    const changes = Array.from({ length: 30 }, (_, index) => ({ path: `/f${index}`, after: numbers(1, 9) }))
    const text = formatDiff(changes, { lines: 10 })
    expect(text.split('\n').at(-1)).to.equal('(25 more differences; -v shows all)')
    expect(formatDiff(changes, { lines: Number.POSITIVE_INFINITY }).split('\n')).to.have.length(30 * 12)
  })

  it('cuts lines nobody would read, around what differs', () => {
    const long = (word: string) => `${'x'.repeat(500)}${word}${'y'.repeat(500)}`
    const change = { path: '/a', before: `${long('old')}\n`, after: `${long('fresh')}\n` }
    const [, , , removed, added] = shown(change).split('\n')
    expect(removed).to.equal(`-…${'x'.repeat(40)}old${'y'.repeat(197)}… (303 more characters)`)
    expect(added).to.equal(`+…${'x'.repeat(40)}fresh${'y'.repeat(195)}… (305 more characters)`)
    expect(shown(change, Number.POSITIVE_INFINITY)).to.equal(
      `--- /a\n+++ /a\n@@ -1 +1 @@\n-${long('old')}\n+${long('fresh')}`,
    )
  })

  it('marks what differs within a line', () => {
    const change = { path: '/a', before: 'port = 80\nnone\n', after: 'port = 8080\nelse\n' }
    const [, , , ...lines] = formatDiff([change], { colour: true }).split('\n')
    const [red, green] = [
      (text: string) => `\u001b[31m${text}\u001b[39m`,
      (text: string) => `\u001b[32m${text}\u001b[39m`,
    ]
    expect(lines).to.deep.equal([
      red('-port = 80'),
      red('-none'),
      `${green('+port = 80')}\u001b[32m\u001b[7m80\u001b[27m\u001b[39m`,
      green('+else'),
    ])
  })

  it('folds what is long, unless all is asked for', () => {
    const change = { path: '/a', after: numbers(1, 100) }
    const text = shown(change, 5)
    expect(text.split('\n').slice(-2)).to.deep.equal(['+4', '(96 more lines; -v shows all)'])
    expect(shown(change, Number.POSITIVE_INFINITY).split('\n')).to.have.length(103)
  })

  it('shows of data what differs in it', () => {
    const before = { name: 'a'.repeat(60), size: 1 }
    expect(shown({ path: 'limits', before, after: { ...before, size: 2 } })).to.equal('limits.size: 1 → 2')
  })

  it('shows carriage returns and hides escape sequences', () => {
    expect(shown({ path: '/a', before: 'x\r\n', after: '\u001b[31mx\n' })).to.equal(
      '--- /a\n+++ /a\n@@ -1 +1 @@\n-x^M\n+x',
    )
  })

  it('colours when asked', () => {
    expect(formatDiff([{ path: '/a mode', before: '1', after: '2' }], { colour: true })).to.equal(
      '/a mode: \u001b[31m1\u001b[39m → \u001b[32m2\u001b[39m',
    )
  })
})
