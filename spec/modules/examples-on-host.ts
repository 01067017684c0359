// Runs every example that can run on a lab host, from inside the lab's network: `examples-on-host.ts HOST [MODULE…]` prints
// a line of JSON for each. In one process, for starting one for each of some two hundred runs would take minutes.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ran, runExample } from '../../engine/testing/example-runs.ts'
import { playTasks } from '../../engine/testing/play-tasks.ts'
import { changes } from '../lab/lab.ts'
import { allExamples, type Told } from './example-book.ts'

/** What a run came to; what it changed is not printed. */
type Came = Omit<Ran, 'ends'>

export interface ExampleOutcome {
  readonly module: string
  readonly title: string
  readonly given?: Came
  readonly checked: Came
  /** Files that the dry run changed, on the host or on the controller. */
  readonly touched: readonly string[]
  readonly first: Came
  readonly second: Came
  /** A second run changes something again, as the example says. */
  readonly repeats: boolean
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
  const looks: Map<string, string>[] = []
  const runs = await runExample(
    example,
    (tasks, how) => playTasks(process.cwd(), tasks, { inventory: `${host},`, user: 'root' }, how),
    async () => void looks.push(await filesNow(host)),
  )
  return {
    module,
    title: example.title,
    ...runs,
    touched: differing(looks[0]!, looks[1]!),
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
      process.stdout.write(
        `${JSON.stringify(await tryOut(host, told), (key, value) => (key === 'ends' ? undefined : value))}\n`,
      )
    }
  } finally {
    process.chdir(tmpdir())
    rmSync(folder, { recursive: true })
    rmSync(BROUGHT, { recursive: true, force: true })
  }
}
