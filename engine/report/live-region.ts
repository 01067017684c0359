import type { Output } from './output.ts'
import { cutText, textWidth } from './text-width.ts'

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
/** Terminals that know it draw everything between the two at once; others ignore it. */
const beginFrame = '\u001b[?2026h'
const endFrame = '\u001b[?2026l'
const clearLine = '\u001b[K'
const clearBelow = '\u001b[J'
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface RegionOptions {
  /** Milliseconds between frames. */
  readonly interval?: number
}

/**
 * The last lines of a terminal, redrawn in place; what is printed scrolls by above them. At most ten frames a second,
 * never more lines than the terminal has, and the cursor is given back however the process ends.
 */
export class LiveRegion {
  readonly #output: Output
  readonly #content: () => readonly string[]
  readonly #interval: number
  #pending: string[] = []
  #drawn: readonly string[] = []
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #last = Number.NEGATIVE_INFINITY
  readonly #restore = () => {
    this.#output.write(showCursor)
  }
  readonly #onSignal = (signal: NodeJS.Signals) => {
    // Whoever else listens decides how to end; alone, the region steps aside and lets the signal do its work.
    if (process.listenerCount(signal) > 1) return
    this.close()
    process.kill(process.pid, signal)
  }
  readonly #onResize = () => this.#draw()

  constructor(output: Output, content: () => readonly string[], options: RegionOptions = {}) {
    this.#output = output
    this.#content = content
    this.#interval = options.interval ?? 100
  }

  open(): void {
    if (this.#timer) return
    this.#output.write(hideCursor)
    this.#timer = setInterval(() => this.#draw(), this.#interval)
    this.#timer.unref()
    process.on('exit', this.#restore)
    for (const signal of signals) process.on(signal, this.#onSignal)
    this.#output.stream.on('resize', this.#onResize)
  }

  /** Lines that stay, above the region. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return
    if (!this.#timer) {
      this.#output.lines(lines)
      return
    }
    this.#pending.push(...lines)
    const wait = this.#last + this.#interval - performance.now()
    if (wait <= 0) this.#draw()
    else this.#soon ??= setTimeout(() => this.#draw(), wait).unref()
  }

  /** Takes the region away and gives the cursor back; what was printed stays. */
  close(): void {
    if (!this.#timer) return
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    this.#timer = undefined
    this.#soon = undefined
    process.off('exit', this.#restore)
    for (const signal of signals) process.off(signal, this.#onSignal)
    this.#output.stream.off('resize', this.#onResize)
    this.#output.write(`${this.#back()}${clearBelow}${this.#take()}${showCursor}`)
    this.#drawn = []
  }

  #draw(): void {
    clearTimeout(this.#soon)
    this.#soon = undefined
    this.#last = performance.now()
    const columns = this.#output.stream.columns || 80
    const rows = this.#output.stream.rows || 24
    const lines = this.#content()
      .slice(0, Math.max(1, rows - 1))
      .map((line) => cutText(line, Math.max(1, columns - 1)))
    if (
      this.#pending.length === 0 &&
      lines.length === this.#drawn.length &&
      lines.every((line, at) => line === this.#drawn[at])
    )
      return
    const back = this.#back()
    this.#drawn = lines
    // Lines are written over and their rests cleared: nothing is ever blank in between, so nothing flickers.
    const text = lines.map((line) => `${line}${clearLine}`).join('\n')
    this.#output.write(`${beginFrame}${back}${this.#take()}${text}${clearBelow}${endFrame}`)
  }

  #take(): string {
    const text = this.#pending.map((line) => `${line}${clearLine}\n`).join('')
    this.#pending = []
    return text
  }

  /** Back to where the region begins. A terminal made narrower has wrapped its lines. */
  #back(): string {
    if (this.#drawn.length === 0) return ''
    const columns = Math.max(1, this.#output.stream.columns || 80)
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0)
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}`
  }
}
