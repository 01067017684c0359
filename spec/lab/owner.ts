// The lab of a machine belongs to one checkout at a time: another one may not mix its hosts with it.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cgroups, populated } from './cgroup.ts'
import { checkout, state } from './places.ts'
import { LabProblem } from './problem.ts'

const file = join(state, 'owner')

/** Refuses when the lab is another checkout's and still in use. */
export async function checkOwner(): Promise<void> {
  const owner = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (!owner || owner === checkout || !existsSync(owner)) return
  const running = await Promise.all((await cgroups()).map(populated))
  if (!running.includes(true)) return
  throw new LabProblem(
    'the lab is in use by another checkout',
    `${owner} started it`,
    `Stop it there (cd ${owner} && npm run lab -- down), or here with \`npm run lab -- down --force\`.`,
  )
}

/** Whether what there is of the lab is another checkout's, out of use: its hosts are not to be kept. */
export async function isForeign(): Promise<boolean> {
  await checkOwner()
  const owner = (await readFile(file, 'utf8').catch(() => '')).trim()
  return owner !== '' && owner !== checkout
}

/** Makes the lab ours. */
export async function own(): Promise<void> {
  await mkdir(state, { recursive: true })
  await writeFile(file, `${checkout}\n`)
}
