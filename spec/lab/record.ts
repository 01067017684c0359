// What the lab remembers of a host beside its files.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from './hosts.ts'
import { hostFolder } from './places.ts'

export type Kind = 'container' | 'virtual machine' | 'virtual machine with SELinux'

/** `base` is the folder of the root file system that the host's own files lie on; `release` only when it is not the usual one. */
export type HostRecord = Host & { kind: Kind; base: string; release?: string }

export async function recordOf(name: string): Promise<HostRecord | undefined> {
  const text = await readFile(join(hostFolder(name), 'host.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}
