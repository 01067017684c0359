import { Problem } from '../base/problem.ts'
import { Batch, OUTPUT_LIMIT, type Stream } from './batch.ts'
import type { Item, Reply, RunOptions } from './connection.ts'
import { batchText, FrameReader, newMarker, preamble } from './framing.ts'
import { KEPT, keptName } from './own-folder.ts'
import { type Ending, ending, type Process } from './process.ts'
import { quote } from './quote.ts'

export interface ShellSource {
  readonly host: string
  /** Starts `sh`, as whoever this shell is for. */
  start(signal?: AbortSignal): Promise<Process>
  /** Whether its connection is about to close, which ends the shell as well. */
  readonly parting?: () => boolean
  /** Ends all processes of a group on the host, and removes what the shell kept, of this name. */
  killGroup(group: number, kept: string): Promise<void>
}

/** One persistent `sh` on a host for one user: opened when first needed, killed when stuck, opened again next time. */
export class Shell {
  readonly #source: ShellSource
  readonly #limit: number
  #session: Session | undefined
  #tail: Promise<unknown> = Promise.resolve()

  constructor(source: ShellSource, limit = OUTPUT_LIMIT) {
    this.#source = source
    this.#limit = limit
  }

  /** Calls wait for each other: a shell does one thing at a time. */
  run(items: readonly Item[], options: RunOptions = {}): Promise<Reply[]> {
    const turn = this.#tail.then(() => this.#run(items, options))
    // Only that it is over: the last replies are not to stay as long as the connection.
    this.#tail = turn.then(
      () => {},
      () => {},
    )
    return turn
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  async #run(items: readonly Item[], options: RunOptions): Promise<Reply[]> {
    if (items.length === 0) return []
    const host = this.#source.host
    // A text that cannot be sent is refused before anything is.
    for (const { script } of items) if (script.includes('\0')) quote(script)
    if (options.signal?.aborted) throw interrupted(host)
    const stop = new Stop(options, host)
    try {
      if (!this.#session?.usable) {
        const starting = this.#source.start(stop.signal)
        // A shell that comes too late is let go of, not left behind.
        const process = await stop.race(
          starting,
          () =>
            void starting.then(
              (late) => late.drop(),
              () => {},
            ),
        )
        this.#session = new Session(process, this.#source)
      }
      const session = this.#session
      const batch = new Batch(items, options, this.#limit)
      session.begin(items, options.stopOnFailure ?? false, batch)
      return await stop.race(batch.finished, () => {})
    } catch (thrown) {
      const session = this.#session
      this.#session = undefined
      await session?.kill()
      throw thrown
    } finally {
      stop.clear()
    }
  }
}

/** The two reasons to stop waiting: the time is over, or the caller wants no more. */
class Stop {
  readonly #control = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined
  readonly #outer: AbortSignal | undefined
  readonly #onAbort: () => void

  constructor(options: RunOptions, host: string) {
    this.#outer = options.signal
    this.#onAbort = () => this.#control.abort(interrupted(host))
    this.#outer?.addEventListener('abort', this.#onAbort, { once: true })
    const { timeout } = options
    if (timeout !== undefined) this.#timer = setTimeout(() => this.#control.abort(timedOut(host, timeout)), timeout)
  }

  get signal(): AbortSignal {
    return this.#control.signal
  }

  race<T>(work: Promise<T>, late: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const give = () => {
        late()
        reject(this.signal.reason)
      }
      if (this.signal.aborted) return give()
      this.signal.addEventListener('abort', give, { once: true })
      work.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', give))
    })
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#onAbort)
  }
}

class Session {
  readonly #process: Process
  readonly #source: ShellSource
  readonly #marker = newMarker()
  readonly #kept = keptName()
  readonly #hello = new Batch([{ script: '' }])
  #batches: Batch[]
  /** Whether there may be something that the shell takes away when it ends. */
  #keeps = false
  #ended: Ending | undefined

