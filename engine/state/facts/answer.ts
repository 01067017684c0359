import { SECTION } from './script.ts'

/** What the facts script printed: files by path, and sections by name. */
export class FactsAnswer {
  readonly #sections = new Map<string, string>()
  readonly #files = new Map<string, string[]>()

  constructor(output: Buffer) {
    const text = output.toString('utf8')
    // The environment comes last, and its values may hold anything.
    const last = text.indexOf(`${SECTION}env\n`)
    if (last >= 0) this.#sections.set('env', text.slice(last + 5))
    for (const part of text
      .slice(0, last < 0 ? undefined : last)
      .split(SECTION)
      .slice(1)) {
      const end = part.indexOf('\n')
      this.#sections.set(part.slice(0, end), part.slice(end + 1))
    }
    for (const line of this.lines('files')) {
      // Names of interfaces may hold colons; what is said of them holds no slashes.
      const colon = line.indexOf(':', line.startsWith('/sys/class/net/') ? line.lastIndexOf('/') : 0)
      const path = line.slice(0, colon)
      const known = this.#files.get(path)
      if (known) known.push(line.slice(colon + 1))
      else this.#files.set(path, [line.slice(colon + 1)])
    }
  }

  section(name: string): string {
    return this.#sections.get(name) ?? ''
  }

  lines(name: string): string[] {
    return this.section(name)
      .split('\n')
      .filter((line) => line !== '')
  }

  /** A file's lines; none when it does not exist, is empty or may not be read. */
  file(path: string): readonly string[] {
    return this.#files.get(path) ?? []
  }

  /** A file's first line, trimmed; undefined when there is none. */
  value(path: string): string | undefined {
    return this.file(path)[0]?.trim() || undefined
  }

  /** Paths of files that were read and begin so. */
  paths(start: string): string[] {
    return [...this.#files.keys()].filter((path) => path.startsWith(start))
  }

  /** Whether one of the marks (files whose being there says something) is there. */
  has(mark: string): boolean {
    return this.lines('marks').includes(mark)
  }

  command(name: string): boolean {
    return this.lines('commands').includes(name)
  }
}
