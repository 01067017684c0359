// Plays cases on a host of the lab, from inside the lab's network: words are the host and a file of cases as JSON; prints an
// array of what each came to. `--blind` leaves out the host's files, which take long to look through on a virtual machine.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playTasks } from '../../engine/testing/play-tasks.ts'
import { changes } from '../lab/lab.ts'
import { type Case, type Outcome, tryCase } from './trial.ts'

const [host = '', file = '', blind] = process.argv.slice(2)
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[]
const folder = mkdtempSync(join(tmpdir(), 'tsplay-kind-'))
const files = async () =>
  new Map(blind ? [] : (await changes(host)).map(({ path, kind, digest }) => [path, `${kind} ${digest}`]))
const outcomes: Outcome[] = []
for (const one of cases) {
  // Machines, whose processor is emulated, are slow to greet.
  const hosts = { inventory: `${host},`, user: 'root', variables: { ansible_timeout: 60 } }
  outcomes.push(await tryCase(one, (tasks, how) => playTasks(folder, tasks, hosts, how), files))
}
rmSync(folder, { recursive: true })
process.stdout.write(JSON.stringify(outcomes))
