const MASK = '********'
/** Shorter texts would mask half of every output; they are still kept out of diffs and results by `no_log`. */
const SHORTEST = 4

/** Knows the texts that must never be shown, and takes them out of whatever is shown. What is sent stays intact. */
export class Masker {
  readonly #texts = new Set<string>()
  #pattern: RegExp | undefined

  /** Remembers a secret text, its lines when it has several, and its base64 and URI forms. */
  add(text: string): void {
    const forms = [text, Buffer.from(text).toString('base64'), encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]
    if (text.includes('\n')) forms.push(...text.split('\n').map((line) => line.trim()).filter((line) => line.length >= 8 && !line.startsWith('-----')))
    for (const form of forms) {
      if (form.length >= SHORTEST) this.#texts.add(form)
    }
    this.#pattern = undefined
  }

  text(shown: string): string {
    if (this.#texts.size === 0) return shown
    this.#pattern ??= new RegExp(
      [...this.#texts].sort((a, b) => b.length - a.length).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
      'g',
    )
    return shown.replace(this.#pattern, MASK)
  }

  /** A copy of plain data with every string masked, keys too. */
  data<T>(value: T): T {
    if (this.#texts.size === 0) return value
    return this.#walk(value) as T
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((part) => this.#walk(part))
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [this.text(key), this.#walk(part)]))
    }
    return value
  }
}
