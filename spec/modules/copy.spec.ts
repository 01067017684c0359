import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { Unknown } from '../../engine/base/unknown.ts'
import { problemOf, Workbench } from './workbench.ts'

describe('copy', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    mkdirSync(bench.path('controller'))
  })
  afterEach(() => bench.close())

  it('writes a text and shows it', async () => {
    const result = await bench.settle('copy', { dest: bench.path('a.conf'), content: 'one\n', mode: '0640' })
    expect(bench.read('a.conf')).to.equal('one\n')
    expect(bench.mode('a.conf')).to.equal('0640')
    expect(result).to.include({
      changed: true,
      dest: bench.path('a.conf'),
      mode: '0640',
      size: 4,
      checksum: 'c7059bb19433cc3cabaa6236c83d56668a843dd2',
    })
    expect(result.diff).to.deep.equal([{ path: bench.path('a.conf'), after: 'one\n' }])
  })

  it('shows the text before and after', async () => {
    writeFileSync(bench.path('a.conf'), 'old\n')
    const result = await bench.settle('copy', { dest: bench.path('a.conf'), content: 'new\n', backup: true })
    expect(result.diff).to.deep.equal([{ path: bench.path('a.conf'), before: 'old\n', after: 'new\n' }])
    expect(result['backup_file']).to.match(/a\.conf\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$/)
    expect(bench.read(String(result['backup_file']).slice(bench.folder.length))).to.equal('old\n')
  })

  it('sets only the mode when the content is there', async () => {
    writeFileSync(bench.path('a'), 'x', { mode: 0o644 })
    const ended = await bench.apply('copy', { dest: bench.path('a'), content: 'x', mode: 'u=rwx,g=rx,o=' })
    expect(ended.steps.map((step) => step.name)).to.deep.equal(['attributes'])
    expect(bench.mode('a')).to.equal('0750')
  })

  it('keeps the mode of a file it replaces, and gives 0644 to a new one', async () => {
    writeFileSync(bench.path('a'), 'x', { mode: 0o600 })
    await bench.settle('copy', { dest: bench.path('a'), content: 'y' })
    await bench.settle('copy', { dest: bench.path('b'), content: 'y' })
    expect([bench.mode('a'), bench.mode('b')]).to.deep.equal(['0600', '0644'])
  })

  it('puts a file into a folder under its own name', async () => {
    writeFileSync(bench.path('controller/app.conf'), 'hello', { mode: 0o751 })
    mkdirSync(bench.path('etc'))
    const result = await bench.settle('copy', { src: 'app.conf', dest: bench.path('etc'), mode: 'preserve' })
    expect(result['dest']).to.equal(bench.path('etc/app.conf'))
    expect(bench.mode('etc/app.conf')).to.equal('0751')
  })

  it('makes the folders of a destination that ends in a slash', async () => {
    writeFileSync(bench.path('controller/app.conf'), 'hello')
    await bench.settle('copy', { src: 'app.conf', dest: `${bench.path('x/y')}/`, directory_mode: '0700' })
    expect(bench.read('x/y/app.conf')).to.equal('hello')
    expect([bench.mode('x'), bench.mode('x/y')]).to.deep.equal(['0700', '0700'])
  })

  it('does not make folders otherwise', async () => {
    const { result } = await bench.apply('copy', { dest: bench.path('x/y'), content: '' })
    expect(result).to.include({ failed: true, msg: `Destination folder ${bench.path('x')} does not exist.` })
  })

  it('copies a folder, with a slash only what is in it', async () => {
    mkdirSync(bench.path('controller/site/css'), { recursive: true })
    writeFileSync(bench.path('controller/site/index'), 'i')
    writeFileSync(bench.path('controller/site/css/a'), 'a')
    await bench.settle('copy', { src: 'site', dest: bench.path('with') })
    await bench.settle('copy', { src: 'site/', dest: bench.path('without') })
    expect(bench.read('with/site/css/a')).to.equal('a')
    expect(readdirSync(bench.path('without')).sort()).to.deep.equal(['css', 'index'])
  })

  it('streams what is large, and sends nothing that is there', async () => {
    writeFileSync(bench.path('controller/big'), Buffer.alloc(3_000_000, 7))
    await bench.settle('copy', { src: 'big', dest: bench.path('big') })
    expect(lstatSync(bench.path('big')).size).to.equal(3_000_000)
    expect(readdirSync(bench.folder).filter((name) => name.includes('tsplay'))).to.deep.equal([])
  })

  it('replaces a link, or follows it', async () => {
    writeFileSync(bench.path('real'), 'old')
    symlinkSync('real', bench.path('link'))
    await bench.settle('copy', { dest: bench.path('link'), content: 'followed', follow: true })
    expect(readlinkSync(bench.path('link'))).to.equal('real')
    expect(bench.read('real')).to.equal('followed')
    await bench.settle('copy', { dest: bench.path('link'), content: 'followed' })
    expect(lstatSync(bench.path('link')).isFile()).to.equal(true)
  })

  it('leaves a file alone without force', async () => {
    writeFileSync(bench.path('a'), 'mine')
    const result = await bench.settle('copy', { dest: bench.path('a'), content: 'yours', force: false })
    expect(result).to.include({ changed: false, msg: 'file already exists' })
    expect(bench.read('a')).to.equal('mine')
  })

  it('keeps the old file when the new one is refused', async () => {
    writeFileSync(bench.path('a'), 'good\n')
    const problem = await problemOf(
      bench.apply('copy', { dest: bench.path('a'), content: 'bad\n', validate: 'grep -q good %s' }),
    )
    expect(problem.message).to.contain('the new file was refused by: grep -q good %s')
    expect(bench.read('a')).to.equal('good\n')
    expect(readdirSync(bench.folder).sort()).to.deep.equal(['a', 'controller'])
    await bench.settle('copy', { dest: bench.path('a'), content: 'good too\n', validate: 'grep -q good %s' })
  })

  it('copies within the host, files and folders', async () => {
    mkdirSync(bench.path('from/sub'), { recursive: true })
    writeFileSync(bench.path('from/sub/f'), 'f', { mode: 0o640 })
    symlinkSync('sub/f', bench.path('from/l'))
    await bench.settle('copy', {
      src: bench.path('from/sub/f'),
      dest: bench.path('f'),
      remote_src: true,
      mode: 'preserve',
    })
    expect([bench.read('f'), bench.mode('f')]).to.deep.equal(['f', '0640'])
    await bench.settle('copy', { src: bench.path('from'), dest: bench.path('to'), remote_src: true })
    expect(bench.read('to/from/sub/f')).to.equal('f')
    expect(readlinkSync(bench.path('to/from/l'))).to.equal('sub/f')
    const { result } = await bench.apply('copy', { src: bench.path('none'), dest: bench.path('to'), remote_src: true })
    expect(result.msg).to.equal(`Source ${bench.path('none')} does not exist on the host.`)
  })

  it('says which owner the host does not know', async () => {
    const given = { dest: bench.path('a'), content: '', owner: 'no-such-user' }
    expect((await bench.apply('copy', given)).result.msg).to.equal('The host knows no user "no-such-user".')
    const checked = await bench.check('copy', given)
    expect(checked.result.changed).to.equal(true)
    expect(checked.warnings[0]).to.contain('no-such-user')
  })

  it('predicts a file whose text nobody can know yet', async () => {
    const given = { dest: bench.path('token'), content: new Unknown('the output of "make a token"') }
    expect((await bench.check('copy', given)).result.changed).to.equal(true)
    const { result } = await bench.check('file', { path: bench.path('token'), state: 'file', mode: '0600' })
    expect(result).to.include({ changed: true })
    writeFileSync(bench.path('there'), 'x')
    expect((await bench.check('copy', { ...given, dest: bench.path('there') })).result.may_change).to.contain(
      'make a token',
    )
  })

  it('refuses what cannot be', async () => {
    mkdirSync(bench.path('folder/a'), { recursive: true })
    writeFileSync(bench.path('controller/a'), '')
    expect((await bench.apply('copy', { src: 'a', dest: bench.path('folder') })).result.msg).to.contain(
      'folder/a is a folder; a file cannot take its place',
    )
    expect((await bench.apply('copy', { content: 'a', dest: bench.path('folder') })).result.msg).to.contain(
      'name the file in it',
    )
    expect((await problemOf(bench.apply('copy', { dest: bench.path('x') }))).message).to.equal(
      'copy needs "src" or "content".',
    )
    expect((await problemOf(bench.apply('copy', { dest: bench.path('x'), content: '', mode: 'rw' }))).message).to.equal(
      '"rw" is not a file mode',
    )
  })
})
