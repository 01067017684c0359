// `npm run bench -- CHORE`: one contest. `npm run bench -- performance`: all of them, kept for docs/performance.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { chores } from './chore.ts'
import { cluster } from './cluster.ts'
import { type Contest, contest, type Terms } from './contest.ts'
import { build, type PeerName, peerNames, versions } from './peer.ts'
import { contestTable, type Performance } from './performance-page.ts'
import { start } from './start.ts'

const file = new URL('performance.json', import.meta.url)

const quick: readonly PeerName[] = ['tsplay', 'floor', 'ssh']
const own: readonly PeerName[] = ['tsplay', 'floor']
const withoutFloor = peerNames.filter((peer) => peer !== 'floor')

/** What the page shows; the slow peers where they say something new. */
const all: readonly (Terms & { readonly peers: readonly PeerName[] })[] = [
  ...['command', 'facts', 'new', 'unchanged', 'one-changed'].map((chore) => at(chore, 10, 0, peerNames)),
  at('unchanged', 10, 20, quick),
  at('command', 10, 100, quick),
  ...['new', 'unchanged'].map((chore) => at(chore, 10, 100, peerNames)),
  ...[0, 100].map((delay) => at('unchanged', 50, delay, quick)),
  at('command', 200, 0, own),
  ...['loop-new', 'loop-unchanged'].map((chore) => at(chore, 3, 0, peerNames)),
  at('loop-new', 3, 100, quick),
  ...['file-new', 'file-unchanged'].map((chore) => at(chore, 10, 0, withoutFloor)),
  at('unchanged', 1000, 0, own),
]

function at(chore: string, hosts: number, round_trip: number, peers: readonly PeerName[]) {
  return { chore, hosts, round_trip, peers }
}

const note = (text: string) => process.stderr.write(`${text}\n`)

/** `--hosts N --delay MS --rounds R --peers tsplay,floor`; `--keep`: the page is to show it; `--built`: dist/ is as it should be. */
export async function oneContest(chore: string, words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      hosts: { type: 'string', default: '10' },
      delay: { type: 'string', default: '0' },
      rounds: { type: 'string', default: '5' },
      peers: { type: 'string' },
      keep: { type: 'boolean', default: false },
      built: { type: 'boolean', default: false },
    },
  })
  if (!values.built) await build()
  const there = Object.keys(await versions()) as PeerName[]
  const wanted = values.peers?.split(',') ?? there.filter((peer) => peer !== 'floor' || !chores[chore]!.big)
  const terms = { chore, hosts: Number(values.hosts), round_trip: Number(values.delay) }
  const made = await contest(terms, Number(values.rounds), wanted as PeerName[], note)
  process.stdout.write(`${contestTable([made])}\n`)
  if (values.keep) await keep({ contests: [made] })
}

/** The article's cluster, for the page. */
export async function wholeCluster(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...words], options: { rounds: { type: 'string', default: '5' } } })
  await build()
  const made = await cluster(Number(values.rounds), note)
  process.stdout.write(`${JSON.stringify(made)}\n`)
  await keep({ cluster: made })
}

/** What it takes to begin, for the page. */
export async function beginning(): Promise<void> {
  const made = await start()
  process.stdout.write(`${JSON.stringify(made)}\n`)
  await keep({ start: made })
}

export async function performance(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...words], options: { rounds: { type: 'string', default: '4' } } })
  await build()
  await keep({ start: await start() })
  const there = Object.keys(await versions())
  for (const { peers, ...terms } of all) {
    const made = await contest(
      terms,
      terms.hosts > 200 ? 2 : Number(values.rounds),
      peers.filter((peer) => there.includes(peer)),
      note,
    )
    await keep({ contests: [made] })
  }
  await wholeCluster([])
  note('Now `npm run docs` writes docs/performance.md.')
}

/** Puts these beside what is kept already, in the place of what had the same terms. */
async function keep(more: Partial<Pick<Performance, 'contests' | 'start' | 'cluster'>>): Promise<void> {
  const before = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { contests: [] }) as Performance
  const name = ({ chore, hosts, round_trip }: Contest) => `${chore} ${hosts} ${round_trip}`
  const contests = new Map([...before.contests, ...(more.contests ?? [])].map((made) => [name(made), made]))
  const order = [...Object.keys(chores)]
  const sorted = [...contests.values()].sort(
    (a, b) => order.indexOf(a.chore) - order.indexOf(b.chore) || a.hosts - b.hosts || a.round_trip - b.round_trip,
  )
  const kept: Performance = {
    machine: { cores: availableParallelism(), memory_gb: Math.round(totalmem() / 2 ** 30) },
    versions: await versions(),
    ...((more.start ?? before.start) ? { start: more.start ?? before.start! } : {}),
    ...((more.cluster ?? before.cluster) ? { cluster: more.cluster ?? before.cluster! } : {}),
    contests: sorted,
  }
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
}
