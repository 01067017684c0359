// The lab's SSH keys, kept in the cache so that a host made anew is still the host its known_hosts line names.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from './command.ts'
import { cache } from './places.ts'

const kinds = ['ed25519', 'ecdsa', 'rsa']

/** The folder with the key that opens every host: id_ed25519 and id_ed25519.pub. */
export const userKey = () => keyFolder('user', [['ed25519', 'id_ed25519']])

/** The folder with one host's keys, named as in /etc/ssh. */
export const hostKeys = (name: string) =>
  keyFolder(
    `host-${name}`,
    kinds.map((kind) => [kind, `ssh_host_${kind}_key`]),
  )

async function keyFolder(name: string, files: string[][]): Promise<string> {
  const folder = join(cache, 'keys', name)
  if (existsSync(folder)) return folder
  await mkdir(join(cache, 'keys'), { recursive: true, mode: 0o700 })
  const aside = await mkdtemp(join(cache, 'keys', '.part-'))
  await Promise.all(
    files.map(([kind = '', file = '']) =>
      command(['ssh-keygen', '-q', '-t', kind, '-N', '', '-C', 'tsplay-lab', '-f', join(aside, file)]),
    ),
  )
  // another process may have been as quick: its keys are as good
  await rename(aside, folder).catch(async (error) => {
    await rm(aside, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  })
  return folder
}

/** The lines of known_hosts for one host, by name and by address. */
export async function knownHostLines(host: { name: string; address: string }): Promise<string> {
  const folder = await hostKeys(host.name)
  const lines = await Promise.all(
    kinds.map(async (kind) => {
      const [type, key] = (await readFile(join(folder, `ssh_host_${kind}_key.pub`), 'utf8')).split(' ')
      return `${host.name},${host.address} ${type} ${key}\n`
    }),
  )
  return lines.join('')
}
