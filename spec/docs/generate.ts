// `npm run docs` writes what of docs/ is made from the code; a spec asks that what is there is what would be written.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Audience, type Code, codes } from '../../engine/base/codes.ts'
import { type Bearer, keywords, loopWords } from '../../engine/book/keywords.ts'
import { helperDocs } from '../../engine/lang/functions/table.ts'
import { moduleMarkdown, tableRow } from '../../engine/module/reference.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { editorSettings } from '../../engine/schema/editor-settings.ts'
import { type Performance, performancePage } from '../bench/performance-page.ts'
import { mistakes } from '../gallery/mistake.ts'

export const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const made = 'Made from the code by `npm run docs`; do not edit.'

/** The texts of the files below docs/ that are made from the code, by path. */
export async function generatedDocs(): Promise<Map<string, string>> {
  const language = readFileSync(join(docs, 'language.md'), 'utf8')
  return new Map([
    ...(await modulePages()),
    ['functions.md', functionsPage()],
    ['errors.md', errorsPage()],
    ['performance.md', performancePage(measured())],
    ['editor.md', filled(readFileSync(join(docs, 'editor.md'), 'utf8'), 'settings', settings())],
    ['language.md', filled(language, 'keywords', keywordTable())],
  ])
}

/** What the benchmark kept. */
function measured(): Performance {
  return JSON.parse(readFileSync(new URL('../bench/performance.json', import.meta.url), 'utf8')) as Performance
}

async function modulePages(): Promise<[string, string][]> {
  const registry = new ModuleRegistry()
  const pages: [string, string][] = []
  const rows: string[] = []
  for (const name of registry.files()) {
    const module = await registry.load(name, [])
    const page = moduleMarkdown(name, module)
    pages.push([`modules/${name}.md`, `${page}\n---\n${made} Source: [modules/${name}.ts](../../modules/${name}.ts)\n`])
    rows.push(tableRow(`[${name}](${name}.md)`, module.summary))
  }
  const lines = ['# Modules', '', made, '', '| module | what it does |', '|---|---|', ...rows]
  return [['modules/README.md', `${lines.join('\n')}\n`], ...pages]
}

function functionsPage(): string {
  const lines = ['# Functions', '', made, '']
  lines.push(
    'The same in templates, `{{upper name}}` or `{{default port 80}}`, and in expressions, `upper(name)` or `name.upper()`.',
    "Names and results are Ansible's: `x | f(y)` is `f(x, y)`, and `x is t(y)` is `t(x, y)`, or `is_t(x, y)` where `t` is taken;",
    'at the end stands [the whole list](#from-jinja2). Names may be written in camelCase too: `toNiceYaml`, `regexReplace`.',
    '',
    'Arguments may be named: `{{join list separator=", "}}`, in expressions `join(list, with({"separator": ", "}))`. Those behind',
    '`...` (any number) are given by name only; `**` takes every other name. A function may be an argument of another:',
    '`{{indent (to_nice_yaml settings) 2}}`. `(array a b)` and `(dict a=1)` make lists and maps in templates; expressions have',
    '`[a, b]` and `{"a": 1}`. Every example here is run by the specs, in both languages.',
  )
  let group = ''
  for (const entry of helperDocs()) {
    if (entry.group !== group) {
      group = entry.group
      const title = group.charAt(0).toUpperCase() + group.slice(1)
      lines.push(
        '',
        `## ${title}`,
        '',
        '| function | what it gives | in expressions | in templates | gives |',
        '|---|---|---|---|---|',
      )
    }
    const also = entry.aliases.length > 0 ? ` Also called ${entry.aliases.map(code).join(', ')}.` : ''
    const given = Object.entries(entry.given ?? {}).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    const gives = `${code(JSON.stringify(entry.gives))}${given.length > 0 ? `, where ${given.map(code).join(', ')}` : ''}`
    const template = entry.template === undefined ? '' : code(entry.template)
    lines.push(tableRow(code(entry.signature), `${entry.doc}${also}`, code(entry.example), template, gives))
  }
  return `${[...lines, '', ...fromJinja()].join('\n')}\n`
}

