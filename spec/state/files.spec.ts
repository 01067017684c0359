import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { remove } from '../../engine/state/steps/files.ts'
import { Workbench } from '../modules/workbench.ts'

describe('steps for files', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())

  for (const path of ['', '/', '//', '.', './', '..', '../', '/.', '/etc/..', '/a/../..', '../x', '/./'])
    it(`never removes "${path}"`, () => expect(() => remove(path)).to.throw('is never removed'))
  for (const path of ['/etc/x', '/x', 'x', '/x/', '/a/../b'])
    it(`removes ${path}`, () => expect(remove(path).script).to.contain('rm -rf'))

  it('makes a link with nothing beside it, in place of a link to a folder', async () => {
    mkdirSync(bench.path('folder'))
    writeFileSync(bench.path('file'), '')
    symlinkSync('folder', bench.path('link'))
    // What somebody who foresees names would put there.
    for (let pid = 1; pid < 40; pid++) symlinkSync('folder', bench.path(`link.tsplay-link.${process.pid + pid}`))
    const before = readdirSync(bench.folder).length
    await bench.settle('file', { path: bench.path('link'), src: 'file', state: 'link' })
    expect(readlinkSync(bench.path('link'))).to.equal('file')
    expect(readdirSync(bench.folder).length).to.equal(before)
    expect(readdirSync(bench.path('folder'))).to.deep.equal([])
  })

  it('writes a large file into a folder that the same task makes', async () => {
    mkdirSync(bench.path('controller'))
    writeFileSync(bench.path('controller/large'), Buffer.alloc(300_000, 'x'))
    await bench.settle('copy', { src: 'large', dest: bench.path('new/deep/') })
    expect(bench.read('new/deep/large').length).to.equal(300_000)
    mkdirSync(bench.path('controller/tree/sub'), { recursive: true })
    writeFileSync(bench.path('controller/tree/sub/large'), Buffer.alloc(300_000, 'y'))
    await bench.settle('copy', { src: 'tree', dest: bench.path('copied') })
    expect(bench.read('copied/tree/sub/large').length).to.equal(300_000)
  })
})
