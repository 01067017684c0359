// What it takes to begin: the program against bare node, and all that can be checked of the cluster's playbook.
import { join } from 'node:path'
import { attempt } from '../lab/command.ts'
import { checkout } from '../lab/places.ts'
import { median } from './contest.ts'

/** Medians in milliseconds. */
export interface Start {
  readonly node: number
  readonly version: number
  readonly validate: number
}

const program = join(checkout, 'dist/engine/cli/main.js')
const words: Readonly<Record<keyof Start, readonly string[]>> = {
  node: ['-e', '0'],
  version: [program, '--version'],
  validate: [program, 'validate', 'playbooks/ha-cluster.yml', '-i', 'inventory/prod.yml'],
}

export async function start(rounds = 15): Promise<Start> {
  const took: Record<keyof Start, number[]> = { node: [], version: [], validate: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const name of Object.keys(words) as (keyof Start)[]) {
      const begun = performance.now()
      const { status, stdout, stderr } = await attempt([process.execPath, ...words[name]], { cwd: checkout })
      if (status !== 0) throw new Error(`${words[name].join(' ')} ended with ${status}: ${stdout}${stderr}`)
      took[name].push(performance.now() - begun)
    }
  }
  const middle = (name: keyof Start) => Number(median(took[name]).toFixed(1))
  return { node: middle('node'), version: middle('version'), validate: middle('validate') }
}
