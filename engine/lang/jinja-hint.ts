export interface JinjaHint {
  readonly start: number
  readonly end: number
  readonly message: string
  readonly hint: string
}

const name = '[A-Za-z_][\\w.]*(?:\\[[^\\]]*\\])*'

/** Spellings of Jinja2 that are not CEL, and what to write instead. `$1`… are groups of the pattern. */
const habits: readonly [pattern: RegExp, instead: string][] = [
  [/\{\{\s*(.*?)\s*\}\}/, 'without braces: $1'],
  [/\{%.*%\}/, 'an expression, not a template statement: a ? b : c'],
  [new RegExp(`(${name}) is not defined`), '!defined($1)'],
  [new RegExp(`(${name}) is undefined`), '!defined($1)'],
  [new RegExp(`(${name}) is defined`), 'defined($1)'],
  [new RegExp(`(${name}) is (not )?(failed|changed|skipped|succeeded|success)\\b`), '$2$3($1)'],
  [new RegExp(`(${name}) is (not )?version\\(([^,]+), *([^)]+)\\)`), '$2versionCompare($1, $4, $3)'],
  [new RegExp(`(${name}) is (not )?(?:match|search|regex)\\(([^)]+)\\)`), '$2matches($1, $3)'],
  [new RegExp(`(${name}) is (not )?none\\b`), '$1 $2== null'],
  [
    new RegExp(`(${name}) is (not )?(string|number|mapping|iterable|sequence|boolean|integer)\\b`),
    '$2isString($1), isNumber($1), isMap($1) or isList($1)',
  ],
  [new RegExp(`(${name}) not in (${name}|\\[[^\\]]*\\])`), '!($1 in $2)'],
  [new RegExp(`(${name})\\s*\\|\\s*default\\(([^)]*)\\)`), 'default($1, $2)'],
  [new RegExp(`(${name})\\s*\\|\\s*(\\w+)\\(([^)]*)\\)`), '$2($1, $3)'],
  [new RegExp(`(${name})\\s*\\|\\s*(\\w+)`), '$2($1)'],
  [new RegExp(`(^|[\\s(])not (${name}|\\()`), '!$2'],
  [/(\S+) and (\S+)/, '$1 && $2'],
  [/(\S+) or (\S+)/, '$1 || $2'],
  [/(\S+) if (.+) else (\S+)/, '$2 ? $1 : $3'],
  [/(\S+)\s*~\s*(\S+)/, 'string($1) + string($2)'],
  [/(\S+)\s*\/\/\s*(\S+)/, '$1 / $2'],
]

/** The first Jinja2 habit in a text that CEL could not read. */
export function jinjaHint(text: string): JinjaHint | undefined {
  // What stands in quotes is text, not Jinja; its length stays so that places do.
  const bare = text.replace(
    /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g,
    (quoted) => `"${'\u0001'.repeat(Math.max(0, quoted.length - 2))}"`,
  )
  for (const [pattern, instead] of habits) {
    const found = pattern.exec(bare)
    if (!found) continue
    const lead = found[0].length - found[0].trimStart().length
    const start = found.index + lead
    const end = found.index + found[0].length
    const original = pattern.exec(text.slice(found.index)) ?? found
    const write = instead
      .replace(/\$(\d)/g, (_, digit: string) => (original[Number(digit)] ?? '').replace(/^not $/, '!').trim())
      .replace('!== null', '!= null')
      .replace(/ {2,}/g, ' ')
    return {
      start,
      end,
      message: `"${text.slice(start, end)}" is Jinja2; expressions here are CEL`,
      hint: `write ${write}`,
    }
  }
  return undefined
}
