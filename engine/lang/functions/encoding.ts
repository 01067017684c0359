import { Source } from '../../base/span.ts'
import { toPlain } from '../plain.ts'
import { parseYaml } from '../yaml.ts'
import { define, WrongArgument } from './function.ts'
import { jsonText } from './python-text.ts'
import { asText } from './text.ts'
import { yamlText } from './yaml-writer.ts'

const labels = new Set([
  'utf-8',
  'utf8',
  'utf-16-le',
  'utf-16le',
  'utf16le',
  'latin-1',
  'latin1',
  'iso-8859-1',
  'ascii',
])

/** Node's name of one of Python's text encodings. */
function charset(name: string): BufferEncoding {
  const lower = name.toLowerCase()
  if (!labels.has(lower))
    throw new WrongArgument(`there is no encoding ${name}`, undefined, 'Known are utf-8, utf-16-le, latin-1 and ascii.')
  return lower.includes('16') ? 'utf16le' : lower.includes('8859') || lower.includes('latin') ? 'latin1' : 'utf8'
}

function b64decode(value: string, encoding = 'utf-8'): string {
  const text = value.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
    throw new WrongArgument(
      'b64decode: this is no base64',
      undefined,
      'Base64 has letters, digits, + and /, and = at its end to make groups of four.',
    )
  return Buffer.from(text, 'base64').toString(charset(encoding))
}

function documents(name: string, value: string): unknown[] {
  const { documents: found, problems } = parseYaml(new Source(name, value))
  const [problem] = problems
  if (problem) {
    const { line } = problem.spans[0]!.source.position(problem.spans[0]!.start)
    throw new WrongArgument(`${name}: line ${line} is no YAML: ${problem.message}`, undefined, problem.hint)
  }
  return found.map(toPlain)
}

export const encoding = [
  define('to_json(value: any, indent?: number, sort_keys?: bool, ensure_ascii?: bool)', {
    doc: 'As JSON on one line, or over lines with so many spaces; letters beyond ASCII escaped unless ensure_ascii is false.',
    example: ["to_json({'a': [1, true]})", '{"a": [1, true]}'],
    filter: 'to_json tojson',
    fn: (value: unknown, indent?: number | null, sortKeys?: boolean, ascii?: boolean) =>
      jsonText(value, { indent: indent ?? undefined, sortKeys, ...(ascii === undefined ? {} : { ascii }) }),
  }),
  define('to_nice_json(value: any, indent?: number, sort_keys?: bool, ensure_ascii?: bool)', {
    doc: 'As JSON over several lines, 4 spaces deep, keys in order.',
    example: ["to_nice_json({'b': 1, 'a': 2})", '{\n    "a": 2,\n    "b": 1\n}'],
    filter: 'to_nice_json',
    fn: (value: unknown, indent = 4, sortKeys = true, ascii = true) => jsonText(value, { indent, sortKeys, ascii }),
  }),
  define('to_yaml(value: any, indent?: number, width?: number, sort_keys?: bool, default_flow_style?: bool)', {
    doc: 'As YAML that ends with a line end, lists and maps of mere scalars on one line; keys in order unless sort_keys is false.',
    example: ["to_yaml({'b': [1, 'x'], 'a': 1})", 'a: 1\nb: [1, x]\n'],
    filter: 'to_yaml',
    fn: (value: unknown, indent = 2, width = 80, sortKeys = true, flow?: boolean | null) =>
      yamlText(value, { indent, width, sortKeys, flow: flow ?? undefined }),
  }),
  define('to_nice_yaml(value: any, indent?: number, width?: number, sort_keys?: bool)', {
    doc: 'As YAML that ends with a line end, one item a line, nested maps 4 spaces deep unless given; keys in order unless sort_keys is false.',
    example: ["to_nice_yaml({'b': {'x': 1}, 'a': ['y']})", 'a:\n- y\nb:\n    x: 1\n'],
    filter: 'to_nice_yaml',
    fn: (value: unknown, indent = 4, width = 80, sortKeys = true) =>
      yamlText(value, { indent: indent > 1 && indent < 10 ? indent : 2, width, sortKeys, flow: false }),
  }),
  define('from_json(value: text)', {
    doc: 'The data that a JSON text holds.',
    example: ["from_json('[1]')", [1]],
    filter: 'from_json',
    fn: (value: string) => {
      try {
        return JSON.parse(value)
      } catch (error) {
        throw new WrongArgument(
          `from_json: this is no JSON: ${(error as Error).message}`,
          undefined,
          'Look at the text: is it complete, and is nothing printed before it?',
        )
      }
    },
  }),
  define('from_yaml(value: any)', {
    doc: 'The data that a YAML text holds; what is no text stays as it is.',
    example: ["from_yaml('a: [1]')", { a: [1] }],
    filter: 'from_yaml',
    fn: (value: unknown) => {
      if (typeof value !== 'string') return value
      const [first = null, ...more] = documents('from_yaml', value)
      if (more.length > 0)
        throw new WrongArgument('from_yaml: the text has several documents', undefined, 'from_yaml_all reads them all.')
      return first
    },
  }),
  define('from_yaml_all(value: any)', {
    doc: 'A list of the data of every document of a YAML text.',
    example: ['from_yaml_all(text)', [1, 2], { text: '--- 1\n--- 2\n' }],
    filter: 'from_yaml_all',
    fn: (value: unknown) => (typeof value === 'string' ? documents('from_yaml_all', value) : value),
  }),
  define('b64encode(value: text, encoding?: text)', {
    doc: 'In base64; the encoding of the text is utf-8 unless given.',
    example: ["b64encode('abc')", 'YWJj'],
    filter: 'b64encode',
    fn: (value: string, encoding = 'utf-8') => Buffer.from(value, charset(encoding)).toString('base64'),
  }),
  define('b64decode(value: text, encoding?: text)', {
    doc: 'The text that base64 holds.',
    example: ["b64decode('YWJj')", 'abc'],
    filter: 'b64decode',
    fn: b64decode,
  }),
  define('bytes(value: text)', {
    doc: 'The bytes of a text, in UTF-8: their number is its size.',
    example: ["length(bytes('é'))", 2],
    fn: (value: string) => new TextEncoder().encode(value),
  }),
  define('urlencode(value: any)', {
    doc: 'Encoded for a URL, / left as it is; a map becomes a query.',
    example: ["urlencode('a b&c/d')", 'a%20b%26c/d'],
    filter: 'urlencode',
    fn: (value: unknown) => {
      if (typeof value !== 'object' || value === null) return urlText(asText(value)).replaceAll('%2F', '/')
      const pairs = Array.isArray(value) ? (value as unknown[][]) : Object.entries(value)
      return pairs.map((pair) => pair.map((part) => urlText(asText(part)).replaceAll('%20', '+')).join('=')).join('&')
    },
  }),
  define('urldecode(value: text)', {
    doc: 'The text that a piece of a URL stands for.',
    example: ["urldecode('a+b%26c')", 'a b&c'],
    filter: 'urldecode',
    fn: (value: string) =>
      value
        .replaceAll('+', ' ')
        .replace(/(?:%[0-9a-f]{2})+/gi, (found) => Buffer.from(found.replaceAll('%', ''), 'hex').toString('utf8')),
  }),
]

/** Every character but letters, digits and _.-~ as %XX. */
const urlText = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
