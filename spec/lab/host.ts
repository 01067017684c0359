// A host: made blank, switched on, cut from power, thrown away.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killCgroup, makeCgroup, members, populated } from './cgroup.ts'
import { apart, attempt } from './command.ts'
import { execWords, sshWords } from './exec.ts'
import type { Host } from './hosts.ts'
import { writeLayer } from './layer.ts'
import { equip } from './machine.ts'
import { greets } from './network.ts'
import { bridge, here, hostFolder, namespace } from './places.ts'
import { LabProblem } from './problem.ts'
import type { HostRecord, Kind } from './record.ts'

/** Makes the folder of a blank host; it is there whole or not at all. */
export async function makeHost(host: Host, kind: Kind, base: string, release?: string): Promise<HostRecord> {
  const folder = hostFolder(host.name)
  const aside = `${folder}.${process.pid}.part`
  await rm(aside, { recursive: true, force: true })
  for (const part of ['layer', 'upper', 'work', 'root']) await mkdir(join(aside, part), { recursive: true })
  await writeLayer(host, base, join(aside, 'layer'))
  if (kind !== 'container') await equip(host, join(aside, 'layer'))
  const record: HostRecord = { ...host, kind, base, ...(release === undefined ? {} : { release }) }
  await writeFile(join(aside, 'host.json'), `${JSON.stringify(record)}\n`)
  await rename(aside, folder)
  return record
}

/** Switches the host on and waits until its sshd answers and its start is over. */
export async function startHost(record: HostRecord): Promise<void> {
  const { name, address, kind, base } = record
  const folder = hostFolder(name)
  await killCgroup(name)
  const cgroup = await makeCgroup(name)
  const words =
    kind === 'container'
      ? [
          ...[...apart('--net'), 'bash', join(here, 'container.sh')],
          ...[folder, `${join(folder, 'layer')}:${base}`, name, address, namespace, bridge, cgroup],
        ]
      : [...apart(), 'bash', join(here, 'machine.sh'), folder, base, address, namespace, bridge, cgroup]
  const output = await open(join(folder, 'console.log'), 'a')
  const child = spawn(words[0] ?? '', words.slice(1), {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: { PATH: process.env.PATH },
  })
  child.unref()
  const ended = new Promise<false>((resolve) => child.once('exit', () => resolve(false)))
  const answers = await Promise.race([greets(address, 22, 'SSH-2.0', kind === 'container' ? 60 : 300), ended])
  await output.close()
  if (!answers) throw await silent(record)
  await systemdState(record)
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
export async function systemdState(record: HostRecord): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const words = await insideHost(record, ['systemctl', 'is-system-running', '--wait'])
    const said = words && (await attempt(words)).stdout.trim()
    if (said) return said
    await sleep(50)
  }
  return 'unknown'
}

/** The words that run `words` on a running host; in a container without logging in to it. */
async function insideHost(record: HostRecord, words: string[]): Promise<string[] | undefined> {
  if (record.kind !== 'container') return execWords(sshWords(record.name, words))
  const [first] = await members(record.name, 'payload/init.scope')
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
