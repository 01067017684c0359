/** What is wrong with a pattern of Python's, at which characters of it. */
export interface PatternMistake {
  readonly what: string
  readonly start: number
  readonly end: number
}

/** What `\` may stand before among the letters, outside of `[…]`. */
const LETTERS = 'AbBdDsSwWZafnrtvxuUN'

/** undefined: Python would take it, and so can JavaScript, as far as can be seen here. */
export function patternMistake(pattern: string): PatternMistake | undefined {
  const open: number[] = []
  const names = new Set<string>()
  let groups = 0
  /** Whether something stands before that can be repeated: nothing, something, or a repetition. */
  let before: 'nothing' | 'something' | 'repetition' = 'nothing'
  const mistake = (what: string, start: number, end = start + 1): PatternMistake => ({ what, start, end })
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at]!
    const rest = pattern.slice(at)
    if (sign === '\\') {
      const wrong = escapeMistake(pattern, at, groups)
      if (wrong) return wrong
      before = /^\\[AbBZ]/.test(rest) ? 'nothing' : 'something'
      at += /^\\[1-9]\d?/.exec(rest)?.[0].length ?? 2
      at--
    } else if (sign === '[') {
      const end = classEnd(pattern, at)
      if (end === undefined) return mistake('the [ is not closed', at)
      const range = rangeMistake(pattern, at, end)
      if (range) return range
      at = end
      before = 'something'
    } else if (rest.startsWith('(?#')) {
      const end = pattern.indexOf(')', at)
      if (end < 0) return mistake('the comment is not closed', at, at + 3)
      at = end
    } else if (sign === '(') {
      const head =
        /^\(\?(?:P?<(?![=!])([^>)]*)(>?)|P=([^)]*)(\)?)|<?[=!]|:|[aiLmsux]+(?:-[imsx]+)?[:)]|-[imsx]+:)/.exec(rest)
      if (rest.startsWith('(?') && !head) return mistake('groups that begin so are not supported', at, at + 3)
      if (head?.[1] !== undefined) {
        const start = at + head[0].indexOf('<') + 1
        if (head[2] === '' || !/^[A-Za-z_]\w*$/.test(head[1]))
          return mistake('a group needs a name of letters, digits and _', start, start + Math.max(1, head[1].length))
        if (names.has(head[1])) return mistake('another group has this name', start, start + head[1].length)
        names.add(head[1])
      }
      if (head?.[3] !== undefined) {
        if (!names.has(head[3]) || head[4] === '')
          return mistake('there is no group of this name before', at + 4, at + 4 + Math.max(1, head[3].length))
        at += head[0].length - 1
        before = 'something'
        continue
      }
      const flags = /^\(\?[^:<=!P]/.test(rest)
      if (flags && (at > 0 || head![0].endsWith(':') || head![0].includes('-')))
        return mistake('flags are supported at the start only, and for the whole', at, at + head![0].length)
      if (flags && head![0].includes('x'))
        return mistake('the flag x (verbose) is not supported', at, at + head![0].length)
      at += (head?.[0].length ?? 1) - 1
      before = 'nothing'
      if (flags) continue
      if (!head || head[1] !== undefined) groups++
      open.push(at - (head?.[0].length ?? 1) + 1)
    } else if (sign === ')') {
      if (open.pop() === undefined) return mistake('no ( belongs to the )', at)
      before = 'something'
    } else if (sign === '|') before = 'nothing'
    else if ('*+?'.includes(sign) || /^\{(?:\d+(?:,\d*)?|,\d*)\}/.test(rest)) {
      const [whole, least, most] = /^\{(\d*)(?:,(\d*))?\}/.exec(rest) ?? [sign]
      if (before === 'nothing')
        return mistake(`nothing stands before ${whole} that could be repeated`, at, at + whole.length)
      if (before === 'repetition') return mistake(`${whole} repeats what is repeated already`, at, at + whole.length)
      if (least && most && Number(least) > Number(most))
        return mistake('the least is more than the most', at, at + whole.length)
      at += whole.length - 1
      if (pattern[at + 1] === '?') at++
      else if (pattern[at + 1] === '+') return mistake('repetitions that give nothing back are not supported', at + 1)
      before = 'repetition'
    } else before = '^$'.includes(sign) ? 'nothing' : 'something'
  }
  const left = open.pop()
  return left === undefined ? undefined : mistake('the ( is not closed', left)
}

function escapeMistake(pattern: string, at: number, groups: number): PatternMistake | undefined {
  const next = pattern[at + 1]
  const mistake = (what: string, length: number) => ({ what, start: at, end: at + length })
  if (next === undefined) return mistake('a \\ at the end stands before nothing', 1)
  const number = /^[1-9]\d?/.exec(pattern.slice(at + 1))?.[0]
  if (number !== undefined && !/^[0-3][0-7]{2}/.test(pattern.slice(at + 1)) && Number(number) > groups)
    return mistake(`there is no group ${number} before`, 1 + number.length)
  const digits = { x: 2, u: 4 }[next]
  if (digits !== undefined && !new RegExp(`^[0-9a-fA-F]{${digits}}`).test(pattern.slice(at + 2)))
    return mistake(`\\${next} needs ${digits} hexadecimal digits`, 2)
  if (/[A-Za-z]/.test(next) && !LETTERS.includes(next)) return mistake(`\\${next} means nothing`, 2)
  return undefined
}

/** Where the bracket that ends a class is. */
function classEnd(pattern: string, start: number): number | undefined {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1)
  // Right at the start it stands for itself.
  if (pattern[at] === ']') at++
  for (; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === ']') return at
  }
  return undefined
}

/** `[z-a]`; ends that are escaped are taken for right. */
function rangeMistake(pattern: string, start: number, end: number): PatternMistake | undefined {
  for (let at = start + (pattern[start + 1] === '^' ? 2 : 1); at + 2 < end; at++) {
    if (pattern[at] === '\\') {
      at += pattern[at + 2] === '-' ? 3 : 1
      continue
    }
    if (pattern[at + 1] !== '-' || pattern[at + 2] === '\\') continue
    if (pattern.charCodeAt(at) > pattern.charCodeAt(at + 2))
      return { what: 'the range ends before it begins', start: at, end: at + 3 }
    at += 2
  }
  return undefined
}
