import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attempt } from '../lab/command.ts'
import { writeFiles } from '../run/story.ts'
import { thousandTasks } from './thousand-tasks.ts'

/**
 * `npm run bench -- validate`: what `tsplay validate` takes for a thousand tasks, beside what the same machine needs to start the compiled program at
 * all, alternating. Machines differ, ratios less; ends with 1 above a ratio that is far from what was measured.
 */
const program = fileURLToPath(new URL('../../dist/engine/cli/main.js', import.meta.url))
const rounds = 7
const most = 25

async function timed(words: readonly string[], cwd: string): Promise<number> {
  const started = performance.now()
  const { status, stderr } = await attempt([process.execPath, program, ...words], { cwd })
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - started
}

export async function validate(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-bench-'))
  try {
    writeFiles(folder, thousandTasks())
    const took = { validate: [] as number[], start: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      took.start.push(await timed(['--help'], folder))
      took.validate.push(await timed(['validate', 'site.yml', '-i', 'inventory.yml'], folder))
    }
    const validate = Math.min(...took.validate)
    const start = Math.min(...took.start)
    const ratio = validate / start
    process.stdout.write(
      `a thousand tasks: ${validate.toFixed(0)} ms, bare start: ${start.toFixed(0)} ms, ratio ${ratio.toFixed(1)} (at most ${most})\n`,
    )
    process.exitCode = ratio > most ? 1 : 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
