// npm run truth [-- MODULE…]: whether the dry run of every example tells the truth, in every state that a host can be in.
import { fileURLToPath } from 'node:url'
import { down, exec, up } from '../lab/lab.ts'
import { checkout, tsx } from '../lab/places.ts'
import { allExamples } from './example-book.ts'
import { exceptions, judged } from './truth-exceptions.ts'
import type { Tried } from './truth-on-host.ts'
import { complaints, table } from './truth-table.ts'

const HOSTS = { 'truth-1': '192.168.1.211', 'truth-2': '192.168.1.212' }

export interface TruthOptions {
  /** Default: all. */
  readonly modules?: readonly string[]
  /** Damage hosts for every example; else for the first of each module. */
  readonly all: boolean
  /** Is told each example that has been tried out. */
  readonly note?: (tried: Tried) => void
}

/** Tries the examples out on two new hosts of the lab, which go again. */
export async function truth({ modules = [], all, note }: TruthOptions): Promise<Tried[]> {
  const words = ['--conditions=tsplay-source', '--import', tsx]
  const script = fileURLToPath(new URL('truth-on-host.ts', import.meta.url))
  const hosts = Object.keys(HOSTS)
  const titles = (await allExamples()).map(({ module, example }) => `${module}: ${example.title}`)
  const tried: Tried[] = []
  const line = (text: string) => {
    const one = JSON.parse(text) as Tried
    tried.push(one)
    note?.(one)
  }
  await down(hosts).catch(() => {})
  await up(
    Object.entries(HOSTS).map((pair) => pair.join('=')),
    { downloads: 'packages' },
  )
  try {
    const command = [process.execPath, ...words, script, hosts.join(','), all ? 'all' : 'first', ...modules]
    const { status, stderr } = await exec(command, { cwd: checkout, line })
    if (status !== 0) throw new Error(stderr)
  } finally {
    await down(hosts)
  }
  const place = ({ module, title }: Tried) => titles.indexOf(`${module}: ${title}`)
  return tried.sort((a, b) => place(a) - place(b))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const modules = process.argv.slice(2)
  const note = ({ module, title, seconds }: Tried) => process.stderr.write(`${module}: ${title} (${seconds} s)\n`)
  const tried = await truth({ modules, all: true, note })
  const verdict = judged(tried)
  process.stdout.write(`\n${table(tried, verdict)}\n${complaints(tried, verdict)}`)
  const idle = modules.length > 0 ? [] : exceptions.filter((one) => !one.byChance && !verdict.met.has(one))
  for (const { modules: of, reason } of idle)
    process.stdout.write(`No exception any more: ${of.join(', ')}: ${reason}\n`)
  const troubles = tried.filter(({ trouble }) => trouble !== undefined).length
  const trials = tried.flatMap((one) => one.trials).length
  process.stdout.write(`${tried.length} examples, ${trials} trials, ${verdict.misses.length + troubles} misses\n`)
  process.exitCode = verdict.misses.length + troubles + idle.length > 0 ? 1 : 0
}
