import { mkdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { HostMemory } from '../../engine/state/host-memory.ts'
import file from '../../modules/file.ts'
import lineinfile from '../../modules/lineinfile.ts'
import { runOn } from '../modules/harness.ts'
import { Workbench } from '../modules/workbench.ts'

/** One file of two names, as /etc/sysctl.d/99-sysctl.conf is /etc/sysctl.conf. */
describe('a file reached by two names', () => {
  let bench: Workbench
  let memory: HostMemory
  beforeEach(() => {
    bench = new Workbench()
    memory = new HostMemory()
    mkdirSync(bench.path('real'))
    writeFileSync(bench.path('real/file'), 'first\n')
    symlinkSync('real', bench.path('folder'))
    symlinkSync('folder/file', bench.path('link'))
  })
  afterEach(() => bench.close())

  const add = async (name: string, line: string, checking: boolean) => {
    const given = { path: bench.path(name), line }
    return (await runOn(lineinfile, given, { connection: bench.connection, memory, checking, verify: false })).result
  }

  it('loses no edit, whichever name each task uses', async () => {
    const names = ['link', 'real/file', 'folder/file', 'link', 'link', 'real/file']
    for (const [index, name] of names.entries())
      expect((await add(name, `line ${index}`, false)).changed).to.equal(true)
    expect(readFileSync(bench.path('real/file'), 'utf8')).to.equal(
      ['first', ...names.map((_, index) => `line ${index}`), ''].join('\n'),
    )
    for (const name of names) expect((await add(name, 'line 2', false)).changed).to.equal(false)
  })

  it('is foreseen as one in a dry run', async () => {
    expect((await add('link', 'new', true)).changed).to.equal(true)
    for (const name of ['real/file', 'folder/file', 'link'])
      expect((await add(name, 'new', true)).changed, name).to.equal(false)
    expect((await add('folder/file', 'more', true)).diff![0]).to.include({ after: 'first\nnew\nmore\n' })
  })

  it('is another one when the link leads elsewhere since', async () => {
    writeFileSync(bench.path('other'), 'other\n')
    await add('link', 'one', false)
    const given = { path: bench.path('link'), src: 'other', state: 'link' }
    await runOn(file, given, { connection: bench.connection, memory, verify: false })
    await add('link', 'two', false)
    await add('other', 'three', false)
    await add('link', 'four', false)
    expect(readFileSync(bench.path('other'), 'utf8')).to.equal('other\ntwo\nthree\nfour\n')
    expect(readFileSync(bench.path('real/file'), 'utf8')).to.equal('first\none\n')
    unlinkSync(bench.path('link'))
  })
})
