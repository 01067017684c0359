import { existsSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

type Case = [what: string, before: string | undefined, given: Record<string, unknown>, after: string]

const lines: Case[] = [
  ['adds at the end', 'a\n', { line: 'b' }, 'a\nb\n'],
  ['adds after a last line without its end', 'a', { line: 'b' }, 'a\nb\n'],
  ['leaves the line that is there', 'b\na\n', { line: 'b' }, 'b\na\n'],
  ['replaces the last that is found', 'x=1\nx=2\n', { regexp: '^x=', line: 'x=3' }, 'x=1\nx=3\n'],
  ['replaces the first, with firstmatch', 'x=1\nx=2\n', { regexp: '^x=', line: 'x=3', firstmatch: true }, 'x=3\nx=2\n'],
  ['finds plain text', 'a.c\nabc\n', { search_string: 'a.c', line: 'z' }, 'z\nabc\n'],
  ['has $ before the line end', 'foo\nfoobar\n', { regexp: 'foo$', line: 'z' }, 'z\nfoobar\n'],
  ['inserts after', 'a\nb\nc\n', { line: 'x', insertafter: '^[ab]' }, 'a\nb\nx\nc\n'],
  ['inserts after the first', 'a\nb\nc\n', { line: 'x', insertafter: '^[ab]', firstmatch: true }, 'a\nx\nb\nc\n'],
  ['inserts before', 'a\nb\nc\n', { line: 'x', insertbefore: '^[bc]' }, 'a\nb\nx\nc\n'],
  ['inserts at the beginning', 'a\n', { line: 'x', insertbefore: 'BOF' }, 'x\na\n'],
  ['adds at the end when the place is not found', 'a\n', { line: 'x', insertbefore: '^none' }, 'a\nx\n'],
  [
    'fills in what was caught',
    'port = 80 # web\n',
    { regexp: '^(?P<key>port)\\s*=\\s*\\d+(.*)$', line: '\\g<key> = 81\\2', backrefs: true },
    'port = 81 # web\n',
  ],
  ['adds nothing with backrefs', 'a\n', { regexp: '^(b)', line: '\\1c', backrefs: true }, 'a\n'],
  ['keeps bytes that are no text', 'gr\u00fc\n', { line: 'ß' }, 'gr\u00fc\nß\n'],
  ['removes', 'a\nb\na\n', { regexp: '^a', state: 'absent' }, 'b\n'],
  ['removes the very line', 'a\nab\n', { line: 'a', state: 'absent' }, 'ab\n'],
  ['makes the file', undefined, { line: 'a', create: true, mode: '0600' }, 'a\n'],
]

const blocks: Case[] = [
  [
    'adds a block at the end',
    'a',
    { block: 'x\ny' },
    'a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\ny\n# END ANSIBLE MANAGED BLOCK\n',
  ],
  [
    'replaces it',
    'a\n# BEGIN M\nold\n# END M\nb\n',
    { block: 'new\n', marker: '# {mark} M' },
    'a\n# BEGIN M\nnew\n# END M\nb\n',
  ],
  ['takes it out', 'a\n# BEGIN M\nold\n# END M\nb\n', { state: 'absent', marker: '# {mark} M' }, 'a\nb\n'],
  [
    'puts it after',
    'a\nb\nc\n',
    { block: 'x', marker: '{mark}', marker_begin: '<', marker_end: '>', insertafter: '^a' },
    'a\n<\nx\n>\nb\nc\n',
  ],
  ['puts it before', 'a\nb\nc\n', { block: 'x', marker: '{mark}', insertbefore: '^c' }, 'a\nb\nBEGIN\nx\nEND\nc\n'],
  ['puts it at the beginning', 'a\n', { block: 'x', marker: '{mark}', insertbefore: 'BOF' }, 'BEGIN\nx\nEND\na\n'],
  [
    'keeps empty lines around it',
    'a\nb\n',
    { block: 'x', marker: '{mark}', insertafter: 'a', append_newline: true, prepend_newline: true },
    'a\n\nBEGIN\nx\nEND\n\nb\n',
  ],
  ['makes the file', undefined, { block: 'x', marker: '{mark}', create: true }, 'BEGIN\nx\nEND\n'],
]

for (const [module, cases] of [
  ['lineinfile', lines],
  ['blockinfile', blocks],
] as const) {
  describe(module, () => {
    let bench: Workbench
    beforeEach(() => {
      bench = new Workbench()
    })
    afterEach(() => bench.close())

    for (const [what, before, given, after] of cases) {
      it(what, async () => {
        if (before !== undefined) writeFileSync(bench.path('f'), before)
        const result = await bench.settle(module, { path: bench.path('f'), ...given })
        expect(bench.read('f')).to.equal(after)
        expect(result.changed).to.equal(before !== after)
        if (before !== after)
          expect(result.diff![0]).to.deep.equal({
            path: bench.path('f'),
            ...(before === undefined ? {} : { before }),
            after,
          })
        if (given.mode !== undefined) expect(bench.mode('f')).to.equal(given.mode)
      })
    }

    it('says what is missing', async () => {
      const given = module === 'lineinfile' ? { line: 'x' } : { block: 'x' }
      expect((await bench.apply(module, { path: bench.path('f'), ...given })).result).to.include({
        failed: true,
        rc: 257,
        msg: `Destination ${bench.path('f')} does not exist !`,
      })
      expect((await bench.apply(module, { path: bench.folder, ...given })).result.rc).to.equal(256)
      expect((await bench.apply(module, { path: bench.path('f'), state: 'absent', ...given })).result.changed).to.equal(
        false,
      )
      expect(existsSync(bench.path('f'))).to.equal(false)
      writeFileSync(bench.path('f'), 'a\n')
      const problem = await problemOf(bench.apply(module, { path: bench.path('f'), ...given, insertafter: '(' }))
      expect(problem.message).to.contain(`"insertafter" of ${module} cannot be "(": the ( is not closed.`)
      expect(
        (await problemOf(bench.apply(module, { path: bench.path('f'), ...given, validate: 'false %s' }))).message,
      ).to.contain('the new file was refused')
    })
  })
}
