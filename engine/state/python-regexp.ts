import { Problem } from '../base/problem.ts'
import { patternMistake } from './pattern-mistake.ts'

/** Bytes of a text as one character each, so that patterns see bytes, as Ansible's do. */
export const bytewise = (text: string | Buffer): string =>
  (Buffer.isBuffer(text) ? text : Buffer.from(text)).toString('latin1')

/** Back to bytes. */
export const unbytewise = (text: string): Buffer => Buffer.from(text, 'latin1')

const SPACE = ' \\t\\n\\r\\f\\v'

export interface PythonRegExpOptions {
  /** Flags it has beside its own: i, m, s, and g to find all. */
  readonly flags?: string
  /** For texts as they are, not bytewise. */
  readonly text?: boolean
  /** Like Python's `match`: what it finds begins where it is looked for. */
  readonly atStart?: boolean
}

/**
 * A pattern as Python's `re` reads it, for bytewise texts by default. What JavaScript cannot say (conditions, atomic
 * groups, flags inside a pattern) is refused. Throws bad-parameter.
 */
export function pythonRegExp(pattern: string, parameter: string, options: PythonRegExpOptions = {}): RegExp {
  const mistake = patternMistake(pattern)
  if (mistake) throw refused(pattern, parameter, mistake.what)
  let source = options.text ? pattern : bytewise(pattern)
  let flags = `${options.flags ?? ''}${options.atStart ? 'y' : ''}`
  const inline = /^\(\?([aiLmsux]+)\)/.exec(source)
  if (inline) {
    flags = [...new Set(`${flags}${inline[1]!}`)].filter((flag) => 'dgimsy'.includes(flag)).join('')
    source = source.slice(inline[0].length)
  }
  if (options.atStart) source = `(?:${source})`
  try {
    return new RegExp(translate(source, flags), flags)
  } catch (thrown) {
    throw refused(pattern, parameter, (thrown as Error).message.replace(/^.*: /, ''))
  }
}

function refused(pattern: string, parameter: string, why: string): Problem {
  return new Problem('bad-parameter', `"${parameter}" is not a pattern that can be used: ${pattern} (${why})`, {
    hint: 'Patterns are those of Python and Ansible, but for conditions, atomic groups, and flags inside the pattern.',
  })
}

function translate(source: string, flags: string): string {
  let out = ''
  let inClass = false
  for (let at = 0; at < source.length; at++) {
    const sign = source[at]!
    const rest = source.slice(at)
    if (sign === '\\') {
      const next = source[++at] ?? ''
      if (next === 's') out += inClass ? SPACE : `[${SPACE}]`
      else if (next === 'S' && !inClass) out += `[^${SPACE}]`
      else if (next === 'A' && !inClass) out += flags.includes('m') ? '(?<![\\s\\S])' : '^'
      else if (next === 'Z' && !inClass) out += '(?![\\s\\S])'
      else if (next === 'a') out += '\\x07'
      // An escaped sign that JavaScript would take for something else with no meaning in Python.
      else if (/[ckpP]/.test(next)) out += next
      else out += `\\${next}`
    } else if (inClass) {
      out += sign === '[' ? '\\[' : sign
      if (sign === ']') inClass = false
    } else if (sign === '[') {
      inClass = true
      const head = /^\[\^?/.exec(rest)![0]
      out += head
      at += head.length - 1
      // A bracket right at the start stands for itself.
      if (source[at + 1] === ']') {
        out += '\\]'
        at++
      }
    } else if (rest.startsWith('(?P<')) {
      out += '(?<'
      at += 3
    } else if (rest.startsWith('(?P=')) {
      const end = source.indexOf(')', at)
      out += `\\k<${source.slice(at + 4, end)}>`
      at = end
    } else if (rest.startsWith('(?#')) at = source.indexOf(')', at)
    else if (rest.startsWith('{,')) {
      out += '{0,'
      at++
    } else if (sign === '.') out += flags.includes('s') ? '[\\s\\S]' : '[^\\n]'
    // Python's $ also stands before a last line end.
    else if (sign === '$') out += flags.includes('m') ? '(?=\\n|(?![\\s\\S]))' : '(?=\\n?(?![\\s\\S]))'
    else if (sign === '^') out += flags.includes('m') ? '(?<=\\n|(?<![\\s\\S]))' : '^'
    else out += sign
  }
  return out
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }

/** Fills `\1`, `\g<1>` and `\g<name>` of `parameter`'s text with what a match caught. Throws bad-parameter. */
export function expandMatch(template: string, match: RegExpMatchArray, parameter = 'line'): string {
  const group = (name: string): string => {
    const value = /^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]
    const known = /^\d+$/.test(name) ? Number(name) < match.length : match.groups !== undefined && name in match.groups
    if (!known)
      throw new Problem(
        'bad-parameter',
        `"${parameter}" refers to the group ${name}, which "regexp" does not have: ${template}`,
      )
    return value ?? ''
  }
  return template.replace(/\\(?:g<(\w+)>|([1-9]\d?)|(0[0-7]{0,2})|([\s\S]))/g, (whole, named, number, octal, sign) => {
    if (named !== undefined) return group(named)
    if (number !== undefined) return group(number)
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    if (sign in ESCAPES) return ESCAPES[sign]!
    if (/[A-Za-z]/.test(sign))
      throw new Problem(
        'bad-parameter',
        `"${parameter}" holds ${whole}, which means nothing there; write \\\\ for a backslash.`,
      )
    return whole
  })
}
