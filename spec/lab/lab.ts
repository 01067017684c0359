// The lab: throwaway hosts in a sealed network. Specs use these functions; main.ts is the same on the command line.
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Note } from './artifact.ts'
import { base } from './base.ts'
import { cgroups, killCgroup } from './cgroup.ts'
import { hasBeginning, keepBeginning } from './changes.ts'
import type { CommandOptions, Outcome } from './command.ts'
import { serveDownloads, serverGroup } from './downloads.ts'
import { exec, sshWords } from './exec.ts'
import { furnish } from './home.ts'
import { cutPower, isUp, makeHost, removeHost, startHost } from './host.ts'
import { type Host, hostOf, inventoryHosts } from './hosts.ts'
import { locked } from './lock.ts'
import { machine, selinuxMachine } from './machine.ts'
import { missing } from './missing.ts'
import { dropNetwork, raiseNetwork } from './network.ts'
import { checkOwner, isForeign, own } from './owner.ts'
import { packages } from './packages.ts'
import { lab, namespaceEtc, state } from './places.ts'
import { LabProblem } from './problem.ts'
import { type HostRecord, type Kind, recordOf } from './record.ts'
import { releases } from './releases.ts'
import { usual } from './sources.ts'
import { type HostStatus, statusOf } from './status.ts'
import { ensureTools } from './tools.ts'

export { type Change, changes } from './changes.ts'
export type { Outcome } from './command.ts'
export { exec } from './exec.ts'
export { missing } from './missing.ts'

export type LabOptions = {
  /** Is told what is going on, a line at a time. */
  note?: Note
  /** Also serve the package source and the release tarballs, or only the packages, making what the cache lacks (default: yes). */
  downloads?: boolean | 'packages'
  /** Which of the hosts are to be virtual machines with kernels of their own. */
  vm?: string[]
  /** Which of the hosts are to be virtual machines with SELinux, enforcing. */
  selinux?: string[]
  /** The Debian release of the hosts that are made; a container's only. */
  release?: string
}

const quiet: Note = () => {}
const lockFile = join('/run/lock', lab)
const alone = <T>(note: Note, work: () => Promise<T>) => locked(lockFile, note, work)

/** Starts hosts (all of the inventory's by default), blank or as they were switched off; a host that is up stays as it is. */
export async function up(names: string[] = [], options: LabOptions = {}): Promise<Host[]> {
  const note = options.note ?? quiet
  const lacking = missing()
  if (lacking.length > 0) {
    throw new LabProblem('this machine cannot host the lab', `it lacks ${lacking.join('; ')}`)
  }
  await checkOwner()
  const { vm = [], selinux = [] } = options
  const machines = vm.length + selinux.length > 0
  await ensureTools(machines ? 'machines' : undefined, note)
  const release = options.release === usual ? undefined : options.release
  const below = await base(note, release)
  const system = machines ? await machine(below, note) : ''
  const bases: Record<Kind, string> = {
    container: below,
    'virtual machine': system,
    'virtual machine with SELinux': selinux.length > 0 ? await selinuxMachine(system, note) : '',
  }
  const kindOf = ({ name }: Host): Kind =>
    selinux.includes(name) ? 'virtual machine with SELinux' : vm.includes(name) ? 'virtual machine' : 'container'
  const hosts = await alone(note, async () => {
    if (await isForeign()) await clear()
    await own()
    await sweep()
    const known = await knownHosts()
    const hosts = choose(names, known)
    await raiseNetwork()
    await furnish([...new Map([...known, ...hosts].map((host) => [host.name, host])).values()])
    const raised = await Promise.allSettled(hosts.map((host) => raise(host, kindOf(host), bases, release, note)))
    for (const one of raised) if (one.status === 'rejected') throw one.reason
    return hosts
  })
  if (options.downloads ?? true) {
    const [repository] = await Promise.all([
      packages(below, note, release),
      options.downloads === 'packages' ? undefined : releases(note),
    ])
    await alone(note, () => serveDownloads(repository, release))
  }
  return hosts
}

function choose(names: string[], known: readonly Host[]): Host[] {
  if (names.length === 0) return [...inventoryHosts]
  const chosen = new Map(known.map((host) => [host.name, host]))
  const wanted = names.map((name) => {
    const host = hostOf(name, [...chosen.values()])
    chosen.set(host.name, host)
    return host
  })
  return [...new Set(wanted)]
}

