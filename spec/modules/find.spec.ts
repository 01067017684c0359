import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

/** Which of the files below are found, as Ansible's module finds them. */
const cases: [what: string, given: Record<string, unknown>, found: string[]][] = [
  ['files of the folder', {}, ['a.conf', 'b.txt', 'old.conf']],
  ['by pattern', { patterns: ['*.conf'] }, ['a.conf', 'old.conf']],
  ['by a set of letters', { patterns: ['[!ab]*'] }, ['old.conf']],
  ['but for some', { patterns: '*', excludes: 'old*,b*' }, ['a.conf']],
  ['by Python pattern, from the beginning', { patterns: ['.*conf$', 'txt'], use_regex: true }, ['a.conf', 'old.conf']],
  ['below', { recurse: true, patterns: ['*.conf'] }, ['a.conf', 'd/c.conf', 'd/e/f.conf', 'old.conf']],
  ['not too far below', { recurse: true, depth: 2, patterns: ['*.conf'] }, ['a.conf', 'd/c.conf', 'old.conf']],
  ['hidden ones', { hidden: true, patterns: ['.*'] }, ['.hid']],
  ['folders', { file_type: 'directory', recurse: true }, ['d', 'd/e']],
  ['links', { file_type: 'link' }, ['l']],
  ['anything', { file_type: 'any' }, ['a.conf', 'b.txt', 'd', 'l', 'old.conf']],
  ['large ones', { size: '1k' }, ['b.txt']],
  ['small ones', { size: '-10' }, ['a.conf', 'old.conf']],
  ['old ones', { age: '2d' }, ['old.conf']],
  ['young ones', { age: '-1h' }, ['a.conf', 'b.txt']],
  ['by the beginning of a line', { contains: 'ser' }, ['a.conf']],
  ['by what is anywhere', { contains: 'two$', read_whole_file: true }, ['a.conf']],
]

describe('find', () => {
  let bench: Workbench
  before(() => {
    bench = new Workbench()
    mkdirSync(bench.path('d/e'), { recursive: true })
    writeFileSync(bench.path('a.conf'), '#\nser two')
    writeFileSync(bench.path('old.conf'), 'a server')
    writeFileSync(bench.path('b.txt'), 'x'.repeat(2000))
    writeFileSync(bench.path('.hid'), '')
    writeFileSync(bench.path('d/c.conf'), '')
    writeFileSync(bench.path('d/e/f.conf'), '')
    symlinkSync('a.conf', bench.path('l'))
    utimesSync(bench.path('old.conf'), 0, Date.now() / 1000 - 3 * 86_400)
  })
  after(() => bench.close())

  for (const [what, given, found] of cases) {
    it(what, async () => {
      const { result } = await bench.apply('find', { paths: bench.folder, ...given })
      const files = (result['files'] as { path: string }[]).map(({ path }) => path.slice(bench.folder.length + 1))
      expect(files.sort()).to.deep.equal(found)
      expect(result).to.include({ changed: false, matched: found.length })
    })
  }

  it('tells what stat tells', async () => {
    const { result } = await bench.apply('find', { paths: bench.folder, patterns: 'b.txt', get_checksum: true })
    expect((result['files'] as object[])[0]).to.include({
      path: bench.path('b.txt'),
      isreg: true,
      size: 2000,
      checksum: createHash('sha1').update('x'.repeat(2000)).digest('hex'),
    })
  })

  it('goes on where a folder is missing', async () => {
    const { result } = await bench.apply('find', { paths: [bench.path('none'), bench.path('d')] })
    expect(result).to.deep.include({
      matched: 1,
      msg: 'Not all paths examined, check warnings for details',
      skipped_paths: { [bench.path('none')]: `'${bench.path('none')}' is not a directory` },
    })
  })

  it('says what an amount is like', async () => {
    const problem = await problemOf(bench.apply('find', { paths: bench.folder, age: '2 days' }))
    expect(problem.message).to.equal('"age" is not an amount that can be used: 2 days')
    expect(problem.hint).to.contain('s, m, h, d, w')
  })
})
