// Tries out examples on lab hosts, from inside the lab's network: `truth-on-host.ts HOST[,HOST] ALL [MODULE…]` prints a line
// of JSON for each example. In one process, for starting one for each of some thousand runs would take an hour.
import { rmSync } from 'node:fs'
import type { Trial } from '../../engine/testing/trial.ts'
import { tryOut } from '../../engine/testing/trials.ts'
import { allExamples, type Told } from './example-book.ts'
import { LabGround } from './truth-ground.ts'

export interface Tried {
  readonly module: string
  readonly title: string
  readonly trials: readonly Trial[]
  /** Why it could not be tried out. */
  readonly trouble?: string
  readonly seconds: number
}

/** What an example brings to the controller: a run before this one must not have brought it already. */
const BROUGHT = ['/tmp/tsplay-fetched', '/tmp/tsplay-notes']

async function tried(host: string, { module, example }: Told, wanted: (state: string) => boolean): Promise<Tried> {
  const started = performance.now()
  const told = (trials: readonly Trial[], trouble?: string): Tried => {
    const seconds = Math.round((performance.now() - started) / 100) / 10
    return { module, title: example.title, trials, ...(trouble === undefined ? {} : { trouble }), seconds }
  }
  const ground = new LabGround(host)
  try {
    const blank = await ground.keep()
    const trials = await tryOut(example, ground, wanted)
    if (!(await blank.putBack())) await ground.renew()
    await blank.drop()
    return told(trials)
  } catch (thrown) {
    await ground.renew()
    return told([], (thrown as Error).stack ?? String(thrown))
  } finally {
    ground.remove()
  }
}

/** The examples to try, and of which the damaged states too: of all, or of the first of each module. */
async function chosen(all: boolean, modules: readonly string[]): Promise<(Told & { readonly damaged: boolean })[]> {
  const told = (await allExamples()).filter(
    ({ module, example }) => example.cannotRun === undefined && (modules.length === 0 || modules.includes(module)),
  )
  return told.map((one) => ({
    ...one,
    damaged: all || told.find(({ module }) => module === one.module)?.example === one.example,
  }))
}

if (process.argv[1]?.endsWith('truth-on-host.ts')) {
  const [hosts = '', all, ...modules] = process.argv.slice(2)
  const queue = await chosen(all === 'all', modules)
  for (const path of BROUGHT) rmSync(path, { recursive: true, force: true })
  const work = async (host: string) => {
    for (let told = queue.shift(); told; told = queue.shift()) {
      const { damaged } = told
      process.stdout.write(`${JSON.stringify(await tried(host, told, () => damaged))}\n`)
    }
  }
  await Promise.all(hosts.split(',').map(work))
  for (const path of BROUGHT) rmSync(path, { recursive: true, force: true })
}
