// A control group for each host holds every process of it: what is in it is ours, and it can be ended whole.
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lab } from './places.ts'

/** Where version 2 of control groups is mounted on this machine, if it is. */
export async function cgroupMount(): Promise<string | undefined> {
  const mounts = await readFile('/proc/self/mounts', 'utf8')
  return /^\S+ (\S+) cgroup2 rw/m.exec(mounts)?.[1]
}

/** The control group of one host or service of the lab. */
export async function cgroupFolder(name: string): Promise<string> {
  return join((await cgroupMount()) ?? '/sys/fs/cgroup', lab, name)
}

export async function makeCgroup(name: string): Promise<string> {
  const folder = await cgroupFolder(name)
  await mkdir(folder, { recursive: true })
  return folder
}

export async function populated(name: string): Promise<boolean> {
  const events = await readFile(join(await cgroupFolder(name), 'cgroup.events'), 'utf8').catch(() => '')
  return /^populated 1$/m.test(events)
}

/** The processes of the control group `name` and those below it. */
export async function members(name: string, below = ''): Promise<number[]> {
  const text = await readFile(join(await cgroupFolder(name), below, 'cgroup.procs'), 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean).map(Number)
}

/** Ends every process of the control group at once and removes it. */
export async function killCgroup(name: string): Promise<void> {
  const folder = await cgroupFolder(name)
  if (!existsSync(folder)) return
  await writeFile(join(folder, 'cgroup.kill'), '1').catch(() => {})
  for (let tries = 0; tries < 200 && (await populated(name)); tries++) await sleep(25)
  await removeTree(folder)
}

/** The control groups of hosts and services: not those of builds, which are anybody's. */
export async function cgroups(): Promise<string[]> {
  const entries = await readdir(await cgroupFolder('.'), { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('_build-')).map((entry) => entry.name)
}

async function removeTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  for (let tries = 0; tries < 40; tries++) {
    const error = await rmdir(folder).catch((caught: NodeJS.ErrnoException) => caught)
    if (error?.code !== 'EBUSY') return
    await sleep(25) // the last process is still on its way out
  }
}
