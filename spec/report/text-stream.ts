import { Writable } from 'node:stream'

/** Stands in for stdout: keeps what is written. */
export class TextStream extends Writable {
  text = ''
  readonly isTTY: boolean
  columns: number
  rows: number
  writes = 0

  constructor(options: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
    super({ decodeStrings: false })
    this.isTTY = options.isTTY ?? false
    this.columns = options.columns ?? 80
    this.rows = options.rows ?? 24
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk
    this.writes++
    done()
  }
}
