import { createHash, getHashes } from 'node:crypto'
import { stringify } from 'yaml'
import { Source } from '../../base/span.ts'
import { toPlain } from '../plain.ts'
import { parseYaml } from '../yaml.ts'
import { define, WrongArgument } from './function.ts'
import { asText } from './text.ts'

/** JSON with every key, lists and maps spread over lines when `indent` is given. */
const json = (value: unknown, indent?: number) => JSON.stringify(value, null, indent) ?? 'null'

function b64decode(value: string): string {
  const text = value.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text))
    throw new WrongArgument('b64decode: this is no base64', undefined, 'Base64 has letters, digits, + / and = only.')
  return Buffer.from(text, 'base64').toString('utf8')
}

/** One string per hash asked for; the algorithm must be one Node knows. */
function hash(value: string, algorithm = 'sha256'): string {
  const name = algorithm.toLowerCase().replace('-', '')
  if (!getHashes().includes(name))
    throw new WrongArgument(
      `hash knows no algorithm ${algorithm}`,
      undefined,
      'Usual ones are sha256, sha512, sha1, md5.',
    )
  return createHash(name).update(value).digest('hex')
}

export const encoding = [
  define('toJson(value: any, indent?: number)', {
    doc: 'As JSON on one line, or over lines with so many spaces.',
    example: ["toJson({'a': [1, true]})", '{"a":[1,true]}'],
    aliases: ['to_json'],
    fn: json,
  }),
  define('toNiceJson(value: any)', {
    doc: 'As JSON over several lines, 4 spaces deep, keys in order.',
    example: ["toNiceJson({'b': 1, 'a': 2})", '{\n    "a": 2,\n    "b": 1\n}'],
    aliases: ['to_nice_json'],
    fn: (value: unknown) => json(sorted(value), 4),
  }),
  define('toYaml(value: any, indent?: number)', {
    doc: 'As YAML without a line end at the end; nested parts 2 spaces deep unless given.',
    example: ["toYaml({'a': ['x', 1]})", 'a:\n  - x\n  - 1'],
    aliases: ['to_yaml', 'toNiceYaml', 'to_nice_yaml'],
    fn: (value: unknown, indent = 2) =>
      stringify(value, { indent, lineWidth: 0, version: '1.1', aliasDuplicateObjects: false }).replace(/\n$/, ''),
  }),
  define('fromJson(value: text)', {
    doc: 'The data that a JSON text holds.',
    example: ["fromJson('[1]')", [1]],
    aliases: ['from_json'],
    fn: (value: string) => {
      try {
        return JSON.parse(value)
      } catch (error) {
        throw new WrongArgument(
          `fromJson: this is no JSON: ${(error as Error).message}`,
          undefined,
          'Look at the text: is it complete, and is nothing printed before it?',
        )
      }
    },
  }),
  define('fromYaml(value: text)', {
    doc: 'The data that a YAML text holds.',
    example: ["fromYaml('a: [1]')", { a: [1] }],
    aliases: ['from_yaml'],
    fn: (value: string) => {
      const { root, problems } = parseYaml(new Source('fromYaml', value))
      const [problem] = problems
      if (problem) {
        const { line } = problem.spans[0]!.source.position(problem.spans[0]!.start)
        throw new WrongArgument(`fromYaml: line ${line} is no YAML: ${problem.message}`, undefined, problem.hint)
      }
      return root ? toPlain(root) : null
    },
  }),
  define('b64encode(value: text)', {
    doc: 'In base64.',
    example: ["b64encode('abc')", 'YWJj'],
    fn: (value: string) => Buffer.from(value, 'utf8').toString('base64'),
  }),
  define('b64decode(value: text)', {
    doc: 'The text that base64 holds.',
    example: ["b64decode('YWJj')", 'abc'],
    fn: b64decode,
  }),
  define('hash(value: text, algorithm?: text)', {
    doc: 'The digest in hexadecimal; sha256 unless given.',
    example: ["hash('')", 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    aliases: ['checksum'],
    fn: hash,
  }),
  define('string(value: any)', { doc: 'As text; lists and maps as JSON.', example: ['string(5)', '5'], fn: asText }),
  define('env(name: text, fallback?: text)', {
    doc: "A variable of tsplay's own environment, on the controller; empty, or the fallback, when it is not set.",
    example: ["env('TSPLAY_NO_SUCH_NAME', 'x')", 'x'],
    fn: (name: string, fallback = '') => process.env[name] ?? fallback,
  }),
]

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  )
}
