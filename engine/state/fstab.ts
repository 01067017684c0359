import { unescapeMount } from './facts/mounts.ts'

export interface FstabEntry {
  readonly source: string
  readonly path: string
  readonly fstype: string
  readonly options: string
  readonly dump: string
  readonly pass: string
}

/** Blanks and backslashes as fstab wants them. */
function escaped(word: string): string {
  return word.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** The lines of an fstab; those that are not changed stay to the byte. */
export class Fstab {
  readonly #lines: string[]
  readonly #given: string

  constructor(text: string) {
    this.#given = text
    this.#lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  }

  get text(): string {
    if (this.#lines.join('\n') === this.#given.replace(/\n$/, '')) return this.#given
    return this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`
  }

  /** The entry of a line; undefined for comments and lines that are none. */
  static entry(line: string): FstabEntry | undefined {
    const words = line.trim().split(/\s+/)
    if (line.trim().startsWith('#') || words.length < 3) return undefined
    const [source = '', path = '', fstype = '', options = 'defaults', dump = '0', pass = '0'] = words.map(unescapeMount)
    return { source, path, fstype, options, dump, pass }
  }

  find(path: string): FstabEntry | undefined {
    return this.#lines.map((line) => Fstab.entry(line)).find((entry) => entry?.path === path && entry.fstype !== 'swap')
  }

  set(wanted: FstabEntry): void {
    const at = this.#lines.findIndex(
      (line) =>
        Fstab.entry(line)?.path === wanted.path &&
        (wanted.path !== 'none' || Fstab.entry(line)?.source === wanted.source),
    )
    const there = at < 0 ? undefined : Fstab.entry(this.#lines[at]!)
    const keys = ['source', 'path', 'fstype', 'options', 'dump', 'pass'] as const
    if (there && keys.every((key) => there[key] === wanted[key])) return
    const line = keys.map((key) => escaped(wanted[key])).join(' ')
    if (at < 0) this.#lines.push(line)
    else this.#lines[at] = line
  }

  remove(path: string): void {
    for (let at = this.#lines.length - 1; at >= 0; at--)
      if (Fstab.entry(this.#lines[at]!)?.path === path) this.#lines.splice(at, 1)
  }

  /** Makes comments of the entries of a kind; gives their sources. */
  disable(fstype: string): string[] {
    const sources: string[] = []
    for (const [at, line] of this.#lines.entries()) {
      const entry = Fstab.entry(line)
      if (entry?.fstype !== fstype) continue
      sources.push(entry.source)
      this.#lines[at] = `# ${line}`
    }
    return sources
  }
}
