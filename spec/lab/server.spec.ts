import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { rangeOf, serve } from './server.ts'

describe('the range of a download', () => {
  const table: [string | undefined, ReturnType<typeof rangeOf>][] = [
    [undefined, undefined],
    ['bytes=0-', { start: 0, end: 9 }],
    ['bytes=4-', { start: 4, end: 9 }],
    ['bytes=4-6', { start: 4, end: 6 }],
    ['bytes=4-600', { start: 4, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=10-', null],
    ['bytes=-0', null],
    ['bytes=-', undefined],
    ['bytes=1-2,4-5', undefined], // several parts: the whole is a permitted answer
    ['lines=1-2', undefined],
  ]
  for (const [header, range] of table) it(`${header}`, () => expect(rangeOf(header, 10)).to.deep.equal(range))
})

describe('the download server', () => {
  let folder: string
  let server: Server

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lab-server-'))
    await writeFile(join(folder, 'release.tar.gz'), '0123456789')
    await writeFile(join(folder, 'empty'), '')
    server = serve(folder)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  })

  after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })

  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo
      const asked = request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (answer) => {
        let body = ''
        answer.on('data', (part) => {
          body += part
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }))
      })
      asked.on('error', reject).end()
    })

  it('gives a whole file and its length', async () => {
    const { status, body, headers } = await ask('/release.tar.gz')
    expect([status, body, headers['content-length'], headers['accept-ranges']]).to.deep.equal([
      200,
      '0123456789',
      '10',
      'bytes',
    ])
  })

  it('goes on where a download stopped', async () => {
    const { status, body, headers } = await ask('/release.tar.gz', { range: 'bytes=6-' })
    expect([status, body, headers['content-range'], headers['content-length']]).to.deep.equal([
      206,
      '6789',
      'bytes 6-9/10',
      '4',
    ])
  })

  it('gives the whole when the file is not the one that was begun', async () => {
    const other = await ask('/release.tar.gz', { range: 'bytes=6-', 'if-range': '"other"' })
    expect([other.status, other.body]).to.deep.equal([200, '0123456789'])
    const etag = `${(await ask('/release.tar.gz')).headers.etag}`
    expect((await ask('/release.tar.gz', { range: 'bytes=6-', 'if-range': etag })).status).to.equal(206)
  })

  it('refuses a range past the end', async () => {
    const { status, headers } = await ask('/release.tar.gz', { range: 'bytes=10-' })
    expect([status, headers['content-range']]).to.deep.equal([416, 'bytes */10'])
  })

  it('answers HEAD, unchanged, empty, missing and outside', async () => {
    const head = await ask('/release.tar.gz', {}, 'HEAD')
    expect([head.status, head.body, head.headers['content-length']]).to.deep.equal([200, '', '10'])
    expect((await ask('/release.tar.gz', { 'if-none-match': `${head.headers.etag}` })).status).to.equal(304)
    expect(await ask('/empty')).to.include({ status: 200, body: '' })
    expect(await ask('/gone')).to.include({ status: 404, body: '/gone is not served here\n' })
    expect((await ask('/../../../etc/passwd')).status).to.equal(404)
    expect((await ask('/%2e%2e/%2e%2e/%2e%2e/etc/passwd')).status).to.equal(404)
    expect((await ask('/release.tar.gz', {}, 'DELETE')).status).to.equal(405)
  })
})
