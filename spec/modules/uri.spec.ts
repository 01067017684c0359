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
      location: '/plain',
    })
  })

  it('logs in, never saying the password', async () => {
    const given = { url: web.url('/secret/plain'), url_username: 'joe', url_password: 'pa"ss w\\ord' }
    const result = await ask(given)
    expect(result.status).to.equal(200)
    expect(JSON.stringify(result)).not.to.contain('ss w')
    expect((await ask({ url: web.url('/secret/plain') })).status).to.equal(401)
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
})
