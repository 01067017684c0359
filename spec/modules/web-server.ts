import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server on loopback with the manners and mishaps of real ones. */
export class WebServer {
  readonly files = new Map<string, Buffer>()
  readonly seen: Seen[] = []
  /** How many more answers for /flaky/… break off half way. */
  breaks = 0
  #server: Server | undefined

  async start(): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response))
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve))
  }

  url(path: string, credentials = ''): string {
    return `http://${credentials}127.0.0.1:${(this.#server!.address() as AddressInfo).port}${path}`
  }

  get port(): number {
    return (this.#server!.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const path = (request.url ?? '/').replace(/\?.*/, '')
    this.seen.push({
      method: request.method ?? '',
      path,
      headers: request.headers,
      body: Buffer.concat(parts).toString(),
    })
    if (path === '/moved') return void response.writeHead(302, { location: '/plain' }).end()
    if (path === '/broken') return void response.writeHead(500).end('it broke\n')
    if (path === '/slow') return
    if (path === '/cookies')
      return void response.writeHead(302, { location: '/plain', 'set-cookie': ['a=1; Path=/; HttpOnly', 'b=2'] }).end()
    if (path === '/packed')
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed\n'))
    if (
      path.startsWith('/secret') &&
      request.headers.authorization !== `Basic ${Buffer.from('joe:pa"ss w\\ord').toString('base64')}`
    ) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('who are you?\n')
    }
    if (path === '/echo')
      return void response
        .writeHead(201, { 'content-type': 'application/json', 'X-Two-Words': 'yes' })
        .end(JSON.stringify(this.seen.at(-1)))
    const bytes = this.files.get(path.replace(/^\/(flaky|secret|nine)/, ''))
    if (!bytes) return void response.writeHead(404).end('nothing here\n')
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const from = range && !path.startsWith('/nine') ? Number(range[1]) : 0
    if (range && from >= bytes.length) return void response.writeHead(416).end()
    const rest = bytes.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': rest.length,
      'content-type': 'application/octet-stream',
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    if (path.startsWith('/flaky') && this.breaks-- > 0)
      return void response.write(rest.subarray(0, rest.length >> 1), () => setTimeout(() => response.destroy(), 50))
    response.end(request.method === 'HEAD' ? undefined : rest)
  }
}
