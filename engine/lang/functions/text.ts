import { equal } from './equal.ts'
import { define, isMap, WrongArgument } from './function.ts'
import { bounded, pattern } from './regex.ts'

/** One word of a POSIX shell command, quoted when it must be. */
function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

export const text = [
  define('join(list: list, separator?: text)', {
    doc: 'The items as one text, with the separator between them (none unless given).',
    example: ["join(['a', 'b'], ', ')", 'a, b'],
    fn: (list: unknown[], separator = '') => list.map(asText).join(separator),
  }),
  define('lower(value: text)', {
    doc: 'In lower case.',
    example: ["lower('ABC')", 'abc'],
    aliases: ['lowerAscii'],
    fn: (value: string) => value.toLowerCase(),
  }),
  define('upper(value: text)', {
    doc: 'In upper case.',
    example: ["upper('abc')", 'ABC'],
    aliases: ['upperAscii'],
    fn: (value: string) => value.toUpperCase(),
  }),
  define('capitalize(value: text)', {
    doc: 'First letter upper, the rest lower case.',
    example: ["capitalize('abC')", 'Abc'],
    fn: (value: string) => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase(),
  }),
  define('trim(value: text)', {
    doc: 'Without white space at both ends.',
    example: ["trim(' a ')", 'a'],
    fn: (value: string) => value.trim(),
  }),
  define('indent(value: text, width?: number, first?: bool)', {
    doc: 'Every line but the first (with first: that too) indented by so many spaces, 4 unless given; empty lines are left empty.',
    example: ["indent('a\\nb', 2)", 'a\n  b'],
    fn: (value: string, width = 4, first = false) =>
      value
        .split('\n')
        .map((line, index) => (line === '' || (index === 0 && !first) ? line : ' '.repeat(width) + line))
        .join('\n'),
  }),
  define('replace(value: text, from: text, to: text)', {
    doc: 'With every occurrence of a text replaced by another.',
    example: ["replace('a.b.c', '.', '-')", 'a-b-c'],
    fn: (value: string, from: string, to: string) => value.replaceAll(from, () => to),
  }),
  define('regexReplace(value: text, pattern: text, to: text)', {
    doc: 'With every match of a regular expression replaced; $1 or \\\\1 stand for groups.',
    example: ["regexReplace('k8s-1', '-([0-9]+)$', '/$1')", 'k8s/1'],
    aliases: ['regex_replace'],
    fn: (value: string, regex: string, to: string) => {
      const expression = pattern(regex, 'g')
      return bounded(expression, value, () => value.replace(expression, to.replace(/\\(\d)/g, '$$$1')))
    },
  }),
  define('regexSearch(value: text, pattern: text)', {
    doc: 'The first match of a regular expression, or a list of its groups when it has some; null when nothing matches.',
    example: ["regexSearch('etcd 3.4.13', '([0-9]+)[.]([0-9]+)')", ['3', '4']],
    aliases: ['regex_search'],
    fn: (value: string, regex: string) => {
      const expression = pattern(regex)
      const found = bounded(expression, value, () => expression.exec(value))
      if (!found) return null
      return found.length > 1 ? found.slice(1).map((group) => group ?? null) : found[0]
    },
  }),
  define('regexFindall(value: text, pattern: text)', {
    doc: 'Every match of a regular expression.',
    example: ["regexFindall('a1b22', '[0-9]+')", ['1', '22']],
    aliases: ['regex_findall'],
    fn: (value: string, regex: string) => {
      const expression = pattern(regex, 'g')
      return bounded(expression, value, () =>
        [...value.matchAll(expression)].map((found) => (found.length > 2 ? found.slice(1) : (found[1] ?? found[0]))),
      )
    },
  }),
  define('matches(value: text, pattern: text)', {
    doc: 'Whether a regular expression matches anywhere in the text; anchor it with ^ and $.',
    example: ["matches('node-1', '^node-[0-9]+$')", true],
    fn: (value: string, regex: string) => {
      const expression = pattern(regex)
      return bounded(expression, value, () => expression.test(value))
    },
  }),
  define('split(value: text, separator?: text)', {
    doc: 'The parts between a separator; without one, the words.',
    example: ["split('a,b', ',')", ['a', 'b']],
    fn: (value: string, separator?: string) =>
      separator === undefined ? value.split(/\s+/).filter((word) => word !== '') : value.split(separator),
  }),
  define('lines(value: text)', {
    doc: 'The lines of a text, without their ends.',
    example: ["lines('a\\nb\\n')", ['a', 'b']],
    aliases: ['splitlines'],
    fn: (value: string) => value.replace(/\r?\n$/, '').split(/\r?\n/),
  }),
  define('startsWith(value: text, prefix: text)', {
    doc: 'Whether it begins with a text.',
    example: ["startsWith('k8s-1', 'k8s')", true],
    fn: (value: string, prefix: string) => value.startsWith(prefix),
  }),
  define('endsWith(value: text, suffix: text)', {
    doc: 'Whether it ends with a text.',
    example: ["endsWith('a.pem', '.pem')", true],
    fn: (value: string, suffix: string) => value.endsWith(suffix),
  }),
  define('contains(value: list|map|text, part: any)', {
    doc: 'Whether a text has a part, a list an item, a map a key.',
    example: ['contains([1, 2], 2)', true],
    acceptsUnknown: 'inside',
    fn: (value: unknown, part: unknown) => {
      if (Array.isArray(value)) return value.some((item) => equal(item, part))
      if (isMap(value)) return Object.hasOwn(value, String(part))
      return String(value).includes(String(part))
    },
  }),
  define('quote(value: text)', {
    doc: 'As one word of a shell command.',
    example: ['quote("it\'s")', "'it'\\''s'"],
    fn: quote,
  }),
  define('comment(value: text, mark?: text)', {
    doc: 'Every line behind a comment mark, "# " unless given.',
    example: ["comment('a\\nb')", '# a\n# b'],
    fn: (value: string, mark = '# ') =>
      value
        .split('\n')
        .map((line) => (mark + line).trimEnd())
        .join('\n'),
  }),
  define('truncate(value: text, length: number)', {
    doc: 'At most so many characters, "..." for what is cut.',
    example: ["truncate('abcdefgh', 6)", 'abc...'],
    fn: (value: string, length: number) =>
      value.length <= length ? value : `${value.slice(0, Math.max(0, length - 3))}...`,
  }),
  define('urlencode(value: text)', {
    doc: 'Encoded for a URL.',
    example: ["urlencode('a b&c')", 'a%20b%26c'],
    fn: (value: string) => encodeURIComponent(value),
  }),
  define('format(template: text, ...values: any)', {
    doc: 'printf: %s, %d, %05d, %x, %.2f, %-10s, %%.',
    example: ["format('%s-%02d', 'node', 7)", 'node-07'],
    fn: (template: string, ...values: unknown[]) => format(template, values),
  }),
]

