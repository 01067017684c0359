import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../base/problem.ts'
import { type Starting, start } from './become.ts'
import type { TransferOptions } from './connection.ts'
import { type Ending, ending, said } from './process.ts'
import { quote } from './quote.ts'
import { interrupted, timedOut } from './shell.ts'

const PIECE = 256 * 1024

/** Streams bytes into a file on the host, created 0600, truncated. Throws step-failed with what the host said. */
export async function put(
  how: Starting,
  content: Readable | Buffer,
  path: string,
  options: TransferOptions,
): Promise<void> {
  const limit = deadline(how.host, options)
  try {
    const process = await start(
      { ...how, signal: limit.signal },
      options.as,
      (ready) => `umask 077; ${ready}; exec cat >${word(path)}`,
    )
    const heard = said(process.stderr)
    process.stdout.resume()
    const onAbort = () => process.drop()
    limit.signal.addEventListener('abort', onAbort, { once: true })
    let broken: unknown
    try {
      const source = Buffer.isBuffer(content) ? Readable.from(pieces(content)) : content
      await pipeline(source, counted(options.onProgress), process.stdin)
    } catch (thrown) {
      broken = thrown
      // Without an end of its input `cat` would wait for ever; with one it would leave a short file that looks whole.
      if (!(await within(process.ended, 500))) process.drop()
    }
    const end = await process.ended
    limit.signal.removeEventListener('abort', onAbort)
    if (limit.signal.aborted) throw limit.signal.reason
    if (broken !== undefined && !isPipeError(broken)) throw broken
    if (broken !== undefined || !('status' in end) || end.status !== 0)
      throw failed('written', how.host, path, end, heard())
  } finally {
    limit.clear()
  }
}

/** Streams a file's bytes back; when the host cannot read to the end, the stream fails with a Problem. */
export async function get(how: Starting, path: string, options: TransferOptions): Promise<Readable> {
  const limit = deadline(how.host, options)
  try {
    const process = await start(
      { ...how, signal: limit.signal },
      options.as,
      (ready) => `exec <${word(path)} || exit 1; ${ready}; exec cat`,
    )
    const heard = said(process.stderr)
    const out = counted(options.onProgress)
    const onAbort = () => {
      process.drop()
      out.destroy(limit.signal.reason as Error)
    }
    limit.signal.addEventListener('abort', onAbort, { once: true })
    process.stdin.end()
    process.stdout.on('error', (error) => out.destroy(error))
    process.stdout.pipe(out, { end: false })
    out.on('close', () => {
      limit.signal.removeEventListener('abort', onAbort)
      limit.clear()
      process.drop()
    })
    void process.ended.then((end) => {
      if ('status' in end && end.status === 0) out.end()
      else out.destroy(failed('read', how.host, path, end, heard()))
    })
    return out
  } catch (thrown) {
    limit.clear()
    // The shell opens the file before it says it is ready: not ready means the file cannot be opened.
    if (
      thrown instanceof Problem &&
      thrown.code === 'host-unreachable' &&
      /cannot open|No such file|denied|can't open|nonexistent/i.test(thrown.message)
    ) {
      throw new Problem(
        'step-failed',
        thrown.message.replace(/^nothing can be started on [^:]*: /, `${path} on ${how.host} cannot be read: `),
        {
          host: how.host,
          hint: 'Check the path and who may read it.',
        },
      )
    }
    throw thrown
  }
}

/** A path that begins with '-' or is '&1' is still only a path: redirections take one word. */
function word(path: string): string {
  return quote(/^[/.]/.test(path) ? path : `./${path}`)
}

function* pieces(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += PIECE) yield content.subarray(at, at + PIECE)
}

function counted(onProgress: TransferOptions['onProgress']): PassThrough {
  const pass = new PassThrough({ highWaterMark: PIECE })
  if (onProgress) {
    let done = 0
    pass.on('data', (part: Buffer) => {
      done += part.length
      onProgress(done)
    })
    pass.pause()
  }
  return pass
}

function isPipeError(thrown: unknown): boolean {
  const code = (thrown as NodeJS.ErrnoException).code
  return (
    code === 'EPIPE' ||
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    code === 'ERR_STREAM_DESTROYED' ||
    code === 'ECONNRESET'
  )
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  const done = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return done
}

function failed(what: 'written' | 'read', host: string, path: string, end: Ending, heard: string): Problem {
  if ('lost' in end) {
    return new Problem(
      'host-unreachable',
      `the connection to ${host} was lost while ${path} was being ${what}: ${end.lost}`,
      {
        host,
        hint: 'Run again when the host is back: a file half written is written anew.',
      },
    )
  }
  const why = heard.replace(/^(cat|sh)(: line \d+|: \d+)?: /, '') || ending(end)
  return new Problem('step-failed', `${path} on ${host} cannot be ${what}: ${why}`, {
    host,
    hint: /No space left/.test(heard)
      ? 'The disk is full: free some space there and run again.'
      : 'Check the path and who may use it.',
  })
}

function deadline(host: string, options: TransferOptions): { signal: AbortSignal; clear(): void } {
  const control = new AbortController()
  const onAbort = () => control.abort(interrupted(host))
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.signal?.aborted) onAbort()
  const { timeout } = options
  const timer = timeout === undefined ? undefined : setTimeout(() => control.abort(timedOut(host, timeout)), timeout)
  return {
    signal: control.signal,
    clear() {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
    },
  }
}
