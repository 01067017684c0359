// Where the lab keeps things. The cache outlives `down` and holds what takes long to make; the state goes with `down`.
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const here = realpathSync(fileURLToPath(new URL('.', import.meta.url)))
export const checkout = join(here, '..', '..')
/** What node needs (`--import`) to run the lab's files in a process of their own, whatever folder that is in. */
export const tsx = pathToFileURL(createRequire(join(here, 'main.ts')).resolve('tsx')).href

export const cache = process.env.TSPLAY_LAB_CACHE ?? '/var/cache/tsplay-lab'
export const releases = join(cache, 'releases')

// One lab a machine: its namespace and addresses have one name each, so its state has one place.
export const state = '/var/lib/tsplay-lab'
export const home = join(state, 'home')
export const key = join(home, '.ssh', 'id_ed25519')
export const knownHosts = join(home, '.ssh', 'known_hosts')
export const hostFolder = (name: string) => join(state, 'hosts', name)

export const namespace = 'tsplay-lab'
export const bridge = 'br0'
export const gateway = '192.168.1.1'
export const prefix = '192.168.1.'
export const namespaceFile = `/run/netns/${namespace}`
export const namespaceEtc = `/etc/netns/${namespace}`
