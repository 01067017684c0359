/** A text that was read: a file, or words of the command line (`file` is then a name such as `-e`). */
export class Source {
  readonly file: string
  readonly text: string
  /** It was opened out of a vault: places in it are told, its lines are not. */
  readonly sealed: boolean
  #lineStarts: number[] | undefined

  constructor(file: string, text: string, options: { sealed?: boolean } = {}) {
    this.file = file
    this.text = text
    this.sealed = options.sealed ?? false
  }

  /** Line and column, both from 1, of a character offset. */
  position(offset: number): { line: number; column: number } {
    const starts = this.#starts()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - starts[low]! + 1 }
  }

  /** The text of a line (from 1), without its end; of what was sealed only its shape. */
  line(number: number): string {
    const starts = this.#starts()
    const start = starts[number - 1]
    if (start === undefined) return ''
    const line = this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$/, '')
    return this.sealed ? line.replace(/\S/g, '*') : line
  }

  #starts(): number[] {
    if (!this.#lineStarts) {
      this.#lineStarts = [0]
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1))
        this.#lineStarts.push(at + 1)
    }
    return this.#lineStarts
  }
}

/** Characters `start` (included) to `end` (excluded) of a source. */
export interface Span {
  readonly source: Source
  readonly start: number
  readonly end: number
}

/** `file:line:column`, as editors and terminals open it. */
export function place(span: Span): string {
  const { line, column } = span.source.position(span.start)
  return `${span.source.file}:${line}:${column}`
}