  constructor(process: Process, source: ShellSource) {
    this.#process = process
    this.#source = source
    this.#batches = [this.#hello]
    this.#read('stdout')
    this.#read('stderr')
    process.stdin.on('error', () => {}) // How it ended is told by `ended`.
    void process.ended.then((end) => this.#end(end))
    process.stdin.write(preamble(this.#marker, this.#kept))
  }

  get usable(): boolean {
    return this.#ended === undefined
  }

  begin(items: readonly Item[], stopOnFailure: boolean, batch: Batch): void {
    const text = batchText(this.#marker, items, stopOnFailure)
    this.#keeps ||= text.includes(KEPT)
    this.#batches.push(batch)
    this.#process.stdin.write(text)
  }

  /** Ends the shell and everything it runs; returns when the host has done so, or cannot be asked. */
  async kill(): Promise<void> {
    if (this.#ended) return
    const group = await Promise.race([this.#group(), this.#process.ended.then(() => undefined), pause(2000)])
    if (group !== undefined && !this.#ended) await this.#source.killGroup(group, this.#kept).catch(() => {})
    this.#process.drop()
  }

  async close(): Promise<void> {
    if (this.#ended) return
    this.#process.stdin.end()
    if (this.#source.parting?.() && !this.#keeps) return
    await Promise.race([this.#process.ended, pause(1000)])
    if (this.usable) await this.kill()
  }

  async #group(): Promise<number | undefined> {
    const [reply] = await this.#hello.finished.catch(() => [])
    const last = reply?.stdout.toString('latin1').trimEnd().split('\n').at(-1)
    const group = Number(last?.split(' ')[1])
    return group > 1 ? group : undefined
  }

  #read(stream: Stream): void {
    const current = () => this.#batches.find((batch) => !batch.over(stream))
    const reader = new FrameReader(
      this.#marker,
      (chunk) => {
        const batch = current()
        // Without a batch it is a background process of an earlier item that still talks: nobody asked.
        if (batch && !batch.chunk(stream, chunk)) batch.fail(tooMuch(this.#source.host, stream))
      },
      (status) => {
        current()?.end(stream, status)
        // What was said, and what was asked, is not to stay as long as the shell.
        this.#batches = this.#batches.filter((one) => !(one.over('stdout') && one.over('stderr')))
      },
    )
    this.#process[stream].on('data', (chunk: Buffer) => reader.push(chunk))
    this.#process[stream].on('error', () => {}).resume()
  }

  #end(end: Ending): void {
    this.#ended = end
    const [hello, batch] = [this.#hello, this.#batches.at(-1)]
    if (!hello.over('stdout')) batch?.fail(notStarted(this.#source.host, end, hello.heard))
    else batch?.fail(cutShort(this.#source.host, end, batch.done))
    hello.fail(new Error('ended'))
  }
}

function pause(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds).unref())
}

export function interrupted(host: string): Problem {
  return new Problem('interrupted', `stopped on ${host} because the run was interrupted`, { host })
}

export function timedOut(host: string, milliseconds: number): Problem {
  return new Problem('timeout', `not done on ${host} after ${milliseconds / 1000} s; it was killed there`, {
    host,
    hint: 'Allow more time with `timeout`, or find out on the host what it waits for.',
  })
}

function tooMuch(host: string, stream: Stream): Problem {
  return new Problem('task-failed', `a command on ${host} wrote more than 64 MiB to ${stream}; it was killed`, {
    host,
    hint: 'Send such output to a file on the host, and use fetch to get it.',
  })
}

function notStarted(host: string, end: Ending, heard: string): Problem {
  return new Problem('host-unreachable', `no shell could be started on ${host}: ${heard || ending(end)}`, {
    host,
    hint: "Check the user's login shell on that host: it must be able to run `sh`.",
  })
}

function cutShort(host: string, end: Ending, done: number): Problem {
  const after = done === 0 ? '' : ` after ${done} command${done === 1 ? '' : 's'} had ended`
  const why =
    'lost' in end ? `the connection to ${host} was lost: ${end.lost}` : `the shell on ${host} ended: ${ending(end)}`
  return new Problem('host-unreachable', `${why}${after}; what was running may or may not have been done`, {
    host,
    hint: 'Look at the host, then run again: what is already right is left alone.',
  })
}
