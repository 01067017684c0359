// What a command inside the lab sees as ~/.ssh, /etc/hosts and /etc/resolv.conf. The user's own files are never touched.
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Host } from './hosts.ts'
import { knownHostLines, userKey } from './keys.ts'
import { gateway, key, knownHosts, namespaceEtc } from './places.ts'

/** Makes the lab's key, known_hosts and hosts file name `hosts`. */
export async function furnish(hosts: readonly Host[]): Promise<void> {
  await mkdir(dirname(key), { recursive: true, mode: 0o700 })
  const made = await userKey()
  await keep(key, await readFile(join(made, 'id_ed25519'), 'utf8'), 0o600)
  await keep(`${key}.pub`, await readFile(join(made, 'id_ed25519.pub'), 'utf8'), 0o644)
  await mkdir(namespaceEtc, { recursive: true })
  const keys = (await Promise.all(hosts.map(knownHostLines))).join('')
  await mend(knownHosts, keys, 0o600)
  const names = hosts.map((host) => `${host.address} ${host.name}\n`).join('')
  await mend(
    join(namespaceEtc, 'hosts'),
    `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${gateway} lab\n${names}`,
    0o644,
  )
  await mend(join(namespaceEtc, 'resolv.conf'), '# no name server: the lab is sealed\n', 0o644)
}

async function mend(file: string, wanted: string, mode: number): Promise<void> {
  await keep(file, mended(await readFile(file, 'utf8').catch(() => ''), wanted), mode)
}

/** Makes the file say `text`; whoever reads it meanwhile sees the old or the new, never a part. */
async function keep(file: string, text: string, mode: number): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => undefined)
  if (before === text) return
  if (before !== undefined && file.startsWith(namespaceEtc)) {
    // a running `exec` has this very file before its eyes: not a new one in its place
    const opened = await open(file, 'r+')
    await opened.write(text, 0)
    await opened.truncate(Buffer.byteLength(text))
    await opened.close()
    return
  }
  await writeFile(`${file}.part`, text, { mode })
  await rename(`${file}.part`, file)
}

/** The lines of `before` with those of `wanted`: a line that says something else of the same hosts goes, others stay. */
export function mended(before: string, wanted: string): string {
  const lines = (text: string) => text.split('\n').filter(Boolean)
  const hostsIn = (line: string) => {
    const fields = line.split(/\s+/)
    // known_hosts: names,with,commas type key; hosts: address names
    return fields[0]?.includes(',') ? fields[0].split(',') : fields
  }
  const named = new Set(lines(wanted).flatMap(hostsIn))
  const kept = lines(before).filter((line) => !hostsIn(line).some((host) => named.has(host)))
  return [...lines(wanted), ...kept].map((line) => `${line}\n`).join('')
}
