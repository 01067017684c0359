const escapes: Record<string, string> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
}
const hexDigits: Record<string, number> = { x: 2, u: 4, U: 8 }

/** Offsets of a double-quoted scalar's characters; `start` is the opening quote. Undefined when it does not add up. */
export function doubleQuotedOffsets(source: string, start: number, value: string): number[] | undefined {
  const offsets: number[] = []
  let at = start + 1
  let built = ''
  const push = (text: string, offset: number) => {
    built += text
    for (let index = 0; index < text.length; index++) offsets.push(offset)
  }
  while (at < source.length && source[at] !== '"') {
    const char = source[at]!
    if (char === '\\') {
      const kind = source[at + 1]!
      const digits = hexDigits[kind]
      if (digits) {
        push(String.fromCodePoint(Number.parseInt(source.slice(at + 2, at + 2 + digits), 16) || 0), at)
        at += 2 + digits
      } else if (kind === '\n' || kind === '\r') {
        at = skipBlank(source, at + (kind === '\r' && source[at + 2] === '\n' ? 3 : 2))
      } else {
        const plain = escapes[kind]
        if (plain === undefined) return undefined
        push(plain, at)
        at += 2
      }
    } else if (char === '\n' || char === '\r') {
      const end = foldEnd(source, at)
      const breaks = source.slice(at, end).match(/\r\n?|\n/g)!.length
      // White space before a fold belongs to it, unless it was escaped.
      while (built.length > 0 && /[ \t]/.test(built.at(-1)!) && source[offsets.at(-1)!] !== '\\') {
        built = built.slice(0, -1)
        offsets.pop()
      }
      push(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), at)
      at = end
    } else {
      push(char, at)
      at++
    }
  }
  return built === value ? offsets : undefined
}

/** Offsets of plain and single-quoted scalars over several lines, and of `''` in quotes. */
export function flowOffsets(
  source: string,
  start: number,
  end: number,
  value: string,
  quoted: boolean,
): number[] | undefined {
  const offsets: number[] = []
  let at = start
  let built = ''
  while (at < end) {
    const char = source[at]!
    if (char === '\n' || char === '\r') {
      const next = foldEnd(source, at)
      const breaks = source.slice(at, next).match(/\r\n?|\n/g)!.length
      while (built.length > 0 && /[ \t]/.test(built.at(-1)!)) {
        built = built.slice(0, -1)
        offsets.pop()
      }
      const fold = breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
      built += fold
      for (let index = 0; index < fold.length; index++) offsets.push(at)
      at = next
    } else {
      built += char
      offsets.push(at)
      at += quoted && char === "'" ? 2 : 1
    }
  }
  return built === value ? offsets : undefined
}

/** Offsets of a block scalar (`|` or `>`), aligned line by line; `start` is the indicator. */
export function blockOffsets(source: string, start: number, value: string): number[] | undefined {
  const from = source.indexOf('\n', start) + 1
  if (from === 0) return undefined
  const found = /^(?:[ \t]*\r?\n)*( *)/.exec(source.slice(from, from + 10_000))![1]!.length
  const said = /^[|>][-+]?([1-9])/.exec(source.slice(start, from))
  if (!said) return alignBlock(source, from, value, found)
  // A given indentation counts from the parent's, which shows only in what fits.
  for (let indent = Number(said[1]); indent <= found; indent++) {
    const offsets = alignBlock(source, from, value, indent)
    if (offsets) return offsets
  }
  return undefined
}

function alignBlock(source: string, from: number, value: string, indent: number): number[] | undefined {
  const offsets: number[] = []
  const enter = (line: number) => {
    let at = line
    while (at < line + indent && source[at] === ' ') at++
    return at
  }
  let at = enter(from)
  for (let index = 0; index < value.length; index++) {
    const wanted = value[index]!
    if (source[at] === '\r' && source[at + 1] === '\n') at++
    if (source[at] === '\n' && (wanted === '\n' || wanted === ' ')) {
      offsets.push(at)
      at = enter(at + 1)
      // A folded paragraph break: one more line end in the source than in the value.
      const next = value[index + 1]
      while (next !== undefined && next !== '\n' && /^\r?\n/.test(source.slice(at, at + 2))) {
        at = enter(source.indexOf('\n', at) + 1)
      }
    } else if (source[at] === wanted || at >= source.length) {
      offsets.push(Math.min(at, source.length))
      at++
    } else {
      return undefined
    }
  }
  return offsets
}

function skipBlank(source: string, at: number): number {
  let next = at
  while (source[next] === ' ' || source[next] === '\t') next++
  return next
}

function foldEnd(source: string, at: number): number {
  let next = at
  while (/[ \t\r\n]/.test(source[next] ?? '')) next++
  return next
}
