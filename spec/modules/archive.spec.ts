import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { Workbench } from './workbench.ts'

describe('archive', function () {
  this.timeout(60_000)
  let bench: Workbench
  const settle = (given: object) =>
    bench.settle('archive', { path: bench.path('site'), dest: bench.path('a'), ...given })
  const listed = (file: string) =>
    execFileSync('tar', ['-tf', bench.path(file)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .sort()

  beforeEach(() => {
    bench = new Workbench()
    mkdirSync(bench.path('site/sub/empty'), { recursive: true })
    writeFileSync(bench.path('site/page'), 'one')
    writeFileSync(bench.path('site/sub/a b\'"$x.log'), 'two')
    writeFileSync(bench.path('site/-n'), 'three')
    symlinkSync('page', bench.path('site/link'))
  })
  afterEach(() => bench.close())

  const all = ['site/-n', 'site/link', 'site/page', 'site/sub/', 'site/sub/a b\'"$x.log', 'site/sub/empty/']
  for (const [format, decompress] of [
    ['gz', 'gzip'],
    ['bz2', 'bzip2'],
    ['xz', 'xz'],
    ['tar', 'cat'],
  ] as const)
    it(`packs a folder as ${format}, names as they are, and leaves it alone when it is right`, async () => {
      const result = await settle({ format })
      expect(result).to.include({ changed: true, state: 'file', dest_state: 'archive', arcroot: `${bench.folder}/` })
      const words = decompress === 'cat' ? [] : ['-dc']
      const tar = execFileSync(decompress, [...words, bench.path('a')])
      const names = execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' }).trim().split('\n').sort()
      expect(names.map((name) => name.replace(/\\(.)/g, '$1'))).to.deep.equal(all)
    })

  it('packs as zip', async () => {
    await settle({ format: 'zip', exclusion_patterns: ['*/site/sub/*'] })
    const names = execFileSync('unzip', ['-Z1', bench.path('a')], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .sort()
    expect(names).to.deep.equal(['site/-n', 'site/link', 'site/page', 'site/sub/'])
  })

  it('holds what is in a folder whose path ends in a slash', async () => {
    await settle({ path: bench.path('site/'), exclusion_patterns: ['sub*'] })
    expect(listed('a')).to.deep.equal(['-n', 'link', 'page'])
  })

  it('is packed anew when a file, its time or its mode changed, or one went', async () => {
    const again = async () => (await settle({})).changed
    await again()
    writeFileSync(bench.path('site/page'), 'ONE')
    utimesSync(bench.path('site/page'), 1_000_000, 1_000_000)
    expect(await again()).to.equal(true)
    utimesSync(bench.path('site/page'), 1_000_001, 1_000_001)
    expect(await again()).to.equal(true)
    chmodSync(bench.path('site/page'), 0o600)
    expect(await again()).to.equal(true)
    execFileSync('rm', [bench.path('site/-n')])
    expect(await again()).to.equal(true)
    expect(await again()).to.equal(false)
  })

  it('compresses a single file under its own name', async () => {
    const path = bench.path('site/page')
    const result = await bench.settle('archive', { path, mode: '0600' })
    expect(result).to.include({ dest: `${path}.gz`, dest_state: 'compress' })
    expect(execFileSync('gzip', ['-dc', `${path}.gz`], { encoding: 'utf8' })).to.equal('one')
    expect(bench.mode('site/page.gz')).to.equal('0600')
    expect((await bench.settle('archive', { path, mode: '0640' })).changed).to.equal(true)
    expect(bench.mode('site/page.gz')).to.equal('0640')
    expect((await settle({ path, force_archive: true })).dest_state).to.equal('archive')
    expect(listed('a')).to.deep.equal(['page'])
  })

  it('fills in wildcards, and takes paths out', async () => {
    writeFileSync(bench.path('one.txt'), '1')
    writeFileSync(bench.path('two.txt'), '2')
    writeFileSync(bench.path('.hidden.txt'), '3')
    const result = await settle({
      path: [bench.path('*.txt'), bench.path('nowhere')],
      exclude_path: [bench.path('two*')],
    })
    expect(result).to.deep.include({ missing: [bench.path('nowhere')], dest_state: 'incomplete' })
    expect(result['archived']).to.deep.equal([bench.path('one.txt')])
    expect(listed('a')).to.deep.equal(['one.txt'])
  })

  it('removes what it packed, and then finds it done', async () => {
    await settle({ remove: true })
    expect(existsSync(bench.path('site'))).to.equal(false)
    expect(listed('a')).to.include('site/page')
  })

  it('may stand in the folder that it holds', async () => {
    await settle({ dest: bench.path('site/sub/a.tgz') })
    expect(listed('site/sub/a.tgz')).to.include.members(['site/page']).and.not.include('site/sub/a.tgz')
  })

  it('puts one that is broken right', async () => {
    writeFileSync(bench.path('a'), 'no archive')
    expect((await settle({})).changed).to.equal(true)
    expect(listed('a')).to.include('site/page')
    expect(readFileSync(bench.path('a')).subarray(0, 2)).to.deep.equal(Buffer.from([0x1f, 0x8b]))
  })

  it('knows in a dry run that what would change would be packed', async () => {
    await settle({})
    const given = { path: bench.path('site'), dest: bench.path('a') }
    await bench.freshCheck('archive', given)
    await bench.check('copy', { content: 'new', dest: bench.path('site/page') })
    expect((await bench.check('archive', given)).result.changed).to.equal(true)
    expect((await bench.check('archive', given)).result.changed).to.equal(false)
  })

  it("makes one with busybox's tar and gzip too (skipped where this machine has no busybox)", async function () {
    const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path))
    if (busybox === undefined) return this.skip()
    mkdirSync(bench.path('bin'))
    for (const name of ['tar', 'gzip', 'xargs', 'sha256sum', 'mktemp']) symlinkSync(busybox, bench.path('bin', name))
    const before = process.env['PATH']
    process.env['PATH'] = `${bench.path('bin')}:${before}`
    try {
      expect((await settle({})).changed).to.equal(true)
    } finally {
      process.env['PATH'] = before
    }
    expect(listed('a').map((name) => name.replace(/\\(.)/g, '$1'))).to.deep.equal(all)
  })

  it('says what cannot be', async () => {
    const said = async (given: Record<string, unknown>) => (await bench.apply('archive', given)).result.msg
    expect(await said({ path: bench.path('x*'), dest: bench.path('a') })).to.equal('Error, no source paths were found')
    expect(await said({ path: bench.path('site') })).to.equal(
      'Error, must specify "dest" when archiving multiple files or trees',
    )
    expect(await said({ path: bench.path('site'), dest: bench.path('site/a'), remove: true })).to.equal(
      'Error, created archive can not be contained in source paths when remove=true',
    )
    expect(await said({ path: bench.path('site'), dest: bench.path('site/sub') })).to.match(/sub is a folder/)
  })
})