async function raise(
  host: Host,
  kind: Kind,
  bases: Record<Kind, string>,
  release: string | undefined,
  note: Note,
): Promise<void> {
  const record = await recordOf(host.name)
  if (record && (await isUsable(record, kind, bases, release))) {
    if (await isUp(host.name)) return
    note(`${host.name}: switched on again, with its files`)
    return startHost(record)
  }
  if (record) note(`${host.name}: made anew${kind === 'container' ? '' : `, as a ${kind}`}`)
  await removeHost(host.name)
  await startHost(await makeHost(host, kind, bases[kind], release))
  await keepBeginning(host.name)
}

/** Whether the host can stay: its first start was whole, its base is still there and it is of the kind asked for. */
async function isUsable(
  record: HostRecord,
  kind: Kind,
  bases: Record<Kind, string>,
  release: string | undefined,
): Promise<boolean> {
  if (!existsSync(record.base) || !(await hasBeginning(record.name))) return false
  // a host of another release stays as it is when none is asked for
  if (release === undefined && record.release !== undefined) return kind === 'container'
  // so does a machine
  if (kind === 'container' && record.kind !== 'container') return true
  return record.kind === kind && (kind !== 'container' || record.base === bases.container)
}

/** Makes a host anew: blank, same address, same host keys. */
export async function fresh(name: string, options: LabOptions = {}): Promise<void> {
  const host = hostOf(name, await knownHosts())
  const record = await recordOf(host.name)
  const asked = options.vm?.includes(host.name) || options.selinux?.includes(host.name)
  const kind = asked ? undefined : record?.kind
  const release = options.release ?? (kind === 'container' ? record?.release : undefined)
  await alone(options.note ?? quiet, async () => {
    await checkOwner()
    await removeHost(host.name)
  })
  await up([`${host.name}=${host.address}`], {
    ...options,
    ...(kind === 'virtual machine' ? { vm: [host.name] } : {}),
    ...(kind === 'virtual machine with SELinux' ? { selinux: [host.name] } : {}),
    ...(release === undefined ? {} : { release }),
  })
}

/** Cuts a host's power; `up([name])` switches it on again, with its files. */
export async function powerOff(name: string): Promise<void> {
  await alone(quiet, async () => {
    await checkOwner()
    await cutPower(hostOf(name, await knownHosts()).name)
  })
}

/** Throws hosts away; without names, the whole lab. `force`: even when another checkout started it. */
export async function down(names: string[] = [], options: LabOptions & { force?: boolean } = {}): Promise<void> {
  await alone(options.note ?? quiet, async () => {
    if (!options.force) await checkOwner()
    const known = await knownHosts()
    if (names.length === 0) await clear()
    else await Promise.all(names.map((name) => removeHost(hostOf(name, known).name)))
  })
}

async function clear(): Promise<void> {
  for (const name of await cgroups()) await killCgroup(name)
  await dropNetwork()
  await rm(namespaceEtc, { recursive: true, force: true })
  await rm(state, { recursive: true, force: true })
}

/** Runs a command on a host over ssh. */
export const ssh = (name: string, words: string[], options: CommandOptions = {}): Promise<Outcome> =>
  exec(sshWords(name, words), options)

/** What killed runs left: halves of hosts, and the processes of hosts that are no more. */
async function sweep(): Promise<void> {
  const folder = join(state, 'hosts')
  const names: string[] = await readdir(folder).catch(() => [])
  for (const name of names) if (name.endsWith('.part')) await rm(join(folder, name), { recursive: true, force: true })
  for (const name of await cgroups()) if (name !== serverGroup && !names.includes(name)) await killCgroup(name)
}

/** What is up and since when. */
export const status = async (): Promise<HostStatus[]> => statusOf(await knownHosts())

/** The inventory's hosts and the throwaway ones that there are. */
export async function knownHosts(): Promise<Host[]> {
  const names = await readdir(join(state, 'hosts')).catch(() => [])
  const records = await Promise.all(names.filter((name) => !name.endsWith('.part')).map(recordOf))
  const extra = records.filter((record) => record && !inventoryHosts.some((host) => host.name === record.name))
  return [...inventoryHosts, ...extra.map((record) => ({ name: record!.name, address: record!.address }))]
}
