/** A terminal small enough to reason about: what a person would see after these bytes. Fails on a sequence it does not know. */
export class Screen {
  readonly lines: string[] = ['']
  cursorShown = true
  #row = 0
  #column = 0
  readonly #columns: number

  constructor(columns: number) {
    this.#columns = columns
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it reads a terminal's language.
    for (const [token] of text.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|[\s\S]/gu)) {
      if (token === '\n') this.#feed()
      else if (token === '\r') this.#column = 0
      else if (token.startsWith('\u001b')) this.#control(token.slice(2))
      else this.#put(token)
    }
  }

  /** The lines up to the last that is not empty. */
  toString(): string {
    return this.lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd()
  }

  #control(sequence: string): void {
    const count = Number(sequence.slice(0, -1) || 1)
    if (sequence === '?25l') this.cursorShown = false
    else if (sequence === '?25h') this.cursorShown = true
    else if (sequence === '?2026h' || sequence === '?2026l' || sequence.endsWith('m')) return
    else if (sequence.endsWith('A')) this.#row -= count
    else if (sequence === 'K') this.lines[this.#row] = this.lines[this.#row]!.slice(0, this.#column)
    else if (sequence === 'J') {
      this.lines[this.#row] = this.lines[this.#row]!.slice(0, this.#column)
      this.lines.length = this.#row + 1
    } else throw new Error(`unknown sequence ${JSON.stringify(sequence)}`)
    if (this.#row < 0) throw new Error('moved above the first line')
  }

  #put(character: string): void {
    if (this.#column >= this.#columns) this.#feed()
    const line = (this.lines[this.#row] ?? '').padEnd(this.#column)
    this.lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1)
    this.#column++
  }

  #feed(): void {
    this.#row++
    this.#column = 0
    this.lines[this.#row] ??= ''
  }
}
