import { define, WrongArgument } from './function.ts'
import { bounded, type PatternOptions, pattern } from './regex.ts'

function matches(value: string, regex: string, options: PatternOptions): boolean {
  const expression = pattern(regex, options)
  return bounded(expression, value, () => expression.test(value))
}

/** `\1`, `\g<1>`, `\g<name>` and the usual escapes; anything else is itself. */
function replacement(text: string): (found: RegExpMatchArray) => string {
  const parts = text.split(/(\\g<\w+>|\\\d{1,2}|\\[\s\S])/)
  return (found) =>
    parts
      .map((part) => {
        const group = /^\\(?:g<(\w+)>|(\d+))$/.exec(part)
        if (group) return groupOf(found, group[1] ?? group[2]!)
        return part.length === 2 && part.startsWith('\\') ? (escapes[part[1]!] ?? part) : part
      })
      .join('')
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', '\\': '\\' }

function groupOf(found: RegExpMatchArray, name: string): string {
  const number = /^\d+$/.test(name)
  if (number ? Number(name) >= found.length : !Object.hasOwn(found.groups ?? {}, name)) {
    throw new WrongArgument(
      `the regular expression has no group ${name}`,
      undefined,
      number ? `It has ${found.length - 1} groups.` : 'A group gets a name with (?P<name>…).',
    )
  }
  return (number ? found[Number(name)] : found.groups?.[name]) ?? ''
}

export const regularExpression = [
  define('regex_replace(value: text, pattern: text, replacement?: text, ignorecase?: bool, multiline?: bool)', {
    doc: 'With every match of a regular expression replaced; \\1 or \\g<1> stand for groups, \\g<name> for named ones.',
    example: ["regex_replace('k8s-1', '-([0-9]+)$', r'/\\1')", 'k8s/1'],
    filter: 'regex_replace',
    fn: (value: string, regex: string, to = '', ignorecase?: boolean, multiline?: boolean) => {
      const expression = pattern(regex, { ignorecase, multiline })
      const make = replacement(to)
      return bounded(expression, value, () => {
        let made = ''
        let from = 0
        for (const found of value.matchAll(expression)) {
          made += value.slice(from, found.index) + make(found)
          from = found.index + found[0].length
        }
        return made + value.slice(from)
      })
    },
  }),
  define('regex_search(value: text, pattern: text, ...groups: text, ignorecase?: bool, multiline?: bool)', {
    doc: 'The first match of a regular expression; with groups (\\1, \\g<name>), the list of them; null when nothing matches.',
    example: ["regex_search('etcd 3.4.13', r'(\\d+)\\.(\\d+)', r'\\1', r'\\2')", ['3', '4']],
    filter: 'regex_search',
    fn: (value: string, regex: string, groups: string[], ignorecase?: boolean, multiline?: boolean) => {
      const names = groups.map((group) => {
        const found = /^\\(?:g<(\S+)>|(\d+))/.exec(group)
        if (!found)
          throw new WrongArgument(
            `regex_search: a group is given as \\1 or \\g<name>, not as "${group}"`,
            undefined,
            'In expressions write r"\\1": a plain text would need two backslashes.',
          )
        return found[1] ?? found[2]!
      })
      const expression = pattern(regex, { ignorecase, multiline })
      const found = bounded(expression, value, () => expression.exec(value))
      if (!found) return null
      return names.length === 0 ? found[0] : names.map((name) => groupOrNull(found, name))
    },
  }),
  define('regex_findall(value: text, pattern: text, multiline?: bool, ignorecase?: bool)', {
    doc: 'Every match of a regular expression; of its group when it has one, lists of them when it has several.',
    example: ["regex_findall('a1b22', '[0-9]+')", ['1', '22']],
    filter: 'regex_findall',
    fn: (value: string, regex: string, multiline?: boolean, ignorecase?: boolean) => {
      const expression = pattern(regex, { ignorecase, multiline })
      return bounded(expression, value, () =>
        [...value.matchAll(expression)].map((found) => {
          const groups = found.slice(1).map((group) => group ?? '')
          return groups.length > 1 ? groups : (groups[0] ?? found[0])
        }),
      )
    },
  }),
  define('search(value: text, pattern: text, ignorecase?: bool, multiline?: bool)', {
    doc: 'Whether a regular expression matches anywhere in the text; anchor it with ^ and $.',
    example: ["search('node-1', '[0-9]+')", true],
    aliases: ['matches'],
    test: 'search regex',
    fn: (value: string, regex: string, ignorecase?: boolean, multiline?: boolean) =>
      matches(value, regex, { ignorecase, multiline }),
  }),
  define('match(value: text, pattern: text, ignorecase?: bool, multiline?: bool)', {
    doc: 'Whether a regular expression matches at the beginning of the text.',
    example: ["match('node-1', 'node')", true],
    test: 'match',
    fn: (value: string, regex: string, ignorecase?: boolean, multiline?: boolean) =>
      matches(value, regex, { ignorecase, multiline, atStart: true }),
  }),
]

function groupOrNull(found: RegExpMatchArray, name: string): string | null {
  groupOf(found, name)
  return (/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? null
}