/** What Jinja2 and Ansible call it, and what it is here. */
function fromJinja(): string[] {
  const rows = helperDocs().flatMap((entry) => {
    const words = entry.signature
      .slice(entry.name.length + 1, -1)
      .split(', ')
      .map((word) => word.replace(/\??:.*$/, ''))
    const [first = 'x', ...more] = words
    const rest = more.length > 0 ? `(${more.join(', ')})` : ''
    return [
      ...entry.filters.map((name) => [name, `${first} | ${name}${rest}`, `${name}(${words.join(', ')})`] as const),
      ...entry.tests.map((name) => {
        const callable = [entry.name, ...entry.aliases].includes(name) ? name : entry.name
        return [name, `${first} is ${name}${rest}`, `${callable}(${words.join(', ')})`] as const
      }),
    ]
  })
  const sorted = rows.sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    '## From Jinja2',
    '',
    'Filters and tests, with the words they take; `lookup` and `query` have the names of *reading on the controller*.',
    '',
    '| Jinja2, Ansible | here |',
    '|---|---|',
    ...sorted.map(([, jinja, here]) => tableRow(code(jinja), code(here))),
    ...otherHabits.map(([jinja, here]) => tableRow(jinja, here)),
  ]
}

const otherHabits: readonly (readonly [string, string])[] = [
  ['`a and b`, `a or b`, `not a`', '`a && b`, `a || b`, `!a`; in templates `(and a b)`, `(or a b)`, `(not a)`'],
  ['`x if c else y`', '`c ? x : y`; in templates `{{ternary c x y}}` or `{{#if c}}x{{else}}y{{/if}}`'],
  ['`a ~ b`', '`string(a) + string(b)`; in templates `{{a}}{{b}}`'],
  ['`a // b`, `a ** b`', '`a / b` of whole numbers, `pow(a, b)`'],
  ['`x[1:3]`', '`substring(x, 1, 3)`, of lists also `sublist`'],
  [
    '`x.split(",")`, `x.startswith("a")`, `x.items()`',
    'the same: functions may be written behind their first argument',
  ],
  ['`x | json_query("[].name")`', '`x.map(i, i.name)`, and `filter`, `all`, `exists`: what CEL has'],
  [
    '`x | map(attribute="name") | list`',
    '`x.map(i, i.name)`, or `map(x, with({"attribute": "name"}))`; in templates `{{map x attribute="name"}}`',
  ],
  ['`{% if c %}…{% elif d %}…{% else %}…{% endif %}`', '`{{#if c}}…{{else if d}}…{{else}}…{{/if}}`'],
  ['`{% for i in list %}…{% endfor %}`', '`{{#each list as |i|}}…{{/each}}`'],
  ['`loop.index0`, `loop.first`, `loop.last`', '`@index`, `@first`, `@last`'],
  [
    '`{% include "a.j2" %}`, `{# comment #}`, `{% raw %}`',
    '`{{> a}}`, `{{!-- comment --}}`, `{{{{raw}}}}…{{{{/raw}}}}`',
  ],
]

/** As code in Markdown, even when the text has backquotes of its own. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

const audiences: Readonly<Record<Audience, string>> = {
  author: 'the author of the playbook, role or inventory',
  operator: 'who runs it: a host, a network, a credential',
  module: 'the author of the module',
  tsplay: 'us: please report it',
}

/** Of the gallery of mistakes (spec/gallery), those that the page shows. */
const shown = [
  'yaml/braces-unquoted',
  'yaml/indented-too-far',
  'yaml/colon-in-value',
  'task/parameter-not-indented',
  'task/unknown-parameter',
  'task/exclusive',
  'task/loop-undefined',
  'task/register-computed',
]

