// What a command inside the lab sees as ~/.ssh, /etc/hosts and /etc/resolv.conf. The user's own files are never touched.
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Host } from './hosts.ts'
import { knownHostLines, userKey } from './keys.ts'
import { gateway, home, key, knownHosts, namespaceEtc } from './places.ts'

/** Makes the lab's key, known_hosts and hosts file name `hosts`. */
export async function furnish(hosts: readonly Host[]): Promise<void> {
  await mkdir(dirname(key), { recursive: true, mode: 0o700 })
  const made = await userKey()
  await keep(key, await readFile(join(made, 'id_ed25519'), 'utf8'), 0o600)
  await copyFile(join(made, 'id_ed25519.pub'), `${key}.pub`)
  await keep(knownHosts, (await Promise.all(hosts.map(knownHostLines))).join(''), 0o600)
  await mkdir(namespaceEtc, { recursive: true })
  const names = hosts.map((host) => `${host.address} ${host.name}\n`).join('')
  await keep(join(namespaceEtc, 'hosts'), `127.0.0.1 localhost\n::1 localhost\n${gateway} lab\n${names}`, 0o644)
  await keep(join(namespaceEtc, 'resolv.conf'), '# no name server: the lab is sealed\n', 0o644)
}

/** Adds the lines that `file` lacks; lines that somebody else added stay. */
async function keep(file: string, text: string, mode: number): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '')
  const there = new Set(before.split('\n'))
  const missing = text.split('\n').filter((line) => line && !there.has(line))
  if (missing.length === 0 && before !== '') return
  const whole = file === key ? text : before + missing.map((line) => `${line}\n`).join('')
  // a running `exec` holds the hosts file itself (bind mount), so that one is written in place
  if (file.startsWith(namespaceEtc) || file === knownHosts) return writeFile(file, whole, { mode })
  await writeFile(`${file}.part`, whole, { mode })
  await rename(`${file}.part`, file)
}

export { home }
