const FIRST = 0xdc00

/** A file's text, losing nothing: a byte that is no UTF-8 becomes a lone half of a surrogate pair, as in Python. */
export function textOf(bytes: Buffer): string {
  const whole = bytes.toString('utf8')
  if (!whole.includes('\uFFFD') || Buffer.from(whole).equals(bytes)) return whole
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequence(bytes, at)
    text += length === 0 ? String.fromCharCode(FIRST + bytes[at]!) : bytes.toString('utf8', at, at + length)
    at += Math.max(1, length)
  }
  return text
}

/** The bytes that `textOf` was given. */
export function bytesOf(text: string): Buffer {
  const odd = /(?<![\uD800-\uDBFF])[\uDC80-\uDCFF]/g
  if (text.search(odd) < 0) return Buffer.from(text)
  const parts: Buffer[] = []
  let end = 0
  for (const match of text.matchAll(odd)) {
    parts.push(Buffer.from(text.slice(end, match.index)), Buffer.from([match[0].charCodeAt(0) - FIRST]))
    end = match.index + 1
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(end))])
}

/** How many bytes make the character that begins here; 0 for none. */
function sequence(bytes: Buffer, at: number): number {
  const first = bytes[at]!
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  const part = bytes.subarray(at, at + length)
  return Buffer.from(part.toString('utf8')).equals(part) ? length : 0
}