function errorsPage(): string {
  const lines = ['# Errors', '', made, '']
  lines.push(
    'An error shows its code in brackets, what could not be done, the place in the file when there is one, and what to do next.',
    'The exit status is the one that ends the run when the error is what ends it; when hosts fail, 2, or 4 when some could not',
    'be reached, as in the summary.',
    '',
    '| code | meaning | who must act | exit status |',
    '|---|---|---|---|',
  )
  const all = Object.entries<Code>(codes)
  for (const [name, entry] of all.filter(([, entry]) => !entry.warning)) {
    lines.push(tableRow(`\`${name}\``, entry.meaning, audiences[entry.audience], String(entry.exit)))
  }
  lines.push(
    '',
    '## Warnings',
    '',
    'What stops no run, and is most likely not meant: `tsplay validate` shows it, `tsplay validate --strict` takes it for an',
    'error, and a comment can allow it: see [validate.md](validate.md).',
    '',
    '| code | meaning | shown by |',
    '|---|---|---|',
  )
  for (const [name, entry] of all.filter(([, entry]) => entry.warning)) {
    lines.push(tableRow(`\`${name}\``, entry.meaning, entry.warning === 'run' ? 'run, validate' : 'validate'))
  }
  lines.push(
    '',
    '## What they look like',
    '',
    'Some of the mistakes people make, and what they are told. Every message of the gallery names the file, the line and the',
    'column, draws the line, and says what to do; a secret that stands in the line is covered.',
  )
  const gallery = new Map(mistakes().map((one) => [one.name, one]))
  for (const name of shown) {
    const { title, says } = gallery.get(name)!
    lines.push('', `${title.charAt(0).toUpperCase()}${title.slice(1)}:`, '', '```text', says.trimEnd(), '```')
  }
  return `${lines.join('\n')}\n`
}

function settings(): string {
  return `\`\`\`json\n${JSON.stringify(editorSettings('.tsplay/schema'), null, 2)}\n\`\`\``
}

const bearers: readonly Bearer[] = ['play', 'role', 'block', 'task', 'handler', 'include']

function keywordTable(): string {
  const lines = [
    tableRow('keyword', 'value', ...bearers, 'meaning'),
    `|---|---|${bearers.map(() => ':-:|').join('')}---|`,
  ]
  for (const [name, keyword] of Object.entries(keywords)) {
    const marks = bearers.map((bearer) => (keyword.on.includes(bearer) ? '×' : ''))
    lines.push(
      tableRow(
        `\`${name}\``,
        `${forms[keyword.form]}${keyword.fixed ? ', not computed' : ''}`,
        ...marks,
        keyword.meaning,
      ),
    )
  }
  return `${lines.join('\n')}\n\nLoops may also be written as in older playbooks: ${loopWords.map(code).join(', ')}.`
}

const forms = {
  text: 'text',
  boolean: 'true or false',
  number: 'number',
  condition: 'condition, or a list of them',
  names: 'name, or a list of them',
  map: 'map',
  maps: 'map, or a list of them',
  any: 'value',
  entries: 'list of tasks and blocks',
  percent: 'number, percentage, or a list of them',
} as const

/** A page with the part between its marks replaced. */
function filled(page: string, part: string, text: string): string {
  const [open, close] = [`<!-- ${part}: ${made} -->`, `<!-- end of ${part} -->`]
  const [start, end] = [page.indexOf(open), page.indexOf(close)]
  if (start < 0 || end < start) throw new Error(`a page lacks the marks ${open} and ${close}`)
  return `${page.slice(0, start + open.length)}\n${text}\n${page.slice(end)}`
}

async function write(): Promise<void> {
  const pages = await generatedDocs()
  for (const [path, text] of pages) {
    mkdirSync(dirname(join(docs, path)), { recursive: true })
    writeFileSync(join(docs, path), text)
  }
  for (const name of readdirSync(join(docs, 'modules'))) {
    if (!pages.has(`modules/${name}`)) rmSync(join(docs, 'modules', name))
  }
  process.stdout.write(`${pages.size} files below docs/ are as the code says.\n`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await write()
