import { posix } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../base/problem.ts'
import { type Starting, start } from './become.ts'
import type { TransferOptions } from './connection.ts'
import { ENTER_OWN } from './own-folder.ts'
import { type Ending, ending, type Process, said } from './process.ts'
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
    const process = await start({ ...how, signal: limit.signal }, options.as, (ready) =>
      options.apart === undefined
        ? `umask 077; ${ready}; exec cat >${word(path)}`
        : `umask 077; ${makeFolderOf(path)}; ${ready}; ${wholeOrGone(options.apart.size)}`,
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
      throw failed('written', how.host, path, end, await heard())
  } finally {
    limit.clear()
  }
}

/**
 * Streams a file's bytes back; when the host cannot read to the end, the stream fails with a Problem.
 * Throws step-failed when the file cannot be opened.
 */
export async function get(how: Starting, path: string, options: TransferOptions): Promise<Readable> {
  const limit = deadline(how.host, options)
  let process: Process | undefined
  try {
    // One byte says that the file is open; the file's own follow it.
    const script = (ready: string) => `${ready}; exec <${word(path)} || exit 1; printf .; exec cat`
    process = await start({ ...how, signal: limit.signal }, options.as, script)
    const heard = said(process.stderr)
    process.stdin.end()
    if (!(await firstByte(process, limit.signal)))
      throw failed('read', how.host, path, await process.ended, await heard())
    return stream(process, limit, options.onProgress, async (end) => failed('read', how.host, path, end, await heard()))
  } catch (thrown) {
    process?.drop()
    limit.clear()
    throw limit.signal.aborted ? limit.signal.reason : thrown
  }
}

/** Takes one byte off the front; false when it ended without. */
function firstByte(process: Process, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      process.stdout.pause().removeListener('data', onData)
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = () => done(() => reject(signal.reason))
    const onData = (chunk: Buffer) => {
      done(() => resolve(true))
      if (chunk.length > 1) process.stdout.unshift(chunk.subarray(1))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    process.stdout.on('error', () => {})
    process.stdout.on('data', onData).resume()
    void process.ended.then(() => done(() => resolve(false)))
  })
}

function stream(
  process: Process,
  limit: Deadline,
  onProgress: TransferOptions['onProgress'],
  failure: (end: Ending) => Promise<Problem>,
): Readable {
  const out = counted(onProgress)
  const onAbort = () => {
    process.drop()
    out.destroy(limit.signal.reason as Error)
  }
  limit.signal.addEventListener('abort', onAbort, { once: true })
  process.stdout.on('error', (error) => out.destroy(error))
  process.stdout.pipe(out, { end: false })
  out.on('close', () => {
    limit.signal.removeEventListener('abort', onAbort)
    limit.clear()
    process.drop()
  })
  void process.ended.then((end) => {
    if ('status' in end && end.status === 0) out.end()
    else void failure(end).then((problem) => out.destroy(problem))
  })
  return out
}

/** In there the file is called `file`; whatever happens to the folders above, it is not written elsewhere. */
function makeFolderOf(path: string): string {
  const folder = posix.dirname(path)
  return `cd -P -- ${quote(posix.dirname(folder))} && tsplay_d=\${PWD%/}/${quote(posix.basename(folder))} && mkdir -m 700 -- "$tsplay_d" || exit 1; ${ENTER_OWN}`
}

/** Of what is cut off on its way nothing is left, for nobody could come back to take it away. */
function wholeOrGone(size: number): string {
  return `gone() { cd / && rm -rf -- "$tsplay_d"; exit 1; }; trap gone HUP TERM PIPE
cat >file && [ "$(wc -c <file)" -eq ${size} ] || gone`
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
  const why = heard.replace(/^(cat|mkdir|sh)(: line \d+|: \d+)?: /, '') || ending(end)
  return new Problem('step-failed', `${path} on ${host} cannot be ${what}: ${why}`, {
    host,
    hint: /No space left/.test(heard)
      ? 'The disk is full: free some space there and run again.'
      : 'Check the path and who may use it.',
  })
}

interface Deadline {
  readonly signal: AbortSignal
  clear(): void
}

function deadline(host: string, options: TransferOptions): Deadline {
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
