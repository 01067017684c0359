// `npm run docs` writes what of docs/ is made from the code; a spec asks that what is there is what would be written.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Audience, codes } from '../../engine/base/codes.ts'
import { type Bearer, keywords, loopWords } from '../../engine/book/keywords.ts'
import { helperDocs } from '../../engine/lang/functions/table.ts'
import { moduleMarkdown, tableRow } from '../../engine/module/reference.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'

export const docs = fileURLToPath(new URL('../../docs/', import.meta.url))
const made = 'Made from the code by `npm run docs`; do not edit.'

/** The texts of the files below docs/ that are made from the code, by path. */
export async function generatedDocs(): Promise<Map<string, string>> {
  const language = readFileSync(join(docs, 'language.md'), 'utf8')
  return new Map([
    ...(await modulePages()),
    ['functions.md', functionsPage()],
    ['errors.md', errorsPage()],
    ['language.md', filled(language, 'keywords', keywordTable())],
  ])
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
    'In templates, arguments may be named: `{{join list separator=", "}}`. Every example here is run by the specs.',
  )
  let group = ''
  for (const entry of helperDocs()) {
    if (entry.group !== group) {
      group = entry.group
      lines.push('', `## ${group}`, '', '| function | what it gives | example |', '|---|---|---|')
    }
    const also = entry.aliases.length > 0 ? ` Also called ${entry.aliases.map(code).join(', ')}.` : ''
    const example = `${code(entry.example)} gives ${code(JSON.stringify(entry.gives))}`
    lines.push(tableRow(code(entry.signature), `${entry.doc}${also}`, example))
  }
  return `${lines.join('\n')}\n`
}

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
  for (const [name, entry] of Object.entries(codes)) {
    lines.push(tableRow(`\`${name}\``, entry.meaning, audiences[entry.audience], String(entry.exit)))
  }
  return `${lines.join('\n')}\n`
}

const bearers: readonly Bearer[] = ['play', 'role', 'block', 'task', 'handler', 'include']

function keywordTable(): string {
  const lines = [tableRow('keyword', 'value', ...bearers), `|---|---|${bearers.map(() => ':-:|').join('')}`]
  for (const [name, keyword] of Object.entries(keywords)) {
    const marks = bearers.map((bearer) => (keyword.on.includes(bearer) ? '×' : ''))
    lines.push(tableRow(`\`${name}\``, `${forms[keyword.form]}${keyword.fixed ? ', not computed' : ''}`, ...marks))
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
  if (start < 0 || end < start) throw new Error(`docs/language.md lacks the marks ${open} and ${close}`)
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
