// A host in a container: its own systemd and sshd on the machine's kernel.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killCgroup, makeCgroup, members, populated } from './cgroup.ts'
import { attempt } from './command.ts'
import type { Host } from './hosts.ts'
import { writeLayer } from './layer.ts'
import { greets } from './network.ts'
import { bridge, here, hostFolder, namespace } from './places.ts'
import { LabProblem } from './problem.ts'

/** What is kept of a host beside its files. */
export type HostRecord = Host & { kind: 'container' | 'virtual machine'; base: string }

export async function recordOf(name: string): Promise<HostRecord | undefined> {
  const text = await readFile(join(hostFolder(name), 'host.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

/** Makes the folder of a blank host; it is there whole or not at all. */
export async function makeContainer(host: Host, base: string): Promise<void> {
  const folder = hostFolder(host.name)
  const aside = `${folder}.${process.pid}.part`
  await rm(aside, { recursive: true, force: true })
  for (const part of ['layer', 'upper', 'work', 'root']) await mkdir(join(aside, part), { recursive: true })
  await writeLayer(host, base, join(aside, 'layer'))
  const record: HostRecord = { ...host, kind: 'container', base }
  await writeFile(join(aside, 'host.json'), `${JSON.stringify(record)}\n`)
  await rename(aside, folder)
}

/** Switches the host on and waits until its sshd answers and its start is over. */
export async function startContainer(record: HostRecord): Promise<void> {
  const folder = hostFolder(record.name)
  await killCgroup(record.name)
  const cgroup = await makeCgroup(record.name)
  const console_ = await open(join(folder, 'console.log'), 'a')
  const layers = `${join(folder, 'layer')}:${record.base}`
  const words = [folder, layers, record.name, record.address, namespace, bridge, cgroup]
  const child = spawn(join(here, 'host.sh'), words, {
    detached: true,
    stdio: ['ignore', console_.fd, console_.fd],
    env: { PATH: process.env.PATH },
  })
  child.unref()
  const ended = new Promise<false>((resolve) => child.once('exit', () => resolve(false)))
  const answers = await Promise.race([greets(record.address, 22, 'SSH-2.0', 60), ended])
  await console_.close()
  if (!answers) throw await silent(record)
  await systemdState(record.name)
}

async function silent(record: HostRecord): Promise<LabProblem> {
  const file = join(hostFolder(record.name), 'console.log')
  const text = await readFile(file, 'utf8').catch(() => '')
  return new LabProblem(
    `${record.name} (${record.address}) does not answer`,
    `its console's last lines:\n  ${text.trim().split('\n').slice(-12).join('\n  ')}`,
    `All of it is in ${file}.`,
  )
}

/** What the host's systemd says of its start once that is over: running, or degraded when a unit failed. */
export async function systemdState(name: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const words = await insideHost(name, ['systemctl', 'is-system-running', '--wait'])
    const said = words && (await attempt(words)).stdout.trim()
    if (said) return said
    await sleep(50)
  }
  return 'unknown'
}

/** The words that run `words` in a running container without logging in to it. */
export async function insideHost(name: string, words: string[]): Promise<string[] | undefined> {
  const [first] = await members(name, 'payload/init.scope')
  return first ? ['nsenter', `--target=${first}`, '--all', ...words] : undefined
}

/** Switches the host off as a power cut would; its files stay. */
export async function cutPower(name: string): Promise<void> {
  await killCgroup(name)
}

export async function removeHost(name: string): Promise<void> {
  await killCgroup(name)
  const folder = hostFolder(name)
  if (!existsSync(folder)) return
  // out of the way first, so that a killed removal leaves no half of a host
  const aside = `${folder}.${process.pid}.part`
  await rename(folder, aside)
  await rm(aside, { recursive: true, force: true })
}

export const isUp = (name: string) => populated(name)
