import { Unknown } from './unknown.ts'

export const MASK = '********'
/** Shorter texts would mask half of every output; they are still kept out of diffs and results by `no_log`. */
const shortest = 4
/** A piece of a secret (a line, a stretch of base64) must be this long to be told from chance. */
const shortestPiece = 8

/** Characters by which a secret text is looked for; no secret text is shorter. */
const head = shortest
const buckets = 1 << 16

/**
 * Knows the texts that must never be shown, and takes them out of whatever is shown. What is sent stays intact. A run may
 * hold thousands of them (every line of every key), so they are found by their first characters, in one pass.
 */
export class Masker {
  readonly #added = new Set<string>()
  readonly #texts = new Set<string>()
  /** By their first characters; the longest first. */
  readonly #byHead = new Map<string, string[]>()
  /** Marks the hashes of all heads: most places of a text are ruled out by it. */
  readonly #heads = new Uint8Array(buckets)

  /** Remembers a secret text, its lines when it has several, and the forms it takes in base64, URLs, JSON and quotes. */
  add(text: string): void {
    if (this.#added.has(text)) return
    this.#added.add(text)
    const trimmed = text.trim()
    for (const form of [text, trimmed, ...quotedForms(trimmed)]) {
      if (form.trim().length >= shortest) this.#remember(form)
    }
    if (trimmed.length < shortest) return
    for (const piece of [...base64Forms(text), ...lines(trimmed)]) {
      if (piece.length >= shortestPiece) this.#remember(piece)
    }
  }

  #remember(text: string): void {
    if (this.#texts.has(text)) return
    this.#texts.add(text)
    const start = text.slice(0, head)
    const known = this.#byHead.get(start)
    if (known) {
      known.push(text)
      known.sort((a, b) => b.length - a.length)
    } else this.#byHead.set(start, [text])
    this.#heads[hashAt(text, 0)] = 1
  }

  text(shown: string): string {
    return this.#replaced(shown, () => MASK)
  }

  /** The same, every character kept in its place: for lines of source that a caret points into. */
  cover(shown: string): string {
    return this.#replaced(shown, (length) => '*'.repeat(length))
  }

  #replaced(shown: string, mask: (length: number) => string): string {
    if (this.#texts.size === 0) return shown
    let masked = ''
    let from = 0
    for (const [start, end] of this.#stretches(shown)) {
      masked += shown.slice(from, start) + mask(end - start)
      from = end
    }
    return from === 0 ? shown : masked + shown.slice(from)
  }

  /** Where secrets stand. Those that overlap are one stretch: no tail of the second may stay. */
  #stretches(shown: string): [number, number][] {
    const stretches: [number, number][] = []
    for (let at = 0; at + head <= shown.length; at++) {
      if (this.#heads[hashAt(shown, at)] === 0) continue
      const found = this.#byHead.get(shown.slice(at, at + head))?.find((text) => shown.startsWith(text, at))
      if (found === undefined) continue
      const last = stretches.at(-1)
      const end = at + found.length
      if (last && at < last[1]) last[1] = Math.max(last[1], end)
      else stretches.push([at, end])
    }
    return stretches
  }

  /** A copy of plain data with every string masked, keys and numbers too. */
  data<T>(value: T): T {
    if (this.#texts.size === 0) return value
    return this.#walk(value) as T
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'number' || typeof value === 'bigint') return this.#texts.has(String(value)) ? MASK : value
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((part) => this.#walk(part))
    if (value instanceof Unknown) return new Unknown(this.text(value.reason), { fresh: value.fresh })
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return value
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [this.text(key), this.#walk(part)]))
  }
}

function hashAt(text: string, at: number): number {
  const a = text.charCodeAt(at)
  const b = text.charCodeAt(at + 1)
  const c = text.charCodeAt(at + 2)
  const d = text.charCodeAt(at + 3)
  return ((a * 31 + b) * 961 + c * 31 + d) & (buckets - 1)
}

const lines = (text: string) =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('-----'))

function quotedForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  // A lone half of a surrogate pair has no URI form.
  const uri = encodeURIComponent(Buffer.from(text).toString())
  return [json, uri, text.replaceAll("'", "'\\''"), text.replaceAll("'", "''"), text.replaceAll('\n', '\r\n')]
}

/** The text in base64, wherever it begins in what was encoded (`user:password`), and line by line as tools wrap it. */
function base64Forms(text: string): string[] {
  const forms: string[] = []
  const bytes = Buffer.from(text)
  for (let before = 0; before < 3; before++) {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    // The first and last characters also hold bits of the neighbours.
    const from = Math.ceil((before * 8) / 6)
    const to = Math.floor(((before + bytes.length) * 8) / 6)
    for (const part of [encoded.slice(from), encoded.slice(from, to)]) {
      forms.push(part, part.replaceAll('+', '-').replaceAll('/', '_'))
    }
  }
  const whole = bytes.toString('base64')
  forms.push(whole)
  for (const width of [64, 76]) {
    for (let at = 0; whole.length > width && at < whole.length; at += width) forms.push(whole.slice(at, at + width))
  }
  return forms
}
