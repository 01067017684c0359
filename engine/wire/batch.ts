import type { Item, Reply, RunOptions } from './connection.ts'

export type Stream = 'stdout' | 'stderr'

/** 64 MiB of one stream of one reply: more is a mistake of the script, and would fill our memory. */
export const OUTPUT_LIMIT = 64 * 1024 * 1024

interface Side {
  parts: Buffer[]
  size: number
  readonly done: Buffer[]
  over: boolean
}

/** The replies of one call, as they come in on the two streams, each at its own pace. */
export class Batch {
  readonly finished: Promise<Reply[]>
  readonly #count: number
  readonly #stopsAt: (item: number) => boolean
  readonly #onOutput: RunOptions['onOutput']
  readonly #limit: number
  readonly #ends: Pick<Reply, 'status' | 'ended'>[] = []
  readonly #sides: Record<Stream, Side> = { stdout: side(), stderr: side() }
  #resolve!: (replies: Reply[]) => void
  #reject!: (reason: unknown) => void

  constructor(
    items: readonly Item[],
    options: Pick<RunOptions, 'stopOnFailure' | 'onOutput'> = {},
    limit = OUTPUT_LIMIT,
  ) {
    this.#count = items.length
    this.#stopsAt = (item) => options.stopOnFailure === true && items[item]?.optional !== true
    this.#onOutput = options.onOutput
    this.#limit = limit
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.finished.catch(() => {})
  }

  /** True once a stream has said all it will say for this batch. */
  over(stream: Stream): boolean {
    return this.#sides[stream].over
  }

  /** How many items have ended on both streams. */
  get done(): number {
    return Math.min(this.#sides.stdout.done.length, this.#sides.stderr.done.length)
  }

  /** What was said so far, for the problem when nothing came to an end. */
  get heard(): string {
    const { stderr, stdout } = this.#sides
    return Buffer.concat([...stderr.parts, ...stdout.parts])
      .toString('utf8')
      .trim()
      .slice(0, 1000)
  }

  /** False when the item has said more than is kept. */
  chunk(stream: Stream, bytes: Buffer): boolean {
    const at = this.#sides[stream]
    at.size += bytes.length
    if (at.size > this.#limit) return false
    at.parts.push(bytes)
    this.#onOutput?.(at.done.length, stream, bytes)
    return true
  }

  end(stream: Stream, status: number): void {
    const at = this.#sides[stream]
    at.done.push(Buffer.concat(at.parts))
    at.parts = []
    at.size = 0
    if (stream === 'stdout') this.#ends.push({ status, ended: Date.now() })
    at.over = at.done.length === this.#count || (status !== 0 && this.#stopsAt(at.done.length - 1))
    if (this.#sides.stdout.over && this.#sides.stderr.over) this.#resolve(this.#replies())
  }

  fail(reason: unknown): void {
    this.#reject(reason)
  }

  #replies(): Reply[] {
    const { stdout, stderr } = this.#sides
    return this.#ends.map((end, i) => ({ ...end, stdout: stdout.done[i]!, stderr: stderr.done[i]! }))
  }
}

function side(): Side {
  return { parts: [], size: 0, done: [], over: false }
}
