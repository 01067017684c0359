import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exec } from '../lab/lab.ts'
import { checkout, tsx } from '../lab/places.ts'
import type { Case, Outcome } from './trial.ts'

/** Plays cases on a host of the lab that is up; see on-lab-host.ts. */
export async function tryInLab(
  host: string,
  cases: readonly Case[],
  how: { blind?: boolean } = {},
): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-kind-'))
  try {
    const file = join(folder, 'cases.json')
    writeFileSync(file, JSON.stringify(cases))
    const script = fileURLToPath(new URL('on-lab-host.ts', import.meta.url))
    const words = [process.execPath, '--conditions=tsplay-source', '--import', tsx, script, host, file]
    const { status, stdout, stderr } = await exec([...words, ...(how.blind ? ['--blind'] : [])], { cwd: checkout })
    if (status !== 0) throw new Error(`the cases could not be played: ${stderr}`)
    return JSON.parse(stdout) as Outcome[]
  } finally {
    rmSync(folder, { recursive: true })
  }
}
