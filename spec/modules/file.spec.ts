import { existsSync, lstatSync, mkdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { Workbench } from './workbench.ts'

describe('file', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    writeFileSync(bench.path('f'), 'x', { mode: 0o644 })
  })
  afterEach(() => bench.close())
  const failure = async (given: Record<string, unknown>) => {
    const { result } = await bench.apply('file', given)
    expect(result.failed).to.equal(true)
    return String(result.msg).replaceAll(`${bench.folder}/`, '')
  }

  it('makes folders, those above too, with the same attributes', async () => {
    const result = await bench.settle('file', { path: bench.path('a/b/c'), state: 'directory', mode: '0750' })
    expect(['a', 'a/b', 'a/b/c'].map((each) => bench.mode(each))).to.deep.equal(['0750', '0750', '0750'])
    expect(result).to.include({ changed: true, state: 'directory', mode: '0750' })
  })

  const modes: [string, string, string][] = [
    ['0644', 'u=rwX,g-r,o=', '0600'],
    ['0644', 'a+x', '0755'],
    ['0755', 'g=u,o-rx', '0770'],
    ['0640', 'u=rwx,g=r,o=r', '0744'],
    ['0755', 'u+s', '4755'],
    ['0755', '2755', '2755'],
    ['0644', '+x', '0755'],
    ['0777', '-w', '0577'],
    ['0755', 'g=rX', '0755'],
  ]
  for (const [from, mode, to] of modes) {
    it(`makes ${from} ${to} with ${mode}`, async () => {
      await bench.settle('file', { path: bench.path('f'), mode: from })
      await bench.settle('file', { path: bench.path('f'), mode })
      expect(bench.mode('f')).to.equal(to)
    })
  }

  it('takes the set-group-ID bit of a folder away', async () => {
    await bench.settle('file', { path: bench.path('d'), state: 'directory', mode: '2775' })
    await bench.settle('file', { path: bench.path('d'), state: 'directory', mode: '0755' })
    expect(bench.mode('d')).to.equal('0755')
  })

  it('links, and points elsewhere', async () => {
    await bench.settle('file', { path: bench.path('l'), src: 'f', state: 'link' })
    expect(readlinkSync(bench.path('l'))).to.equal('f')
    mkdirSync(bench.path('d'))
    await bench.settle('file', { path: bench.path('l'), src: bench.path('d'), state: 'link' })
    await bench.settle('file', { path: bench.path('l'), src: bench.path('f'), state: 'link', mode: '0600' })
    expect(readlinkSync(bench.path('l'))).to.equal(bench.path('f'))
    expect(bench.mode('f')).to.equal('0600')
    await bench.settle('file', { path: bench.path('l2'), src: 'nothing', state: 'link', force: true })
    await bench.settle('file', { path: bench.path('d'), src: 'f', state: 'link', force: true })
    expect(readlinkSync(bench.path('d'))).to.equal('f')
  })

  it('makes hard links', async () => {
    await bench.settle('file', { path: bench.path('h'), src: bench.path('f'), state: 'hard' })
    expect(statSync(bench.path('h')).ino).to.equal(statSync(bench.path('f')).ino)
  })

  it('touches', async () => {
    const first = await bench.apply('file', { path: bench.path('t'), state: 'touch', mode: '0600' })
    expect(first.result.changed).to.equal(true)
    expect(bench.mode('t')).to.equal('0600')
    await bench.settle('file', {
      path: bench.path('t'),
      state: 'touch',
      modification_time: 'preserve',
      access_time: 'preserve',
    })
  })

  it('removes a file, a link, a folder', async () => {
    mkdirSync(bench.path('d/e'), { recursive: true })
    writeFileSync(bench.path('d/e/f'), '')
    symlinkSync('d', bench.path('l'))
    await bench.settle('file', { path: bench.path('l'), state: 'absent' })
    expect(existsSync(bench.path('d/e/f'))).to.equal(true)
    await bench.settle('file', { path: bench.path('d'), state: 'absent' })
    await bench.settle('file', { path: bench.path('f'), state: 'absent' })
    expect([existsSync(bench.path('d')), existsSync(bench.path('f'))]).to.deep.equal([false, false])
  })

  it('follows a link to what it points to, or not', async () => {
    symlinkSync('f', bench.path('l'))
    await bench.settle('file', { path: bench.path('l'), state: 'file', mode: '0611' })
    expect(bench.mode('f')).to.equal('0611')
    expect(lstatSync(bench.path('l')).isSymbolicLink()).to.equal(true)
  })

  it('makes a folder, and those above it, where a link leads that leads to nothing', async () => {
    symlinkSync('gone/d', bench.path('l'))
    const { diff } = await bench.settle('file', { path: bench.path('l'), state: 'directory' })
    expect(diff!.map(({ path }) => path)).to.deep.equal([bench.path('gone'), bench.path('gone/d')])
    expect(readlinkSync(bench.path('l'))).to.equal('gone/d')
  })

  it('goes through a folder', async () => {
    mkdirSync(bench.path('d/e'), { recursive: true })
    writeFileSync(bench.path('d/e/f'), '', { mode: 0o755 })
    writeFileSync(bench.path('d/g'), '', { mode: 0o666 })
    symlinkSync('g', bench.path('d/l'))
    await bench.settle('file', { path: bench.path('d'), state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=' })
    expect(['d/e', 'd/e/f', 'd/g'].map((each) => bench.mode(each))).to.deep.equal(['0750', '0750', '0640'])
  })

  it('refuses what is in the way', async () => {
    mkdirSync(bench.path('d/x'), { recursive: true })
    expect(await failure({ path: bench.path('f'), state: 'directory' })).to.equal('f already exists as a file.')
    expect(await failure({ path: bench.path('f/g'), state: 'directory' })).to.contain('f is a file')
    expect(await failure({ path: bench.path('none'), state: 'file' })).to.equal(
      'file (none) is absent, cannot continue',
    )
    expect(await failure({ path: bench.path('d'), state: 'file' })).to.equal('file (d) is directory, cannot continue')
    expect(await failure({ path: bench.path('l'), src: 'none', state: 'link' })).to.contain('does not exist: none')
    expect(await failure({ path: bench.path('d'), src: '../f', state: 'link', force: true })).to.contain('not empty')
    expect(await failure({ path: bench.path('n/t'), state: 'touch' })).to.contain('does not exist')
    expect(await failure({ path: bench.path('f'), recurse: true })).to.contain('recurse needs')
  })

  it('sees in a dry run what earlier tasks would have made', async () => {
    await bench.check('file', { path: bench.path('a/b'), state: 'directory', mode: '0700' })
    expect(
      (await bench.check('file', { path: bench.path('a/b'), state: 'directory', mode: '0700' })).result.changed,
    ).to.equal(false)
    expect((await bench.check('copy', { dest: bench.path('a/b/c'), content: 'x' })).result.changed).to.equal(true)
    expect((await bench.check('file', { path: bench.path('l'), src: 'a/b/c', state: 'link' })).result.changed).to.equal(
      true,
    )
    expect((await bench.check('slurp', { src: bench.path('l') })).result.content).to.equal('eA==')
    await bench.check('file', { path: bench.path('a'), state: 'absent' })
    expect((await bench.check('file', { path: bench.path('a/b/c'), state: 'file' })).result.failed).to.equal(true)
    expect(existsSync(bench.path('a'))).to.equal(false)
  })
})
