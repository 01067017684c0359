import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { fakeHost, planFor } from 'tsplay/testing'
import type { Change } from '../../engine/base/result.ts'
import synchronize from '../../modules/synchronize.ts'
import { params } from './harness.ts'
import { MirrorBench } from './mirror-bench.ts'
import { found, ODD, plant, THEN } from './planted-tree.ts'
import { problemOf } from './workbench.ts'

describe('synchronize, from the host to the controller', () => {
  let bench: MirrorBench
  let place: string
  let src: string
  let dest: string

  beforeEach(() => {
    bench = new MirrorBench('pull')
    ;({ place, src, dest } = bench)
  })
  afterEach(() => bench.close())
  const go: MirrorBench['go'] = (...words) => bench.go(...words)
  const settle: MirrorBench['settle'] = (...words) => bench.settle(...words)
  const paths = (changes: readonly Change[] | undefined) =>
    changes?.map(({ path }) => path.slice('controller:'.length + place.length + 1))

  it('makes a folder like that of the host: empty folders, links, modes, times, odd names', async () => {
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
    const { sent } = await settle()
    expect(found(dest)).to.deep.equal(found(src))
    expect(sent).to.have.length(ODD.length + 2)
  })

  it('puts a folder by its name into dest, and a file by its name or as dest', async () => {
    plant(src, { file: 'x' })
    mkdirSync(dest)
    await settle({ src })
    expect(found(join(dest, 'src'))).to.deep.equal(found(src))
    await settle({ src: join(src, 'file'), dest: `${dest}/` })
    await settle({ src: join(src, 'file'), dest: join(dest, 'other') })
    expect(readdirSync(dest).sort()).to.deep.equal(['file', 'other', 'src'])
  })

  it('brings what differs, and nothing else', async () => {
    plant(src, { same: 'same', changed: 'new', longer: 'longer', touched: 'as it was' })
    plant(dest, { same: 'same', changed: 'old', longer: 'long', touched: 'as it was' })
    for (const name of ['changed', 'touched']) utimesSync(join(dest, name), THEN - 60, THEN - 60)
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
  })

  it('removes what is extra only when told, and nothing that is left out', async () => {
    plant(src, { 'a/kept': '', 'a/secret.key': '' })
    plant(dest, { 'a/kept': '', 'a/extra': '', 'gone/with/all': '', 'mine.key': '' })
    const given = { rsync_opts: ['--exclude=*.key'] }
    expect((await settle(given)).diff).to.equal(undefined)
    expect((await settle({ ...given, delete: true })).deleted).to.deep.equal([
      join(dest, 'a/extra'),
      join(dest, 'gone'),
    ])
    expect(readdirSync(dest, { recursive: true }).sort()).to.deep.equal(['a', 'a/kept', 'mine.key'])
  })

  it('puts a folder in the place of a link of the controller, and never writes through it', async () => {
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
    expect((await go({})).result.msg).to.equal(
      `${dest}/a of the controller is a folder, and a file cannot take its place: "delete: true" lets it.`,
    )
    await settle({ delete: true })
    expect(found(dest)).to.deep.equal(found(src))
  })

  it('makes nothing new with existing_only, takes one level with dirs, leaves links out without links', async () => {
    plant(src, { old: 'new content', 'fresh/file': '', link: { link: 'old' } })
    plant(dest, { old: 'old' })
    await settle({ existing_only: true })
    expect(found(dest)).to.have.all.keys('', 'old')
    const { warnings } = await settle({ recursive: false, dirs: true, links: false })
    expect(readdirSync(dest, { recursive: true }).sort()).to.deep.equal(['fresh', 'old'])
    expect(warnings).to.deep.equal([`${src}/link is left out: it is neither file nor folder.`])
  })

  it('leaves modes and times alone where they are not asked for', async () => {
    plant(src, { file: 'x', fresh: 'y' })
    chmodSync(join(src, 'fresh'), 0o666)
    plant(dest, { file: 'old' })
    chmodSync(join(dest, 'file'), 0o640)
    await settle({ archive: false, recursive: true })
    expect(found(dest)['file']).to.match(/^640 .* x$/)
    expect(found(dest)['fresh']).to.match(/^644 .* y$/)
    expect(statSync(join(dest, 'file')).mtimeMs / 1000).to.be.greaterThan(THEN)
  })

  it('gives files to whom they belong on the host, as root', async function () {
    if (process.getuid?.() !== 0) this.skip()
    plant(src, { 'a/file': 'x', b: 'y' })
    execFileSync('chown', ['-R', '1:12345', join(src, 'a')])
    await settle()
    expect([statSync(join(dest, 'a/file')).uid, statSync(join(dest, 'a')).gid]).to.deep.equal([1, 12345])
    execFileSync('chown', ['2', join(dest, 'a/file')])
    expect(paths((await settle({ owner: false })).diff)).to.equal(undefined)
    expect(paths((await settle()).diff)).to.deep.equal(['dest/a/file owner'])
  })

  it('makes dest where it is a folder to put something in, but none above it', async () => {
    plant(src, { a: 'a' })
    expect(paths((await settle({ src: join(src, 'a'), dest: 'new/' })).diff)).to.deep.equal(['new', 'new/a'])
    expect(paths((await settle({ src, dest: 'newer' })).diff)).to.include('newer/src/a')
    expect(readFileSync(join(place, 'newer/src/a'), 'utf8')).to.equal('a')
    expect((await go({ src: join(src, 'a'), dest: 'no/such/' })).result.msg).to.contain(
      'is not there on the controller',
    )
  })

  it('changes nothing when a file cannot be brought', async () => {
    plant(src, { a: 'new', b: 'longer than before' })
    plant(dest, { a: 'old!' })
    const get = bench.connection.get.bind(bench.connection)
    bench.connection.get = (path, options) => get(path.replace(/b$/, 'a'), options)
    const { message } = await problemOf(go({}))
    expect(message).to.equal(`${src}/b changed while it was fetched: it had 18 bytes, 3 came.`)
    expect(readFileSync(join(dest, 'a'), 'utf8')).to.equal('old!')
    expect(readdirSync(place).sort()).to.deep.equal(['dest', 'src'])
  })

  it('believes no host that says its files are elsewhere', async () => {
    const file = { type: 'file', mode: '0644', uid: 0, gid: 0, owner: 'root', group: 'root', size: 1 }
    const link = { ...file, type: 'link', target: '/etc', relative: 'l' }
    for (const names of [[{ ...file, relative: '../../etc/passwd' }], [link, { ...file, relative: 'l/passwd' }]]) {
      const host = fakeHost({ files: { '/srv/x': 'directory' }, answers: { 'tree /srv': names } })
      const thrown = await planFor(synchronize, { src: '/srv/', dest, mode: 'pull' }, host).then(
        () => undefined,
        (error: unknown) => error as Error,
      )
      expect(thrown?.message).to.match(/^The host says that (\.\.\/\.\.\/etc\/passwd|l\/passwd) is below \/srv/)
    }
  })

  const refusals: [what: string, given: Record<string, unknown>, message: string][] = [
    [
      'a folder above that is missing',
      { dest: '/nowhere/at/all' },
      'The folder /nowhere/at is not there on the controller.',
    ],
    ['what is not on the host', { src: '/nowhere/' }, '/nowhere is not on the host.'],
    ['a file for a folder', { src: '/etc/passwd/' }, '/etc/passwd of the host is a file, not a folder.'],
  ]
  for (const [what, given, message] of refusals)
    it(`refuses ${what}`, async () => expect((await go(given)).result.msg).to.equal(message))

  it('refuses a path that is not whole, and what is for the other way', () => {
    const given = { src: '/a', dest: 'b', mode: 'pull' }
    for (const [more, message] of [
      [{ src: 'a' }, '"src" of "synchronize" must be a whole path of the host (mode: pull), not a.'],
      [{ copy_links: true }, '"copy_links" of "synchronize" is for mode: push.'],
      [{ link_dest: ['/x'] }, '"link_dest" of "synchronize" is for mode: push.'],
    ] as const)
      expect(() => params(synchronize, { ...given, ...more })).to.throw(message)
  })
})
