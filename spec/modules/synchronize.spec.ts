import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Change } from '../../engine/base/result.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import synchronize from '../../modules/synchronize.ts'
import { params } from './harness.ts'
import { MirrorBench } from './mirror-bench.ts'
import { found, ODD, plant, THEN } from './planted-tree.ts'
import { problemOf } from './workbench.ts'

describe('synchronize', () => {
  let bench: MirrorBench
  let place: string
  let src: string
  let dest: string

  beforeEach(() => {
    bench = new MirrorBench('push')
    ;({ place, src, dest } = bench)
  })
  afterEach(() => bench.close())
  const go: MirrorBench['go'] = (...words) => bench.go(...words)
  const settle: MirrorBench['settle'] = (...words) => bench.settle(...words)
  const paths = (changes: readonly Change[] | undefined) => changes?.map(({ path }) => path.slice(place.length + 1))

  it('makes a folder like another: empty folders, links, modes, times, odd names', async () => {
    plant(src, {
      'a/b/file': 'one',
      empty: null,
      'a/link': { link: '../nowhere $x' },
      nothing: '',
      ...Object.fromEntries(ODD.map((name) => [`odd/${name}`, name])),
    })
    chmodSync(join(src, 'a/b/file'), 0o4750)
    chmodSync(join(src, 'empty'), 0o2700)
    chmodSync(join(src, 'nothing'), 0o400)
    const { sent, trips } = await settle()
    expect(found(dest)).to.deep.equal(found(src))
    expect(sent).to.have.length(ODD.length + 2)
    expect(trips).to.equal(1)
    expect(readdirSync(place).sort()).to.deep.equal(['dest', 'src'])
  })

  it('makes an empty folder like an empty one', async () => {
    plant(src, {})
    chmodSync(src, 0o2750)
    await settle()
    expect(found(dest)).to.deep.equal(found(src))
  })

  it('puts a folder by its name into dest, and a file by its name or as dest', async () => {
    plant(src, { file: 'x' })
    await settle({ src })
    expect(found(join(dest, 'src'))).to.deep.equal(found(src))
    await settle({ src: join(src, 'file'), dest: `${dest}/` })
    await settle({ src: join(src, 'file'), dest: join(dest, 'other') })
    expect(readdirSync(dest).sort()).to.deep.equal(['file', 'other', 'src'])
  })

  it('sends what differs, and nothing else', async () => {
    plant(src, { same: 'same', changed: 'new', longer: 'longer', touched: 'as it was' })
    plant(dest, { same: 'same', changed: 'old', longer: 'long', touched: 'as it was' })
    utimesSync(join(dest, 'changed'), THEN - 60, THEN - 60)
    utimesSync(join(dest, 'touched'), THEN - 60, THEN - 60)
    const { sent, diff } = await settle()
    expect(sent).to.deep.equal([join(dest, 'changed'), join(dest, 'longer')])
    expect(paths(diff)).to.deep.equal(['dest/changed', 'dest/longer', 'dest/touched modified'])
    expect(found(dest)).to.deep.equal(found(src))
  })

  it('believes size and time, but with checksum only the content', async () => {
    plant(src, { file: 'abc' })
    plant(dest, { file: 'xyz' })
    expect((await settle()).sent).to.deep.equal([])
    expect((await settle({ checksum: true })).sent).to.deep.equal([join(dest, 'file')])
    expect(readFileSync(join(dest, 'file'), 'utf8')).to.equal('abc')
  })

  it('sets modes alone where contents are the same', async () => {
    plant(src, { 'a/file': 'x' })
    plant(dest, { 'a/file': 'x' })
    chmodSync(join(src, 'a'), 0o750)
    chmodSync(join(src, 'a/file'), 0o600)
    const { sent, diff } = await settle()
    expect(sent).to.deep.equal([])
    expect(paths(diff)).to.deep.equal(['dest/a mode', 'dest/a/file mode'])
    expect(found(dest)).to.deep.equal(found(src))
  })

  it('removes what is extra only when told, whatever it is called', async () => {
    plant(src, { 'a/kept': '' })
    plant(dest, {
      'a/kept': '',
      'a/extra': '',
      'gone/with/all': '',
      link: { link: 'a' },
      ...Object.fromEntries(ODD.map((name) => [name, ''])),
    })
    expect((await settle()).diff).to.equal(undefined)
    const { deleted } = await settle({ delete: true })
    expect(deleted).to.have.length(ODD.length + 3)
    expect(found(dest)).to.deep.equal(found(src))
  })

  it('removes nothing beside a folder that it was given by name', async () => {
    plant(src, { file: 'x' })
    plant(dest, { beside: '', 'src/extra': '' })
    await settle({ src, delete: true })
    expect(readdirSync(dest, { recursive: true }).sort()).to.deep.equal(['beside', 'src', 'src/file'])
  })

  it('puts a folder in the place of a link, and never writes through it', async () => {
    plant(src, { 'a/file': 'new', 'b/file': 'new' })
    plant(join(place, 'elsewhere'), { file: 'mine' })
    plant(dest, { a: { link: '../elsewhere' }, b: 'a file' })
    await settle()
    expect(found(dest)).to.deep.equal(found(src))
    expect(found(join(place, 'elsewhere'))['file']).to.match(/ mine$/)
  })

  it('puts a file in the place of a folder only with delete', async () => {
    plant(src, { a: 'file' })
    plant(dest, { 'a/full': '' })
    const { result } = await go({})
    expect(result.msg).to.equal(`${dest}/a is a folder, and a file cannot take its place: "delete: true" lets it.`)
    await settle({ delete: true })
    expect(found(dest)).to.deep.equal(found(src))
  })

  it('makes nothing new with existing_only', async () => {
    plant(src, { old: 'new content', 'fresh/file': '' })
    expect((await settle({ existing_only: true })).changed).to.equal(false)
    plant(dest, { old: 'old' })
    await settle({ existing_only: true })
    expect(found(dest)).to.have.all.keys('', 'old')
    expect(readFileSync(join(dest, 'old'), 'utf8')).to.equal('new content')
  })

  it('leaves links out without links, and follows them with copy_links', async () => {
    plant(src, { file: 'x', link: { link: 'file' } })
    const { warnings } = await settle({ links: false })
    expect(warnings).to.deep.equal([`${src}/link is left out: it is neither file nor folder.`])
    expect(readdirSync(dest)).to.deep.equal(['file'])
    await settle({ copy_links: true })
    expect(lstatSync(join(dest, 'link')).isFile()).to.equal(true)
  })

  it('leaves modes and times alone where they are not asked for', async () => {
    plant(src, { file: 'x', fresh: 'y' })
    chmodSync(join(src, 'file'), 0o777)
    chmodSync(join(src, 'fresh'), 0o666)
    plant(dest, { file: 'old' })
    chmodSync(join(dest, 'file'), 0o640)
    await settle({ archive: false, recursive: true })
    expect(found(dest)['file']).to.match(/^640 .* x$/)
    expect(found(dest)['fresh']).to.match(/^644 .* y$/)
    expect(statSync(join(dest, 'file')).mtimeMs / 1000).to.be.greaterThan(THEN)
  })

  it('takes one level only with dirs', async () => {
    plant(src, { file: 'x', 'a/b': '' })
    expect((await go({ recursive: false })).result.msg).to.equal(
      `${src}/ is a folder, and "recursive" of synchronize is off.`,
    )
    await settle({ recursive: false, dirs: true })
    expect(readdirSync(dest, { recursive: true }).sort()).to.deep.equal(['a', 'file'])
  })

  it('streams what is large in one transfer, with many small files', async () => {
    plant(src, Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`many/${index}`, `${index}`])))
    const large = join(src, 'large')
    execFileSync('sh', ['-c', `head -c 20000000 /dev/urandom >"$1"`, 'sh', large])
    utimesSync(large, THEN, THEN)
    const trips = bench.connection.roundTrips
    const { result } = await go({})
    expect(result['sent']).to.have.length(501)
    // One to look, one to make the folder, one to send, one to unpack, one to look again.
    expect(bench.connection.roundTrips - trips).to.be.lessThan(8)
    execFileSync('diff', ['-r', src, dest])
  })

  it('in a dry run sees what it would have done', async () => {
    plant(src, { 'a/file': 'x', link: { link: 'a' } })
    const memory = new HostMemory()
    expect((await go({}, true, memory)).result.changed).to.equal(true)
    expect((await go({}, true, memory)).result.changed).to.equal(false)
    expect(existsSync(dest)).to.equal(false)
  })

  it('gives files to whom they belong on the controller, as root', async function () {
    if (process.getuid?.() !== 0) this.skip()
    plant(src, { 'a/file': 'x', b: 'y' })
    execFileSync('chown', ['-R', '1:12345', join(src, 'a')])
    await settle()
    expect([statSync(join(dest, 'a/file')).uid, statSync(join(dest, 'a')).gid]).to.deep.equal([1, 12345])
    execFileSync('chown', ['2', join(dest, 'a/file')])
    expect(paths((await settle({ owner: false })).diff)).to.equal(undefined)
    expect(paths((await settle()).diff)).to.deep.equal(['dest/a/file owner'])
  })

  it('leaves out what rsync would, and does not remove it either', async () => {
    plant(src, { 'a.py': '', 'a.pyc': '', '.git/config': '', 'img/new': '', 'img/old/x': '' })
    plant(dest, { 'b.pyc': 'theirs', '.git/mine': '', 'gone/keep.pyc': '', 'gone/file': '', 'away/file': '' })
    const given = { rsync_opts: ['--exclude=*.pyc', '--exclude=/.git', "--exclude='img/old'"], delete: true }
    const { deleted } = await settle(given)
    expect(deleted).to.deep.equal([join(dest, 'away'), join(dest, 'gone/file')])
    const left = readdirSync(dest, { recursive: true, encoding: 'utf8' }).filter((name) =>
      lstatSync(join(dest, name)).isFile(),
    )
    expect(left.sort()).to.deep.equal(['.git/mine', 'a.py', 'b.pyc', 'gone/keep.pyc', 'img/new'])
  })

  it('anchors a pattern at the name of a folder that goes along', async () => {
    plant(src, { 'img/a': '', 'src/img/b': '' })
    await settle({ src, rsync_opts: ['--exclude=/src/img'] })
    expect(found(dest)).to.have.all.keys('', 'src', 'src/src', 'src/src/img', 'src/src/img/b')
  })

  it('links what is alike in another folder, instead of sending it', async () => {
    plant(src, { same: 'same', newer: 'now', 'a/mode': 'x' })
    plant(join(place, 'last'), { same: 'same', newer: 'old', 'a/mode': 'x' })
    utimesSync(join(place, 'last/newer'), THEN - 60, THEN - 60)
    chmodSync(join(place, 'last/a/mode'), 0o600)
    const { sent, linked, trips } = await settle({ link_dest: [join(place, 'none'), join(place, 'last')] })
    expect(linked).to.deep.equal([join(dest, 'same')])
    expect(sent).to.deep.equal([join(dest, 'a/mode'), join(dest, 'newer')])
    expect(trips).to.equal(1)
    expect(found(dest)).to.deep.equal(found(src))
    expect(statSync(join(dest, 'same')).ino).to.equal(statSync(join(place, 'last/same')).ino)
    expect(found(join(place, 'last'))['newer']).to.match(/ old$/)
  })

  it('links by content alone where that is asked for', async () => {
    plant(src, { same: 'same', other: 'this' })
    plant(join(place, 'last'), { same: 'same', other: 'that' })
    const { linked } = await settle({ link_dest: [join(place, 'last')], checksum: true })
    expect(linked).to.deep.equal([join(dest, 'same')])
    expect(found(dest)).to.deep.equal(found(src))
  })

  const refusals: [what: string, given: Record<string, unknown>, message: string][] = [
    ['a folder above that is missing', { dest: '/nowhere/at/all' }, 'The folder /nowhere/at is not there.'],
    ['a dest that is no folder', { dest: '/etc/passwd' }, '/etc/passwd is a file, not a folder.'],
  ]
  for (const [what, given, message] of refusals)
    it(`refuses ${what}`, async () => expect((await go(given)).result.msg).to.equal(message))

  it('refuses what it cannot be asked, before anything is looked at', async () => {
    expect(() => params(synchronize, { src: 'a', dest: '/b', rsync_opts: ['--chmod=D755'] })).to.throw(
      '"rsync_opts.0" of module cannot be "--chmod=D755".',
    )
    expect((await problemOf(go({ link_dest: [place] }))).message).to.equal(
      `"link_dest" of synchronize cannot be ${place}, which dest (${dest}) is in.`,
    )
    expect(() => params(synchronize, { src: 'a', dest: '/b', delete: true, recursive: false })).to.throw(
      '"delete" of "synchronize" needs "recursive".',
    )
  })
})
