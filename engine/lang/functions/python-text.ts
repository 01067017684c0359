/** Text as Python writes it: for what must be the same to the letter as Ansible's. */

/** A number: `1e-07`, `1e+16`, where JavaScript has `1e-7` and 17 digits. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString()
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const text = String(value)
  const small = Math.abs(value)
  if (small < 1e-4 && !text.includes('e')) return padExponent(value.toExponential())
  return padExponent(text)
}

const padExponent = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2')

// biome-ignore lint/suspicious/noControlCharactersInRegex: Python takes file, group and record separators for line ends
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/

/** The lines of a text, cut where Python's splitlines cuts, without their ends. */
export function splitLines(text: string): string[] {
  const lines = text.split(lineEnd)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

interface JsonOptions {
  readonly indent?: number | undefined
  readonly sortKeys?: boolean | undefined
  readonly ascii?: boolean | undefined
}

/** JSON with a blank behind `:` and `,`, and everything beyond ASCII escaped unless `ascii` is false. */
export function jsonText(value: unknown, { indent, sortKeys, ascii = true }: JsonOptions = {}): string {
  const between = indent === undefined ? ', ' : ','
  const line = (depth: number) => (indent === undefined ? '' : `\n${' '.repeat(indent * depth)}`)
  const quoted = (text: string) => {
    const made = JSON.stringify(text)
    if (!ascii) return made
    return made.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
  }
  const write = (part: unknown, depth: number): string => {
    if (typeof part === 'string') return quoted(part)
    if (typeof part === 'number') return numberText(part)
    if (typeof part !== 'object' || part === null) return part === undefined ? 'null' : String(part)
    if ('toJSON' in part && typeof part.toJSON === 'function') return write(part.toJSON(), depth)
    if (ArrayBuffer.isView(part)) return quoted(Buffer.from(part as Uint8Array).toString('base64'))
    const inside = Array.isArray(part)
      ? part.map((item) => write(item, depth + 1))
      : keysOf(part, sortKeys).map(
          (key) => `${quoted(key)}: ${write((part as Record<string, unknown>)[key], depth + 1)}`,
        )
    const [open, close] = Array.isArray(part) ? '[]' : '{}'
    if (inside.length === 0) return `${open}${close}`
    return `${open}${line(depth + 1)}${inside.join(`${between}${line(depth + 1)}`)}${line(depth)}${close}`
  }
  return write(value, 0)
}

export function keysOf(map: object, sorted: boolean | undefined): string[] {
  const keys = Object.keys(map)
  return sorted ? keys.sort(byCodePoint) : keys
}

/** Python's order of texts: by code point, where JavaScript's is by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const found = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!
    if (found !== 0) return found
  }
  return left.length - right.length
}
