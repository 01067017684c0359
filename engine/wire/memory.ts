import { Readable } from 'node:stream'
import { Problem } from '../base/problem.ts'
import type { Become, Connection, Item, Reply, RunOptions, TransferOptions } from './connection.ts'

/** What a scripted host answers: a whole reply, a part of one, or just its stdout. */
export type Answer =
  | string
  | { readonly status?: number; readonly stdout?: string | Buffer; readonly stderr?: string | Buffer }

/** Answers one item's script. */
export type Script = (script: string, as: Become | undefined) => Answer | Promise<Answer>

/** A host that is none: answers come from a function, files live in a map, all that was asked is recorded. For specs. */
export class MemoryConnection implements Connection {
  readonly host: string
  readonly files = new Map<string, Buffer>()
  readonly asked: { script: string; as: Become | undefined }[] = []
  #answer: Script
  #trips = 0

  constructor(host: string, answer: Script = () => '') {
    this.host = host
    this.#answer = answer
  }

  get roundTrips(): number {
    return this.#trips
  }

  async open(): Promise<void> {}
  async close(): Promise<void> {}

  async run(items: readonly Item[], options: RunOptions = {}): Promise<Reply[]> {
    if (items.length > 0) this.#trips += 1
    const replies: Reply[] = []
    for (const [index, { script, optional }] of items.entries()) {
      if (options.signal?.aborted)
        throw new Problem('interrupted', `stopped on ${this.host} because the run was interrupted`, { host: this.host })
      this.asked.push({ script, as: options.as })
      const answer = await this.#answer(script, options.as)
      const { status = 0, stdout = '', stderr = '' } = typeof answer === 'string' ? { stdout: answer } : answer
      const reply = { status, stdout: Buffer.from(stdout as string), stderr: Buffer.from(stderr as string) }
      if (reply.stdout.length > 0) options.onOutput?.(index, 'stdout', reply.stdout)
      if (reply.stderr.length > 0) options.onOutput?.(index, 'stderr', reply.stderr)
      replies.push(reply)
      if (options.stopOnFailure && status !== 0 && !optional) break
    }
    return replies
  }

  async put(content: Readable | Buffer, path: string, options: TransferOptions = {}): Promise<void> {
    this.#trips += 1
    const parts: Buffer[] = []
    for await (const part of Buffer.isBuffer(content) ? [content] : content) parts.push(Buffer.from(part as Buffer))
    const whole = Buffer.concat(parts)
    this.files.set(path, whole)
    options.onProgress?.(whole.length)
  }

  async get(path: string, options: TransferOptions = {}): Promise<Readable> {
    this.#trips += 1
    const content = this.files.get(path)
    if (!content) {
      throw new Problem('step-failed', `${path} on ${this.host} cannot be read: No such file`, {
        host: this.host,
        hint: 'Check the path and who may read it.',
      })
    }
    options.onProgress?.(content.length)
    return Readable.from(content.length > 0 ? [content] : [])
  }
}
