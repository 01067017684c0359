export interface JinjaHint {
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint: string
}

type Habit = readonly [pattern: RegExp, instead: (...groups: string[]) => string]

const value = '[A-Za-z_][\\w.]*(?:\\[[^\\]]*\\]|\\([^()]*\\))*'
const tests: Record<string, string> = {
  string: 'isString',
  number: 'isNumber',
  integer: 'isInt',
  boolean: 'isBool',
  mapping: 'isMap',
  iterable: 'isList',
  sequence: 'isList',
  failed: 'failed',
  changed: 'changed',
  skipped: 'skipped',
  succeeded: 'succeeded',
  success: 'succeeded',
}
const filters: Record<string, string> = {
  bool: 'bool',
  count: 'length',
  ipaddr: 'isIp',
  from_json: 'fromJson',
  to_json: 'toJson',
}
const not = (word: string | undefined) => (word ? '!' : '')
const rule = (pattern: string, instead: Habit[1]): Habit => [new RegExp(pattern, 'g'), instead]

/** Spellings of Jinja2 that are not CEL, and what to write instead; applied one after the other. */
const habits: readonly Habit[] = [
  rule(
    `(${value})\\s*\\|\\s*(\\w+)\\(([^()]*)\\)`,
    (x, filter, args) => `${filters[filter!] ?? filter}(${x}${args ? `, ${args}` : ''})`,
  ),
  rule(`(${value})\\s*\\|\\s*(\\w+)`, (x, filter) => `${filters[filter!] ?? filter}(${x})`),
  // Filters behind filters.
  rule(
    `(${value})\\s*\\|\\s*(\\w+)\\(([^()]*)\\)`,
    (x, filter, args) => `${filters[filter!] ?? filter}(${x}${args ? `, ${args}` : ''})`,
  ),
  rule(`(${value})\\s*\\|\\s*(\\w+)`, (x, filter) => `${filters[filter!] ?? filter}(${x})`),
  rule(`(${value}) is (?:not defined|undefined)\\b`, (x) => `!defined(${x})`),
  rule(`(${value}) is (?:defined|not undefined)\\b`, (x) => `defined(${x})`),
  rule(
    `(${value}) is (not )?version\\(([^,()]+), *([^()]+)\\)`,
    (x, no, other, operator) => `${not(no)}versionCompare(${x}, ${operator}, ${other})`,
  ),
  rule(
    `(${value}) is (not )?(?:match|search|regex)\\(([^()]+)\\)`,
    (x, no, pattern) => `${not(no)}matches(${x}, ${pattern})`,
  ),
  rule(`(${value}) is (not )?none\\b`, (x, no) => `${x} ${no ? '!=' : '=='} null`),
  rule(`(${value}) is (not )?(${Object.keys(tests).join('|')})\\b`, (x, no, test) => `${not(no)}${tests[test!]}(${x})`),
  rule(`(${value}|"[^"]*") not in (${value}|\\[[^\\]]*\\])`, (x, list) => `!(${x} in ${list})`),
  rule(`\\bnot (${value})(?! *(?:==|!=|<|>|in\\b))`, (x) => `!${x}`),
  rule('\\bnot \\(', () => '!('),
  rule('^(.+) if (.+) else (.+)$', (yes, condition, no) => `${condition} ? ${yes} : ${no}`),
  rule('\\s+and\\s+', () => ' && '),
  rule('\\s+or\\s+', () => ' || '),
  rule(`(\\S+)\\s*~\\s*(\\S+)`, (a, b) => `string(${a}) + string(${b})`),
  rule('(\\S)\\s*//\\s*(\\S)', (a, b) => `${a} / ${b}`),
]

/** What in a text that CEL could not read is Jinja2, and the text in CEL. */
export function jinjaHint(text: string): JinjaHint | undefined {
  const braces = /\{\{\s*(.*?)\s*\}\}/.exec(text)
  if (braces) return found(braces.index, braces[0], `without braces: ${braces[1]}`)
  const quoted: string[] = []
  // What stands in quotes is text, not Jinja2: out of the way, with its length kept, so that places stay right.
  const bare = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (part) => {
    quoted.push(part)
    return `"${String.fromCharCode(0xe000 + quoted.length - 1).repeat(part.length - 2) || ''}"`
  })
  let first: { index: number; text: string } | undefined
  let cel = bare
  for (const [pattern, instead] of habits) {
    pattern.lastIndex = 0
    const match = pattern.exec(bare)
    if (match && (!first || match.index < first.index))
      first = { index: match.index, text: text.slice(match.index, match.index + match[0].length) }
    pattern.lastIndex = 0
    cel = cel.replace(pattern, (...groups) => instead(...(groups.slice(1, -2) as string[])))
  }
  if (!first) return undefined
  const whole = cel.replace(/"(([\ue000-\uf8ff])\2*)"/g, (_, run: string) => quoted[run.charCodeAt(0) - 0xe000]!)
  return found(first.index, first.text, whole.trim().replace(/\s+/g, ' '))
}

function found(index: number, spelling: string, instead: string): JinjaHint {
  const lead = spelling.length - spelling.trimStart().length
  const word = spelling.trim()
  return {
    start: index + lead,
    end: index + lead + word.length,
    message: `"${word}" is Jinja2; expressions here are CEL`,
    hint: `write ${instead}`,
  }
}
