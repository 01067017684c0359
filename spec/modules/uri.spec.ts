import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { expect } from 'chai'
import { WebServer } from './web-server.ts'
import { problemOf, Workbench } from './workbench.ts'

describe('uri', () => {
  let bench: Workbench
  let web: WebServer
  before(async () => {
    web = new WebServer()
    await web.start()
    web.files.set('/plain', Buffer.from('plain\n'))
  })
  after(() => web.stop())
  beforeEach(() => {
    bench = new Workbench()
    web.seen.length = 0
  })
  afterEach(() => bench.close())
  const ask = async (given: Record<string, unknown>) => (await bench.apply('uri', given)).result

  it('gets, in a dry run too', async () => {
    for (const run of [ask, async (given: Record<string, unknown>) => (await bench.check('uri', given)).result]) {
      const result = await run({ url: web.url('/plain'), return_content: true })
      expect(result).to.include({
        changed: false,
        status: 200,
        content: 'plain\n',
        content_length: '6',
        msg: 'OK (6 bytes)',
        redirected: false,
        url: web.url('/plain'),
      })
    }
    expect(await ask({ url: web.url('/plain') })).not.to.have.property('content')
  })

  it('sends JSON and reads it', async () => {
    const given = {
      url: web.url('/echo'),
      method: 'POST',
      body_format: 'json',
      body: { a: ['@x', 'ü"\n'] },
      status_code: 201,
      headers: { 'X-A': 'b' },
    }
    expect((await bench.check('uri', given)).result.may_change).to.contain('POST http://127.0.0.1')
    expect(web.seen).to.have.length(0)
    const result = await ask(given)
    expect(result).to.include({ changed: false, status: 201, x_two_words: 'yes' })
    expect(web.seen[0]).to.include({ method: 'POST', body: JSON.stringify(given.body) })
    expect(web.seen[0]!.headers).to.include({ 'content-type': 'application/json', 'x-a': 'b' })
    expect((result.json as { path: string }).path).to.equal('/echo')
  })

  it('sends forms and other methods', async () => {
    await ask({
      url: web.url('/echo'),
      method: 'PUT',
      body_format: 'form-urlencoded',
      body: { a: 'b c', d: ['1', '2'] },
      status_code: '200,201',
    })
    expect(web.seen[0]).to.include({ method: 'PUT', body: 'a=b+c&d=1&d=2' })
    expect((await ask({ url: web.url('/plain'), method: 'HEAD' })).status).to.equal(200)
    expect(web.seen[1]!.method).to.equal('HEAD')
  })

  it('fails on another status, with the content', async () => {
    expect(await ask({ url: web.url('/none') })).to.include({
      failed: true,
      status: 404,
      content: 'nothing here\n',
      msg: 'Status code was 404 and not [200]: HTTP Error 404: Not Found',
    })
    expect((await ask({ url: web.url('/broken'), status_code: [200, 500] })).failed).to.equal(undefined)
  })

  it('fails clearly when nobody answers', async () => {
    const result = await ask({ url: 'http://127.0.0.1:1/' })
    expect(result).to.include({ failed: true, status: -1 })
    expect(result.msg).to.match(/^Status code was -1 and not \[200\]: Request failed: curl: \(7\)/)
    expect((await ask({ url: web.url('/slow'), timeout: 1 })).msg).to.match(/timed out/i)
  })

  it('follows redirects of GET, or does not', async () => {
    expect(await ask({ url: web.url('/moved'), return_content: true })).to.include({
      status: 200,
      redirected: true,
      content: 'plain\n',
      url: web.url('/plain'),
    })
    expect(await ask({ url: web.url('/moved'), follow_redirects: 'none', status_code: [302] })).to.include({
      status: 302,
      location: web.url('/plain'),
    })
  })

  it('logs in, never saying the password', async () => {
    const given = { url: web.url('/secret/plain'), url_username: 'joe', url_password: 'pa"ss w\\ord' }
    const result = await ask(given)
    expect(result.status).to.equal(200)
    expect(JSON.stringify(result)).not.to.contain('ss w')
    expect((await ask({ url: web.url('/secret/plain') })).status).to.equal(401)
  })

  it('writes through no link that was put beside the file', async () => {
    writeFileSync(bench.path('victim'), 'root alone')
    symlinkSync('victim', bench.path('linked.tsplay-part'))
    symlinkSync('victim', bench.path('linked'))
    await ask({ url: web.url('/plain'), dest: bench.path('linked') })
    expect([bench.read('victim'), bench.read('linked')]).to.deep.equal(['root alone', 'plain\n'])
    expect(readdirSync(bench.folder).filter((name) => /^\.tsplay/.test(name))).to.deep.equal([])
  })

  it('writes to a file, and goes by creates and removes', async () => {
    const given = { url: web.url('/plain'), dest: bench.path('a') }
    expect((await ask(given)).changed).to.equal(true)
    expect((await ask(given)).changed).to.equal(false)
    expect(bench.read('a')).to.equal('plain\n')
    expect((await ask({ ...given, creates: bench.path('a') })).msg).to.contain('skipped, since')
    expect((await ask({ ...given, removes: bench.path('none') })).msg).to.contain('does not exist')
    expect((await problemOf(ask({ url: 'ftp://x' }))).code).to.equal('bad-parameter')
  })

  it('sends a file of the controller, or of the host', async () => {
    const given = { url: web.url('/echo'), method: 'PUT', status_code: [201], return_content: true }
    mkdirSync(bench.path('controller'), { recursive: true })
    for (const name of ['sent', 'controller/sent']) writeFileSync(bench.path(name), 'a "b"\n\0c\n')
    for (const remote_src of [false, true]) {
      const result = await ask({ ...given, src: remote_src ? bench.path('sent') : 'sent', remote_src })
      expect(result).to.include({ status: 201 })
      expect(web.seen.at(-1)).to.include({ method: 'PUT', body: 'a "b"\n\0c\n' })
    }
  })

  it('sends a form with files in it', async () => {
    mkdirSync(bench.path('controller'), { recursive: true })
    writeFileSync(bench.path('controller/hello.txt'), 'hello\n')
    await ask({
      url: web.url('/echo'),
      method: 'POST',
      status_code: [201],
      body_format: 'form-multipart',
      body: {
        plain: 'a; b',
        file: { filename: 'hello.txt', mime_type: 'text/plain' },
        given: { filename: 'x"y.bin', content: 'bytes' },
      },
    })
    const { headers, body } = web.seen.at(-1)!
    const form = await new Response(body, { headers: { 'content-type': headers['content-type']! } }).formData()
    expect(form.get('plain')).to.equal('a; b')
    const file = form.get('file') as File
    expect([file.name, file.type, await file.text()]).to.deep.equal(['hello.txt', 'text/plain', 'hello\n'])
    const other = form.get('given') as File
    expect([other.name, other.type, await other.text()]).to.deep.equal(['x"y.bin', 'application/octet-stream', 'bytes'])
  })

  it('tells the cookies that were set on the way', async () => {
    expect(await ask({ url: web.url('/cookies') })).to.deep.include({
      cookies: { a: '1', b: '2' },
      cookies_string: 'a=1; b=2',
    })
    expect(await ask({ url: web.url('/plain') })).to.deep.include({ cookies: {}, cookies_string: '' })
  })

  it('calls itself what Ansible does, and asks caches for nothing kept when forced', async () => {
    await ask({ url: web.url('/plain'), force: true })
    expect(web.seen.at(-1)!.headers).to.include({ 'user-agent': 'ansible-httpget', 'cache-control': 'no-cache' })
  })

  it('undoes the compression that it asked for', async () => {
    const given = { url: web.url('/packed'), headers: { 'Accept-Encoding': 'gzip' }, return_content: true }
    expect(await ask(given)).to.include({ content: 'packed\n' })
    expect((await ask({ ...given, decompress: false }))['content']).not.to.equal('packed\n')
  })

  it('asks through a socket', async () => {
    const server = createServer((_request, response) => response.end('by socket\n'))
    await new Promise<void>((resolve) => server.listen(bench.path('socket'), resolve))
    try {
      const given = { url: 'http://localhost/x', unix_socket: bench.path('socket'), return_content: true }
      expect(await ask(given)).to.include({ status: 200, content: 'by socket\n' })
    } finally {
      server.close()
    }
  })

  it('logs in by ~/.netrc, unless told not to', async () => {
    writeFileSync(bench.path('.netrc'), 'machine 127.0.0.1 login joe password netrc-word\n', { mode: 0o600 })
    const home = process.env['HOME']
    process.env['HOME'] = bench.folder
    try {
      const other = new Workbench()
      const given = { url: web.url('/plain') }
      await other.apply('uri', given)
      expect(web.seen.at(-1)!.headers.authorization).to.equal(
        `Basic ${Buffer.from('joe:netrc-word').toString('base64')}`,
      )
      await other.apply('uri', { ...given, use_netrc: false })
      expect(web.seen.at(-1)!.headers.authorization).to.equal(undefined)
      await other.close()
    } finally {
      process.env['HOME'] = home
    }
  })

  it('gives the file it writes mode and owner, each change told once', async () => {
    const given = { url: web.url('/plain'), dest: bench.folder, mode: '0600' }
    expect(await ask(given)).to.include({ changed: true, path: bench.path('plain') })
    expect(statSync(bench.path('plain')).mode & 0o7777).to.equal(0o600)
    expect(await ask(given)).to.include({ changed: false })
    expect(await ask({ ...given, mode: '0640' })).to.include({ changed: true })
    expect(statSync(bench.path('plain')).mode & 0o7777).to.equal(0o640)
  })
})
