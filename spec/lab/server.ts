// Serves a folder over HTTP inside the lab: whole files and ranges of them. Run by downloads.ts, in the lab's network.
import { createReadStream } from 'node:fs'
import { appendFile, readdir, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** The first and last byte that a Range header asks for; undefined when it asks for the whole, null when it cannot be met. */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number } | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size)
    return length > 0 ? { start: size - length, end: size - 1 } : null
  }
  const start = Number(match[1])
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  return start <= end ? { start, end } : null
}

export function serve(folder: string, log?: string) {
  return createServer((request, response) => {
    answer(folder, request, response)
      .catch(() => response.destroy())
      .finally(() => {
        const range = request.headers.range ? ` ${request.headers.range}` : ''
        const line = `${request.socket.remoteAddress} ${request.method} ${request.url}${range} ${response.statusCode}\n`
        if (log) appendFile(log, line).catch(() => {})
      })
  })
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (status: number, text: string) => response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
  if (request.method !== 'GET' && request.method !== 'HEAD') return void say(405, 'only GET and HEAD\n')
  const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://lab').pathname))
  const file = join(folder, path)
  const found = await stat(file).catch(() => undefined)
  if (!found) return void say(404, `${path} is not served here\n`)
  if (found.isDirectory()) return void say(200, `${(await readdir(file)).sort().join('\n')}\n`)
  const tag = `"${found.size.toString(16)}-${Math.round(found.mtimeMs).toString(16)}"`
  const modified = found.mtime.toUTCString()
  const headers = { 'accept-ranges': 'bytes', etag: tag, 'last-modified': modified, 'content-type': typeOf(file) }
  if (request.headers['if-none-match'] === tag || request.headers['if-modified-since'] === modified) {
    return void response.writeHead(304, headers).end()
  }
  // a part of another file would be worse than the whole of this one
  const same = request.headers['if-range'] === undefined || [tag, modified].includes(`${request.headers['if-range']}`)
  const range = same ? rangeOf(request.headers.range, found.size) : undefined
  if (range === null) {
    return void response.writeHead(416, { ...headers, 'content-range': `bytes */${found.size}` }).end()
  }
  const { start, end } = range ?? { start: 0, end: found.size - 1 }
  const part = range ? { 'content-range': `bytes ${start}-${end}/${found.size}` } : {}
  response.writeHead(range ? 206 : 200, { ...headers, ...part, 'content-length': end - start + 1 })
  if (request.method === 'HEAD' || found.size === 0) return void response.end()
  await pipeline(createReadStream(file, { start, end }), response)
}

const typeOf = (file: string) =>
  /\.(tar\.gz|tgz|gz|deb|xz)$/.test(file) ? 'application/octet-stream' : 'text/plain; charset=utf-8'
