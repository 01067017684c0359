// Runs tasks on a lab host, from inside the lab's network: words are the host and the tasks as JSON; prints an array of
// what each came to. Specs start it with the lab's `exec`.
import { asProblem } from '../../engine/base/problem.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { connect, settingsFrom } from '../../engine/wire/settings.ts'
import { runOn } from './harness.ts'

export interface HostTask {
  readonly module: string
  readonly params: Record<string, unknown>
  readonly checking?: boolean
  /** Goes on with the predictions of the checking tasks before it. */
  readonly after?: boolean
}

export interface HostOutcome {
  readonly result?: Record<string, unknown>
  readonly steps?: readonly string[]
  readonly hint?: string
  readonly warnings?: readonly string[]
  readonly trips: number
  readonly problem?: { readonly code: string; readonly message: string; readonly hint?: string }
}

async function main(host: string, tasks: readonly HostTask[]): Promise<HostOutcome[]> {
  const connection = connect(settingsFrom(host, (name) => (name === 'ansible_user' ? 'root' : undefined)))
  await connection.open()
  const outcomes: HostOutcome[] = []
  let memory = new HostMemory()
  try {
    for (const task of tasks) {
      if (!task.after) memory = new HostMemory()
      const { default: module } = await import(`../../modules/${task.module}.ts`)
      const before = connection.roundTrips
      try {
        const ended = await runOn(module, task.params, { connection, memory, checking: task.checking ?? false })
        outcomes.push({
          result: ended.result,
          steps: ended.steps.map((step) => step.show),
          warnings: ended.warnings,
          ...(ended.hint === undefined ? {} : { hint: ended.hint }),
          trips: connection.roundTrips - before,
        })
      } catch (thrown) {
        const { code, message, hint } = asProblem(thrown)
        outcomes.push({ trips: connection.roundTrips - before, problem: { code, message, ...(hint ? { hint } : {}) } })
      }
    }
  } finally {
    await connection.close()
  }
  return outcomes
}

const [host = '', tasks = '[]'] = process.argv.slice(2)
if (process.argv[1]?.endsWith('on-host.ts')) process.stdout.write(JSON.stringify(await main(host, JSON.parse(tasks))))
