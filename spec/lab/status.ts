// What is up, since when, and what it is.
import { readFile } from 'node:fs/promises'
import { members } from './cgroup.ts'
import { isServing, serverGroup } from './downloads.ts'
import { isUp } from './host.ts'
import type { Host } from './hosts.ts'
import { gateway } from './places.ts'
import { recordOf } from './record.ts'

export type HostStatus = Host & { kind: string; since: Date | undefined; services: string }

/** The state of `hosts` and of the download server. */
export async function statusOf(hosts: readonly Host[]): Promise<HostStatus[]> {
  const list = await Promise.all(hosts.map(hostStatus))
  const since = (await isServing()) ? await startOf((await members(serverGroup))[0]) : undefined
  const services = since ? 'http: /debian /etcd /kubernetes' : ''
  return [{ name: 'lab', address: gateway, kind: 'downloads', since, services }, ...list]
}

async function hostStatus(host: Host): Promise<HostStatus> {
  const record = await recordOf(host.name)
  const up = record !== undefined && (await isUp(host.name))
  const [first] =
    record?.kind === 'container' ? await members(host.name, 'payload/init.scope') : await members(host.name)
  const since = up ? await startOf(first) : undefined
  return { ...host, kind: [record?.kind, record?.release].filter(Boolean).join(' '), since, services: up ? 'ssh' : '' }
}

/** When a process started. */
async function startOf(pid: number | undefined): Promise<Date | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const boot = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1]
  // the fields after the program's name, which may hold spaces itself; times are in hundredths
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return ticks && boot ? new Date((Number(boot) + Number(ticks) / 100) * 1000) : undefined
}

/** The state as a table. */
export function statusTable(list: readonly HostStatus[]): string {
  const rows = list.map((row) => [
    row.name,
    row.address,
    row.since ? timeOf(row.since) : 'down',
    row.kind || '-',
    row.services,
  ])
  const all = [['HOST', 'ADDRESS', 'UP SINCE', 'KIND', 'SERVICES'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

const timeOf = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ')
