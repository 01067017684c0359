import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

/** What Ansible's module of the same name made of the same file. */
const cases: [what: string, before: string, given: Record<string, unknown>, after: string, msg: string][] = [
  ['every place', 'a=1\na=2\n', { regexp: '^a', replace: 'b' }, 'b=1\nb=2\n', '2 replacements made'],
  ['nothing', 'a\n', { regexp: 'x', replace: 'y' }, 'a\n', ''],
  ['removes', 'a\n#x\nb\n', { regexp: '^#.*\\n' }, 'a\nb\n', '1 replacements made'],
  ['what was caught', 'k = v\n', { regexp: '(k) = (?P<v>\\w)', replace: '\\g<v>=\\1' }, 'v=k\n', '1 replacements made'],
  ['over lines', '[a]\nx\n', { regexp: '\\[(.)\\]\\n', replace: '\\1/' }, 'a/x\n', '1 replacements made'],
  [
    'between',
    'x\n<\nx\n>\nx\n',
    { regexp: 'x', replace: 'y', after: '<', before: '>' },
    'x\n<\ny\n>\nx\n',
    '1 replacements made',
  ],
  ['after', 'x <\nx\n', { regexp: 'x', replace: 'y', after: '<' }, 'x <\ny\n', '1 replacements made'],
  ['before', 'x > x\n', { regexp: 'x', replace: 'y', before: '>' }, 'y > x\n', '1 replacements made'],
  [
    'no such part',
    'x\n',
    { regexp: 'x', replace: 'y', after: '<', before: '>' },
    'x\n',
    'Pattern for before/after params did not match the given file: <(?P<subsection>.*?)>',
  ],
  ['letters, not bytes', 'größe\n', { regexp: '[äöü]', replace: 'o' }, 'große\n', '1 replacements made'],
  ['in any case', 'Ab\n', { regexp: '(?i)ab', replace: 'c' }, 'c\n', '1 replacements made'],
]

describe('replace', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())

  for (const [what, before, given, after, msg] of cases) {
    it(what, async () => {
      writeFileSync(bench.path('f'), before)
      const result = await bench.settle('replace', { path: bench.path('f'), ...given })
      expect(bench.read('f')).to.equal(after)
      expect(result).to.include({ changed: before !== after, msg })
    })
  }

  it('takes bytes as letters of latin-1', async () => {
    writeFileSync(bench.path('f'), Buffer.from([0xe4, 0x0a]))
    const given = { path: bench.path('f'), regexp: 'ä', replace: 'ae' }
    expect((await problemOf(bench.apply('replace', given))).message).to.contain('is not text in utf-8')
    await bench.settle('replace', { ...given, encoding: 'latin-1' })
    expect(bench.read('f')).to.equal('ae\n')
  })

  it('says what is missing', async () => {
    const given = { path: bench.path('f'), regexp: 'x' }
    expect((await bench.apply('replace', given)).result).to.include({ failed: true, rc: 257 })
    expect((await bench.apply('replace', { ...given, path: bench.folder })).result).to.include({
      failed: true,
      rc: 256,
    })
    writeFileSync(bench.path('f'), 'x\n')
    expect((await problemOf(bench.apply('replace', { ...given, replace: '\\2' }))).message).to.contain(
      '"replace" refers to the group 2',
    )
    expect((await problemOf(bench.apply('replace', { ...given, regexp: '(' }))).message).to.contain(
      '"regexp" of replace cannot be "(": the ( is not closed.',
    )
  })
})
