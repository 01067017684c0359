// Builds the cluster, in this process, and holds it before every role for a dry run of the whole by another: `foretelling-run.ts PKI
// FILE` prints what came and writes what the dry runs said to FILE. In the lab's network.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { Event } from '../../engine/base/event.ts'
import { withSession } from '../../engine/cli/run.ts'
import { eventsIn } from '../run/story.ts'
import { book, inventory, playWords, variables } from './ha-cluster.ts'

export interface Stop {
  /** The role that would come next; the first is "" for blank hosts. */
  readonly before: string
  /** How many of the printed events came before. */
  readonly after: number
  readonly status: number | null
  readonly events: readonly Event[]
  readonly wrong: string
}

/** Roles that others bring in; the cluster stops nowhere inside another role. */
const parts = ['cluster', 'release']
/** Events that are not printed. */
const forDisplay: readonly Event['event'][] = ['host_start', 'progress', 'span']

async function main(pki: string, file: string): Promise<void> {
  const stops: Stop[] = []
  let printed = 0
  const seen = new Set(parts)
  const lookAhead = (before: string) => {
    const [program = '', ...words] = [...playWords(pki), '--check', '--diff']
    const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28 })
    const events = eventsIn(stdout)
    stops.push({ before, after: printed, status, events, wrong: stderr })
  }
  lookAhead('')
  const recorder = {
    // Nothing of the run goes on while this is at work: what is called here runs to its end.
    on(event: Event) {
      const role = event.event === 'task_start' && /^roles\/([^/]+)\//.exec(event.place)?.[1]
      if (role && !seen.has(role)) {
        seen.add(role)
        lookAhead(role)
      }
      if (!forDisplay.includes(event.event)) printed++
    },
    end() {},
  }
  process.exitCode = await withSession(
    [book],
    // Each task by itself: in between, hosts are to be as the tasks that were told of have left them.
    { inventory: [inventory], extraVars: variables(pki), diff: true, output: 'jsonl', lookAhead: false },
    { recorder },
  )
  writeFileSync(file, JSON.stringify(stops))
}

const [pki = '', file = ''] = process.argv.slice(2)
if (process.argv[1]?.endsWith('foretelling-run.ts')) await main(pki, file)
