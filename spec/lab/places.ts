// Where the lab keeps things. The cache outlives `down` and holds what takes long to make; the state goes with `down`.
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { LabProblem } from './problem.ts'

export const here = realpathSync(fileURLToPath(new URL('.', import.meta.url)))
export const checkout = join(here, '..', '..')
/** What node needs (`--import`) to run the lab's files in a process of their own, whatever folder that is in. */
export const tsx = pathToFileURL(createRequire(join(here, 'main.ts')).resolve('tsx')).href

export const cache = process.env.TSPLAY_LAB_CACHE ?? '/var/cache/tsplay-lab'
export const releases = join(cache, 'releases')

/** Every lab of this machine has a name, the usual one none but this; TSPLAY_LAB=NAME is a second one beside it. */
export const lab = labName(process.env.TSPLAY_LAB)
// Its namespace, control group and lock have one name, so its state has one place.
export const state = join('/var/lib', lab)
export const home = join(state, 'home')
export const key = join(home, '.ssh', 'id_ed25519')
export const knownHosts = join(home, '.ssh', 'known_hosts')
export const hostFolder = (name: string) => join(state, 'hosts', name)

export const namespace = lab
export const bridge = 'br0'
export const gateway = '192.168.1.1'
export const prefix = '192.168.1.'
export const namespaceFile = `/run/netns/${namespace}`
export const namespaceEtc = `/etc/netns/${namespace}`

/** The name of the lab that a user calls `name`; the network's names bound its length. */
export function labName(name: string | undefined): string {
  if (name === undefined || name === '') return 'tsplay-lab'
  if (/^[a-z0-9][a-z0-9-]{0,19}$/.test(name)) return `tsplay-lab-${name}`
  throw new LabProblem(
    `TSPLAY_LAB=${JSON.stringify(name)} is no name of a lab`,
    'it is small letters, digits and hyphens, at most 20',
    'Choose another name.',
  )
}
