import { existsSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

/** What community.general's module of the same name made of the same file. */
const cases: [what: string, before: string | undefined, given: Record<string, unknown>, after: string, msg: string][] =
  [
    ['changes an option', '[a]\nx = 1\n', { section: 'a', option: 'x', value: '2' }, '[a]\nx = 2\n', 'option changed'],
    ['leaves it', '[a]\nx = 1\n', { section: 'a', option: 'x', value: '1' }, '[a]\nx = 1\n', 'OK'],
    [
      'spells it its own way',
      '[a]\nx=1\n',
      { section: 'a', option: 'x', value: '1' },
      '[a]\nx = 1\n',
      'option changed',
    ],
    [
      'spells it without blanks',
      '[a]\nx = 1\n',
      { section: 'a', option: 'x', value: '1', no_extra_spaces: true },
      '[a]\nx=1\n',
      'option changed',
    ],
    [
      'or leaves blanks',
      '[a]\nx=1\n',
      { section: 'a', option: 'x', value: '1', ignore_spaces: true },
      '[a]\nx=1\n',
      'OK',
    ],
    ['takes a comment', '[a]\n#x = 1\n', { section: 'a', option: 'x', value: '2' }, '[a]\nx = 2\n', 'option changed'],
    [
      'or leaves it',
      '[a]\n#x = 1\ny = 1\n',
      { section: 'a', option: 'x', value: '2', modify_inactive_option: false },
      '[a]\n#x = 1\ny = 1\nx = 2\n',
      'option added',
    ],
    [
      'adds before comments at the end of the section',
      '[a]\ny = 1\n\n# b\n[b]\n',
      { section: 'a', option: 'x', value: '2' },
      '[a]\ny = 1\nx = 2\n\n# b\n[b]\n',
      'option added',
    ],
    [
      'adds a section',
      '[a]\n',
      { section: 'b', option: 'x', value: '1' },
      '[a]\n[b]\nx = 1\n',
      'section and option added',
    ],
    ['adds a bare section', 'q = 1', { section: 'b', allow_no_value: true }, 'q = 1\n[b]\n', 'only section added'],
    ['before any section', 'x = 1\n[a]\nx = 2\n', { option: 'x', value: '3' }, 'x = 3\n[a]\nx = 2\n', 'option changed'],
    [
      'makes the file',
      undefined,
      { section: 'a', option: 'x', value: '1' },
      '\n[a]\nx = 1\n',
      'section and option added',
    ],
    [
      'several values',
      '[a]\nx = 1\nx = 3\nx = 4\n',
      { section: 'a', option: 'x', values: ['1', '2'] },
      '[a]\nx = 1\nx = 2\n',
      'option changed',
    ],
    [
      'several beside others',
      '[a]\nx = 1\nx = 3\n',
      { section: 'a', option: 'x', values: ['1', '2'], exclusive: false },
      '[a]\nx = 1\nx = 3\nx = 2\n',
      'option added',
    ],
    ['bare options', '[a]\nx = 1\n', { section: 'a', option: 'x', allow_no_value: true }, '[a]\nx\n', 'option changed'],
    ['removes', '[a]\nx = 1\nx = 2\n', { section: 'a', option: 'x', state: 'absent' }, '[a]\n', 'option changed'],
    [
      'removes one value',
      '[a]\nx = 1\nx = 2\n',
      { section: 'a', option: 'x', value: '2', exclusive: false, state: 'absent' },
      '[a]\nx = 1\n',
      'option changed',
    ],
    ['removes a section', '[a]\nx = 1\n[b]\n', { section: 'a', state: 'absent' }, '[b]\n', 'section removed'],
  ]

describe('ini_file', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())

  for (const [what, before, given, after, msg] of cases) {
    it(what, async () => {
      if (before !== undefined) writeFileSync(bench.path('f'), before)
      const result = await bench.settle('ini_file', { path: bench.path('f'), ...given })
      expect(bench.read('f')).to.equal(after)
      expect(result).to.include({ changed: before !== after, msg })
    })
  }

  it('keeps CR LF', async () => {
    writeFileSync(bench.path('f'), '[a]\r\nx = 1\r\n')
    await bench.settle('ini_file', { path: bench.path('f'), section: 'a', option: 'y', value: '2' })
    expect(bench.read('f')).to.equal('[a]\r\nx = 1\r\ny = 2\r\n')
  })

  it('says what is missing', async () => {
    const given = { path: bench.path('f'), section: 'a', option: 'x' }
    expect((await problemOf(bench.apply('ini_file', given))).message).to.contain('needs "value" or "values"')
    expect((await bench.apply('ini_file', { ...given, value: '1', create: false })).result).to.include({ failed: true })
    expect((await bench.apply('ini_file', { ...given, state: 'absent' })).result.changed).to.equal(false)
    expect(existsSync(bench.path('f'))).to.equal(false)
  })
})
