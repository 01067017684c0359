import { createHash } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { WebServer } from './web-server.ts'
import { problemOf, Workbench } from './workbench.ts'

describe('get_url', () => {
  let bench: Workbench
  let web: WebServer
  const big = Buffer.alloc(400_000, 'abcdefg')
  const sha = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
  before(async () => {
    web = new WebServer()
    await web.start()
    web.files.set('/plain', Buffer.from('plain\n'))
    web.files.set('/big.tar', big)
    web.files.set('/big.tar.sha256', Buffer.from(`${sha(big)}\n`))
    web.files.set('/SHA256SUMS', Buffer.from(`${sha('other')}  other\n${sha(big)} *./big.tar\n`))
    web.files.set('/wrong', Buffer.from('other bytes'))
  })
  after(() => web.stop())
  beforeEach(() => {
    bench = new Workbench()
    web.seen.length = 0
    web.breaks = 0
  })
  afterEach(() => bench.close())

  it('downloads, with mode, and asks nothing of the network again', async () => {
    const given = { url: web.url('/plain'), dest: bench.path('a'), checksum: `sha256:${sha('plain\n')}`, mode: '0755' }
    const result = await bench.settle('get_url', given)
    expect(bench.read('a')).to.equal('plain\n')
    expect(bench.mode('a')).to.equal('0755')
    expect(result).to.include({
      changed: true,
      dest: bench.path('a'),
      size: 6,
      status_code: 200,
      msg: 'OK (6 bytes)',
      checksum_dest: null,
      checksum_src: createHash('sha1').update('plain\n').digest('hex'),
    })
    expect(web.seen).to.have.length(1)
    expect(readdirSync(bench.folder)).to.deep.equal(['a'])
  })

  it('leaves a file that is there alone without a checksum, unless forced', async () => {
    writeFileSync(bench.path('a'), 'mine')
    const given = { url: web.url('/plain'), dest: bench.path('a') }
    expect((await bench.settle('get_url', given)).changed).to.equal(false)
    expect(web.seen).to.have.length(0)
    expect((await bench.check('get_url', { ...given, force: true })).result.may_change).to.contain(
      'only the download shows',
    )
    expect((await bench.apply('get_url', { ...given, force: true })).result.changed).to.equal(true)
    expect((await bench.apply('get_url', { ...given, force: true })).result.changed).to.equal(false)
    expect(bench.read('a')).to.equal('plain\n')
  })

  it('takes the name of the address in a folder', async () => {
    mkdirSync(bench.path('cache'))
    const result = await bench.settle('get_url', {
      url: web.url('/big.tar?version=1'),
      dest: `${bench.path('cache')}/`,
    })
    expect(result.dest).to.equal(bench.path('cache/big.tar'))
  })

  it('reads checksum files: a list, or the digest alone', async () => {
    for (const list of ['/SHA256SUMS', '/big.tar.sha256']) {
      const given = {
        url: web.url('/big.tar'),
        dest: bench.path(`f${list.length}`),
        checksum: `sha256:${web.url(list)}`,
      }
      await bench.settle('get_url', given)
      writeFileSync(String(given.dest), 'tampered')
      expect((await bench.settle('get_url', given)).changed).to.equal(true)
    }
  })

  it('goes on where a transfer broke off', async () => {
    web.breaks = 2
    await bench.settle('get_url', {
      url: web.url('/flaky/big.tar'),
      dest: bench.path('b'),
      checksum: `sha256:${sha(big)}`,
    })
    expect(web.seen.map((one) => one.headers.range)).to.deep.equal([undefined, 'bytes=200000-', 'bytes=300000-'])
  })

  it('goes on where an earlier run broke off, and starts over when that was of another file', async () => {
    const kept = (bytes: Buffer | string) => {
      mkdirSync(bench.path('b.part'), { mode: 0o700 })
      writeFileSync(bench.path('b.part/file'), bytes)
    }
    kept(big.subarray(0, 1000))
    const given = { url: web.url('/big.tar'), dest: bench.path('b'), checksum: `sha256:${sha(big)}` }
    await bench.settle('get_url', given)
    expect(web.seen[0]!.headers.range).to.equal('bytes=1000-')
    writeFileSync(bench.path('b'), 'old version')
    kept('old bytes')
    await bench.settle('get_url', given)
    writeFileSync(bench.path('b'), 'old version')
    kept(Buffer.alloc(500_000))
    await bench.settle('get_url', given)
    writeFileSync(bench.path('b'), 'old version')
    kept('old bytes')
    await bench.settle('get_url', { ...given, url: web.url('/nine/big.tar') })
  })

  it('follows no link at the place of what is not whole yet, and takes over no folder of somebody else', async () => {
    mkdirSync(bench.path('victim'), { mode: 0o700 })
    writeFileSync(bench.path('victim/file'), 'secret')
    for (const hostile of [
      () => symlinkSync('victim', bench.path('b.part')),
      () => symlinkSync('victim/file', bench.path('b.part')),
      () => {
        mkdirSync(bench.path('b.part'), { mode: 0o700 })
        symlinkSync('../victim/file', bench.path('b.part/file'))
        chownSync(bench.path('b.part'), 65534, 65534)
      },
    ]) {
      for (const checksum of [undefined, `sha256:${sha(big)}`]) {
        rmSync(bench.path('b.part'), { recursive: true, force: true })
        rmSync(bench.path('b'), { force: true })
        hostile()
        await bench.settle('get_url', {
          url: web.url('/big.tar'),
          dest: bench.path('b'),
          ...(checksum === undefined ? {} : { checksum }),
        })
        expect(bench.read('victim/file')).to.equal('secret')
        expect(bench.read('b').length).to.equal(big.length)
        expect(readdirSync(bench.folder).filter((name) => name.startsWith('.tsplay'))).to.deep.equal([])
      }
    }
  })

  it('gives up clearly when it always breaks off', async () => {
    web.breaks = 100
    const problem = await problemOf(
      bench.apply('get_url', { url: web.url('/flaky/big.tar'), dest: bench.path('b'), retries: 1 }),
    )
    expect(problem.code).to.equal('download')
    expect(problem.message).to.match(/^Cannot download http:\/\/127\.0\.0\.1:\d+\/flaky\/big\.tar: curl: \(18\)/)
    expect(existsSync(bench.path('b'))).to.equal(false)
  })

  it('tries the mirrors in order', async () => {
    await bench.settle('get_url', {
      url: [web.url('/none'), web.url('/wrong')],
      mirrors: [web.url('/plain')],
      dest: bench.path('a'),
      checksum: `sha256:${sha('plain\n')}`,
    })
    expect(web.seen.map((one) => one.path)).to.deep.equal(['/none', '/wrong', '/plain'])
  })

  it('refuses a wrong checksum, says what it got, and leaves the old file', async () => {
    writeFileSync(bench.path('a'), 'old')
    const given = { url: web.url('/wrong'), dest: bench.path('a'), checksum: `sha256:${sha('plain\n')}` }
    const problem = await problemOf(bench.apply('get_url', given))
    expect(problem.code).to.equal('download')
    expect(problem.message).to.equal(
      `The sha256 checksum of ${web.url('/wrong')} is ${sha('other bytes')}, expected ${sha('plain\n')}; the wrong file was removed`,
    )
    expect(problem.hint).to.contain('compare both with the publisher')
    expect(bench.read('a')).to.equal('old')
    expect(readdirSync(bench.folder)).to.deep.equal(['a'])
  })

  it('says what the server said', async () => {
    expect(
      (await problemOf(bench.apply('get_url', { url: web.url('/none'), dest: bench.path('a') }))).message,
    ).to.contain('The requested URL returned error: 404')
    expect(
      (await problemOf(bench.apply('get_url', { url: 'http://127.0.0.1:1/x', dest: bench.path('a'), retries: 0 })))
        .message,
    ).to.match(/connect/i)
    expect(
      (await bench.apply('get_url', { url: web.url('/plain'), dest: bench.path('no/such') })).result.msg,
    ).to.contain('does not exist')
  })

  it('logs in and follows redirects, with nothing in the process list', async () => {
    const given = {
      url: web.url('/secret/plain'),
      dest: bench.path('a'),
      url_username: 'joe',
      url_password: 'pa"ss w\\ord',
      headers: { 'X-Token': 'abc' },
    }
    const ended = await bench.apply('get_url', given)
    expect(bench.read('a')).to.equal('plain\n')
    expect(web.seen[0]!.headers['x-token']).to.equal('abc')
    expect(JSON.stringify([ended.result, ended.steps[0]!.show])).not.to.contain('ss w')
    await bench.settle('get_url', { url: web.url('/moved'), dest: bench.path('b') })
    expect(bench.read('b')).to.equal('plain\n')
  })

  it('keeps the old file when asked to', async () => {
    writeFileSync(bench.path('a'), 'old', { mode: 0o600 })
    const result = await bench.settle('get_url', {
      url: web.url('/plain'),
      dest: bench.path('a'),
      checksum: `sha1:${createHash('sha1').update('plain\n').digest('hex')}`,
      backup: true,
    })
    expect(bench.read(String(result.backup_file).slice(bench.folder.length))).to.equal('old')
    expect(bench.mode('a')).to.equal('0600')
  })

  it('refuses a checksum that is none', async () => {
    expect(
      (
        await problemOf(
          bench.apply('get_url', { url: web.url('/plain'), dest: bench.path('a'), checksum: 'sha256:abc' }),
        )
      ).message,
    ).to.contain('sha256 has 64 hexadecimal digits')
  })
})