/** A value as text inside a template: null is empty, lists and maps are JSON. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

function format(template: string, values: unknown[]): string {
  let next = 0
  const done = template.replace(
    /%(%|([-+0 ]*)(\d+)?(?:\.(\d+))?([sdxXof]))/g,
    (whole, percent, flags, width, precision, kind) => {
      if (percent === '%') return '%'
      if (next >= values.length)
        throw new WrongArgument(`format has no value for ${whole}`, undefined, 'Give a value for each % in the text.')
      const value = values[next++]
      let made = kind === 's' ? asText(value) : number(value, whole, kind, precision)
      if (kind === 's' && precision !== undefined) made = made.slice(0, Number(precision))
      if (kind !== 's' && flags.includes('+') && !made.startsWith('-')) made = `+${made}`
      if (width === undefined) return made
      if (flags.includes('-')) return made.padEnd(Number(width))
      if (flags.includes('0') && kind !== 's') {
        const sign = /^[-+]/.exec(made)?.[0] ?? ''
        return sign + made.slice(sign.length).padStart(Number(width) - sign.length, '0')
      }
      return made.padStart(Number(width))
    },
  )
  if (next < values.length)
    throw new WrongArgument('format has more values than % in its text', undefined, 'Remove a value, or add a %s.')
  return done
}

function number(value: unknown, whole: string, kind: string, precision: string | undefined): string {
  const parsed = typeof value === 'number' ? value : Number(value)
  if (!Number.isFinite(parsed) || value === '' || value === null) {
    throw new WrongArgument(`format needs a number for ${whole}`, undefined, 'Use %s for texts.')
  }
  if (kind === 'f') return parsed.toFixed(precision === undefined ? 6 : Number(precision))
  const whole10 = Math.trunc(parsed)
  if (kind === 'x') return whole10.toString(16)
  if (kind === 'X') return whole10.toString(16).toUpperCase()
  return kind === 'o' ? whole10.toString(8) : String(whole10)
}
