import { Problem } from '../base/problem.ts'

/** What a reporter writes to: stdout, a file, or a stand-in in the specs. */
export type Stream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** Writes to a stream whose reader may leave (`| head`): that ends the report, not the run. */
export class Output {
  readonly stream: Stream
  #closed = false
  #error: Error | undefined
  readonly #onError = (error: NodeJS.ErrnoException) => {
    this.#closed = true
    if (error.code !== 'EPIPE') this.#error = error
  }

  constructor(stream: Stream) {
    this.stream = stream
    stream.on('error', this.#onError)
  }

  write(text: string): void {
    if (!this.#closed && text !== '') this.stream.write(text)
  }

  lines(lines: readonly string[]): void {
    if (lines.length > 0) this.write(`${lines.join('\n')}\n`)
  }

  /** Resolves when all has been handed over. Rejects with a Problem when the stream failed (a full disk). */
  async end(): Promise<void> {
    // The listener stays: a late EPIPE must not end the process.
    if (!this.#closed) await new Promise<void>((resolve) => this.stream.write('', () => resolve()))
    if (this.#error) {
      throw new Problem('internal', 'the report could not be written to its end', {
        cause: this.#error,
        hint: 'Look at where the output goes: is the disk full?',
      })
    }
  }
}
