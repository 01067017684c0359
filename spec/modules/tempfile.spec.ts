import { statSync } from 'node:fs'
import { expect } from 'chai'
import { Workbench } from './workbench.ts'

describe('tempfile', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())

  it('makes another file each time, for its owner alone', async () => {
    const given = { path: bench.folder, prefix: 'p.', suffix: '.s' }
    const paths = [await bench.apply('tempfile', given), await bench.apply('tempfile', given)].map(
      ({ result }) => result['path'] as string,
    )
    expect(new Set(paths).size).to.equal(2)
    for (const path of paths) {
      expect(path).to.match(/\/p\.[0-9a-f]{12}\.s$/)
      expect(statSync(path).mode & 0o7777).to.equal(0o600)
    }
  })

  it('makes a folder', async () => {
    const { result } = await bench.apply('tempfile', { path: bench.folder, state: 'directory' })
    expect(result).to.include({ changed: true, mode: '0700', state: 'directory' })
    expect(statSync(result['path'] as string).isDirectory()).to.equal(true)
    expect(statSync(result['path'] as string).mode & 0o7777).to.equal(0o700)
  })

  it('makes nothing in a dry run, and says so', async () => {
    const { result } = await bench.check('tempfile', { path: bench.folder })
    expect(result.changed).to.equal(true)
    expect(statSync(result['path'] as string, { throwIfNoEntry: false })).to.equal(undefined)
  })

  it('says that there is no such folder', async () => {
    expect((await bench.apply('tempfile', { path: bench.path('none') })).result.msg).to.equal(
      `There is no folder ${bench.path('none')}.`,
    )
  })
})
