// Runs every example that can run on a lab host, from inside the lab's network: `examples-on-host.ts HOST [MODULE…]` prints
// a line of JSON for each. In one process, for starting one for each of some two hundred runs would take minutes.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event as RunEvent } from '../../engine/base/event.ts'
import type { Status } from '../../engine/base/result.ts'
import { main } from '../../engine/cli/commands.ts'
import { changes } from '../lab/lab.ts'
import { allExamples, bookOf, type Told } from './example-book.ts'

export interface Ran {
  readonly exit: number
  readonly statuses: readonly Status[]
  /** What went wrong, for people. */
  readonly wrong: string
}

export interface ExampleOutcome {
  readonly module: string
  readonly title: string
  readonly given?: Ran
  readonly checked: Ran
  /** Files that the dry run changed, on the host or on the controller. */
  readonly touched: readonly string[]
  readonly first: Ran
  readonly second: Ran
  /** A second run changes something again, as the example says. */
  readonly repeats: boolean
}

async function runBook(host: string, tasks: string, words: readonly string[]): Promise<Ran> {
  writeFileSync('site.yml', bookOf(tasks))
  const write = process.stdout.write
  const complain = process.stderr.write
  let said = ''
  let complaint = ''
  process.stdout.write = catching((text) => {
    said += text
  })
  process.stderr.write = catching((text) => {
    complaint += text
  })
  let exit: number
  try {
    exit = await main(['run', 'site.yml', '-i', `${host},`, '-u', 'root', '--output', 'jsonl', ...words])
  } finally {
    process.stdout.write = write
    process.stderr.write = complain
  }
  const events = said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as RunEvent)
  const results = events.filter((event) => event.event === 'result')
  const wrong = results
    .filter((result) => ['failed', 'unreachable'].includes(result.status))
    .map(
      (result) => `${result.action}: ${result.problem?.message ?? result.result.msg ?? JSON.stringify(result.result)}`,
    )
  return {
    exit,
    statuses: results.map((result) => result.status),
    wrong: [...wrong, complaint].filter(Boolean).join('\n'),
  }
}

function catching(take: (text: string) => void): typeof process.stdout.write {
  return ((text: string | Uint8Array, ...rest: unknown[]) => {
    take(typeof text === 'string' ? text : Buffer.from(text).toString())
    for (const done of rest) if (typeof done === 'function') done()
    return true
  }) as typeof process.stdout.write
}

/** Every file of the host that differs from its beginning, and every file of the controller's working folder. */
async function filesNow(host: string): Promise<Map<string, string>> {
  const files = new Map(
    (await changes(host)).map((change) => [`${host}:${change.path}`, `${change.kind} ${change.digest}`]),
  )
  for (const name of readdirSync('.', { recursive: true, encoding: 'utf8' })) {
    if (name === 'site.yml') continue
    const there = statSync(name)
    const content = there.isFile() ? createHash('sha256').update(readFileSync(name)).digest('hex') : ''
    files.set(`controller:${name}`, `${there.mode} ${content}`)
  }
  return files
}

function differing(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path))
}

async function tryOut(host: string, { module, example }: Told): Promise<ExampleOutcome> {
  const given = example.given === undefined ? undefined : await runBook(host, example.given, [])
  const before = await filesNow(host)
  const checked = await runBook(host, example.yaml, ['--check', '--diff'])
  const touched = differing(before, await filesNow(host))
  const first = await runBook(host, example.yaml, ['--verify'])
  const second = await runBook(host, example.yaml, ['--verify'])
  return {
    module,
    title: example.title,
    ...(given ? { given } : {}),
    checked,
    touched,
    first,
    second,
    repeats: example.repeats !== undefined,
  }
}

/** What an example brings to the controller: a run before this one must not have brought it already. */
const BROUGHT = '/tmp/tsplay-fetched'

const [host = '', ...modules] = process.argv.slice(2)
if (process.argv[1]?.endsWith('examples-on-host.ts')) {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-examples-'))
  process.chdir(folder)
  rmSync(BROUGHT, { recursive: true, force: true })
  try {
    for (const told of await allExamples()) {
      if (told.example.cannotRun !== undefined) continue
      if (modules.length > 0 && !modules.includes(told.module)) continue
      process.stdout.write(`${JSON.stringify(await tryOut(host, told))}\n`)
    }
  } finally {
    process.chdir(tmpdir())
    rmSync(folder, { recursive: true })
    rmSync(BROUGHT, { recursive: true, force: true })
  }
}
