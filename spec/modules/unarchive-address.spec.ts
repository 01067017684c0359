import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { WebServer } from './web-server.ts'
import { problemOf, Workbench } from './workbench.ts'

const THEN = 1_700_000_000

/** An archive of one folder with two files, of a time long ago. */
function release(bench: Workbench, text: string): Buffer {
  mkdirSync(bench.path('r'), { recursive: true })
  for (const name of ['one', 'two']) {
    writeFileSync(bench.path('r', name), `${text} ${name}\n`)
    utimesSync(bench.path('r', name), THEN, THEN)
  }
  execFileSync('tar', ['-czf', bench.path('r.tgz'), '-C', bench.path('r'), '.'])
  return readFileSync(bench.path('r.tgz'))
}

describe('unarchive', function () {
  this.timeout(30_000)
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    process.env.TSPLAY_STATE = bench.path('state')
    mkdirSync(bench.path('out'))
    release(bench, '1')
  })
  afterEach(async () => {
    delete process.env.TSPLAY_STATE
    await bench.close()
  })
  const files = () => Object.fromEntries(readdirSync(bench.path('out')).map((name) => [name, bench.read('out', name)]))

  describe('of an address', () => {
    let server: WebServer
    beforeEach(async () => {
      server = new WebServer()
      await server.start()
      server.files.set('/r.tgz', readFileSync(bench.path('r.tgz')))
    })
    afterEach(() => server.stop())
    const given = (path = '/r.tgz?token=1') => ({ src: server.url(path), remote_src: true, dest: bench.path('out') })

    it('downloads and extracts, and again when the server has another one', async () => {
      expect(await bench.settle('unarchive', given())).to.include({ changed: true, handler: 'TgzArchive' })
      expect(files()).to.deep.equal({ one: '1 one\n', two: '1 two\n' })
      server.files.set('/r.tgz', release(bench, '2'))
      expect(await bench.settle('unarchive', given())).to.include({ changed: true })
      expect(files()).to.deep.equal({ one: '2 one\n', two: '2 two\n' })
      expect(readdirSync(bench.path('out')).sort()).to.deep.equal(['one', 'two'])
    })

    it('asks the server nothing when the checksum says that all is there', async () => {
      const sum = execFileSync('sha256sum', [bench.path('r.tgz')], { encoding: 'utf8' }).slice(0, 64)
      const checked = { ...given(), checksum: `sha256:${sum}` }
      await bench.settle('unarchive', checked)
      const asked = server.seen.length
      expect((await bench.apply('unarchive', checked)).result.changed).to.equal(false)
      expect(server.seen.length).to.equal(asked)
      const wrong = { ...given('/r.tgz?other'), checksum: `sha256:${'0'.repeat(64)}` }
      rmSync(bench.path('out'), { recursive: true })
      mkdirSync(bench.path('out'))
      const { message } = await problemOf(bench.apply('unarchive', wrong))
      expect(message).to.match(/checksum of what was downloaded is [0-9a-f]{64}, expected 0{64}; nothing was extracted/)
      expect(readdirSync(bench.path('out'))).to.deep.equal([])
    })

    it('extracts nothing of a download that ends early, and says so when it cannot compare', async () => {
      server.breaks = 1
      const early = await problemOf(bench.apply('unarchive', given('/flaky/r.tgz')))
      expect(early.message).to.contain('cannot download it, nothing was extracted')
      expect(readdirSync(bench.path('out'))).to.deep.equal([])
      await bench.settle('unarchive', given('/flaky/r.tgz'))
      server.breaks = 1
      expect((await bench.apply('unarchive', given('/flaky/r.tgz'))).result.msg).to.match(
        /^Cannot download http:\/\/127\.0\.0\.1:\d+\/flaky\/r\.tgz: /,
      )
      server.breaks = 1
      expect((await bench.check('unarchive', given('/flaky/r.tgz'))).result).to.have.property('may_change')
      expect((await problemOf(bench.apply('unarchive', given('/none.tgz')))).message).to.match(/404/)
    })
  })

  it('checks the certificate of the server, unless told not to', async () => {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=localhost',
      ].concat(['-keyout', bench.path('key'), '-out', bench.path('cert')]),
      { stdio: 'ignore' },
    )
    const bytes = readFileSync(bench.path('r.tgz'))
    const server = createServer({ key: bench.read('key'), cert: bench.read('cert') }, (_, reply) => reply.end(bytes))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const src = `https://localhost:${(server.address() as AddressInfo).port}/r.tgz`
    const given = { src, remote_src: true, dest: bench.path('out') }
    try {
      expect((await problemOf(bench.apply('unarchive', given))).message).to.match(/certificate/)
      expect(files()).to.deep.equal({})
      await bench.apply('unarchive', { ...given, validate_certs: false })
      expect(Object.keys(files())).to.deep.equal(['one', 'two'])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  describe('with keep_newer', () => {
    const given = (more: object = {}) => ({
      src: bench.path('r.tgz'),
      remote_src: true,
      dest: bench.path('out'),
      keep_newer: true,
      list_files: true,
      ...more,
    })

    it('leaves what is newer than in the archive, and replaces what is older', async () => {
      writeFileSync(bench.path('out/one'), 'mine\n')
      writeFileSync(bench.path('out/two'), 'old\n')
      utimesSync(bench.path('out/two'), THEN - 60, THEN - 60)
      expect((await bench.check('unarchive', given())).result).to.have.property('may_change')
      const { result } = await bench.apply('unarchive', given({ mode: '0640' }))
      expect(result).to.deep.include({ changed: true, files: ['one', 'two'] })
      expect(files()).to.deep.equal({ one: 'mine\n', two: '1 two\n' })
      expect(statSync(bench.path('out/one')).mode & 0o777).to.equal(0o640)
      expect((await bench.apply('unarchive', given({ mode: '0640' }))).result.changed).to.equal(false)
    })

    it('changed nothing when all that differs is newer', async () => {
      expect((await bench.check('unarchive', given())).result).to.include({ changed: true })
      await bench.settle('unarchive', given())
      release(bench, '2')
      for (const name of ['one', 'two']) writeFileSync(bench.path('out', name), 'mine\n')
      expect((await bench.apply('unarchive', given())).result.changed).to.equal(false)
      expect(files()).to.deep.equal({ one: 'mine\n', two: 'mine\n' })
    })
  })
})
