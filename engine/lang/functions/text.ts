import { equal } from './equal.ts'
import { define, isMap, Moment, WrongArgument } from './function.ts'
import { splitLines } from './python-text.ts'

/** One word of a POSIX shell command, quoted when it must be. */
function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`
}

const escapes = /[.*+?^${}()|[\]\\]/g
const blanks = (count: number) => ' '.repeat(Math.max(0, count))
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()

export const text = [
  define('join(list: list|text, separator?: text, attribute?: text)', {
    doc: 'The items as one text, with the separator between them (none unless given).',
    example: ["join(['a', 'b'], ', ')", 'a, b'],
    filter: 'join',
    fn: (list: unknown[] | string, separator = '', attribute?: string) => {
      const items = typeof list === 'string' ? [...list] : list
      const path = attribute?.split('.') ?? []
      return items
        .map((item) => path.reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), item))
        .map(asText)
        .join(separator)
    },
  }),
  define('lower(value: text)', {
    doc: 'In lower case.',
    example: ["lower('ABC')", 'abc'],
    aliases: ['lowerAscii'],
    filter: 'lower',
    fn: (value: string) => value.toLowerCase(),
  }),
  define('upper(value: text)', {
    doc: 'In upper case.',
    example: ["upper('abc')", 'ABC'],
    aliases: ['upperAscii'],
    filter: 'upper',
    fn: (value: string) => value.toUpperCase(),
  }),
  define('capitalize(value: text)', {
    doc: 'First letter upper, the rest lower case.',
    example: ["capitalize('abC')", 'Abc'],
    filter: 'capitalize',
    fn: capital,
  }),
  define('title(value: text)', {
    doc: 'Every word with its first letter upper, the rest lower case.',
    example: ["title('the web-server')", 'The Web-Server'],
    filter: 'title',
    fn: (value: string) =>
      value
        .split(/([-\s({[<]+)/)
        .map(capital)
        .join(''),
  }),
  define('trim(value: text, characters?: text)', {
    doc: 'Without white space, or without these characters, at both ends.',
    example: ["trim(' a ')", 'a'],
    filter: 'trim',
    fn: (value: string, characters?: string) => {
      if (characters === undefined) return value.trim()
      const one = `[${characters.replace(/[\\\]^-]/g, '\\$&')}]`
      return value.replace(new RegExp(`^${one}+|${one}+$`, 'gu'), '')
    },
  }),
  define('center(value: text, width?: number)', {
    doc: 'In the middle of so many characters, 80 unless given.',
    example: ["center('ab', 6)", '  ab  '],
    filter: 'center',
    fn: (value: string, width = 80) => {
      const free = width - [...value].length
      if (free <= 0) return value
      // As Python's str.center: what does not halve goes left when the width is odd.
      const left = Math.floor(free / 2) + (free & width & 1)
      return blanks(left) + value + blanks(free - left)
    },
  }),
  define('indent(value: text, width?: number|text, first?: bool, blank?: bool)', {
    doc: 'Every line but the first (with first: that too) indented by so many spaces, 4 unless given, or by a text; empty lines only with blank.',
    example: ['indent(text, 2)', 'a\n  b', { text: 'a\nb' }],
    filter: 'indent',
    fn: (value: string, width: number | string = 4, first = false, blank = false) => {
      const margin = typeof width === 'number' ? blanks(width) : width
      const lines = splitLines(`${value}\n`)
      const rest = lines.slice(1).map((line) => (line === '' && !blank ? line : margin + line))
      return [(first ? margin : '') + (lines[0] ?? ''), ...rest].join('\n')
    },
  }),
  define('replace(value: text, from: text, to: text, count?: number)', {
    doc: 'With every occurrence of a text, or the first so many, replaced by another.',
    example: ["replace('a.b.c', '.', '-')", 'a-b-c'],
    filter: 'replace',
    fn: (value: string, from: string, to: string, count = -1) => {
      let left = count < 0 ? Number.POSITIVE_INFINITY : count
      return value.replaceAll(from, (found) => (left-- > 0 ? to : found))
    },
  }),
  define('split(value: text, separator?: text, most?: number)', {
    doc: 'The parts between a separator, cut at most so many times; without one, the words.',
    example: ["split('a,b', ',')", ['a', 'b']],
    filter: 'split',
    fn: (value: string, separator?: string | null, most = -1) => {
      if (separator === '')
        throw new WrongArgument('split: the separator is empty', undefined, 'list(x) gives the characters.')
      if (separator === undefined || separator === null) return value.split(/\s+/).filter((word) => word !== '')
      const parts = value.split(separator)
      return most < 0 || parts.length <= most ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)]
    },
  }),
  define('splitlines(value: text)', {
    doc: 'The lines of a text, without their ends.',
    example: ['splitlines(text)', ['a', 'b'], { text: 'a\nb\n' }],
    fn: splitLines,
  }),
  define('startsWith(value: text, prefix: text)', {
    doc: 'Whether it begins with a text.',
    example: ["startsWith('k8s-1', 'k8s')", true],
    aliases: ['startswith'],
    fn: (value: string, prefix: string) => value.startsWith(prefix),
  }),
  define('endsWith(value: text, suffix: text)', {
    doc: 'Whether it ends with a text.',
    example: ["endsWith('a.pem', '.pem')", true],
    aliases: ['endswith'],
    fn: (value: string, suffix: string) => value.endsWith(suffix),
  }),
  define('contains(value: list|map|text, part: any)', {
    doc: 'Whether a text has a part, a list an item, a map a key.',
    example: ['contains([1, 2], 2)', true],
    test: 'contains',
    acceptsUnknown: 'inside',
    fn: holds,
  }),
  define('in(part: any, value: list|map|text)', {
    doc: 'The same asked the other way round; in expressions it is an operator: part in value.',
    example: ['part in [1, 2]', true, { part: 2 }],
    test: 'in',
    acceptsUnknown: 'inside',
    fn: (part: unknown, value: unknown) => holds(value, part),
  }),
  define('quote(value: any)', {
    doc: 'As one word of a shell command.',
    example: ["quote('a b')", "'a b'"],
    filter: 'quote',
    fn: (value: unknown) => quote(asText(value)),
  }),
  define('regex_escape(value: text, type?: text)', {
    doc: 'With every special character of regular expressions escaped; type is python, or posix_basic.',
    example: ["regex_escape('a.b')", 'a\\.b'],
    filter: 'regex_escape',
    fn: (value: string, type = 'python') => {
      if (type === 'posix_basic') return value.replace(/[\].[^$*\\]/g, '\\$&')
      if (type !== 'python')
        throw new WrongArgument(`regex_escape knows no type ${type}`, undefined, 'Use posix_basic.')
      return value.replace(escapes, '\\$&').replace(/[-#&~ \t\n\r\v\f]/g, '\\$&')
    },
  }),
  define('charAt(value: text, index: number)', {
    doc: 'The character at an index, from 0; empty beyond the end.',
    example: ["charAt('abc', 1)", 'b'],
    fn: (value: string, index: number) => [...value][index] ?? '',
  }),
  define('wordcount(value: text)', {
    doc: 'How many words.',
    example: ["wordcount('one two')", 2],
    filter: 'wordcount',
    fn: (value: string) => value.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  }),
  define('truncate(value: text, length?: number, killwords?: bool, end?: text, leeway?: number)', {
    doc: 'At most so many characters, 255 unless given, cut between words unless killwords; a text longer by no more than the leeway, 5, is left whole.',
    example: ["truncate('the quick brown fox', 12)", 'the...'],
    filter: 'truncate',
    fn: (value: string, length = 255, killwords = false, end = '...', leeway = 5) => {
      if (value.length <= length + leeway) return value
      const cut = value.slice(0, Math.max(0, length - end.length))
      if (killwords) return cut + end
      const space = cut.lastIndexOf(' ')
      return (space < 0 ? cut : cut.slice(0, space)) + end
    },
  }),
  define('wordwrap(value: text, width?: number)', {
    doc: 'With its lines broken between words so that none is longer than the width, 79 unless given.',
    example: ["wordwrap('the quick brown', 10)", 'the quick\nbrown'],
    filter: 'wordwrap',
    fn: (value: string, width = 79) =>
      splitLines(value)
        .map((line) => wrapped(line, width))
        .join('\n'),
  }),
  define('escape(value: text)', {
    doc: 'With &, <, >, " and \' as HTML writes them.',
    example: ["escape('<a>')", '&lt;a&gt;'],
    filter: 'escape e',
    fn: (value: string) =>
      value
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll("'", '&#39;')
        .replaceAll('"', '&#34;'),
  }),
]

function holds(value: unknown, part: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => equal(item, part))
  if (isMap(value)) return Object.hasOwn(value, String(part))
  return String(value).includes(asText(part))
}

function wrapped(line: string, width: number): string {
  const lines: string[] = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1)!
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
    for (let long = lines.at(-1)!; long.length > width; long = lines.at(-1)!) {
      lines.splice(-1, 1, long.slice(0, width), long.slice(width))
    }
  }
  return lines.join('\n')
}

/** A value as text inside a template: null is empty, lists and maps are JSON. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (value instanceof Moment) return value.toJSON()
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}
