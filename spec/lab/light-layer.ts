// The layer that makes the lab's base a light host: its keys, who may log in, how its sshd is set. The same for all of them.
import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { artifact, type Note } from './artifact.ts'
import { base } from './base.ts'
import { hostKeys, userKey } from './keys.ts'
import { writeLayer } from './layer.ts'
import { ensureTools } from './tools.ts'

export const lightName = 'light'

/** No PAM: a session costs a third less, and nothing on a light host is about sessions. */
export const lightSshd = `UsePAM no
UseDNS no
PrintMotd no
PidFile none
MaxStartups 1000
MaxSessions 100
PermitRootLogin prohibit-password
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
`

export type LightLayers = {
  /** Folders, the uppermost first, as an overlay takes them. */
  readonly folders: string
  /** The private key that opens root, admin and deploy. */
  readonly key: string
  /** The key that every light host shows, as known_hosts has it: type and key. */
  readonly hostKey: string
}

/** What light hosts stand on, made when the lab's cache has none (the base: about a minute). */
export async function lightLayers(note: Note): Promise<LightLayers> {
  await ensureTools(undefined, note)
  const below = await base(note)
  const key = join(await userKey(), 'id_ed25519')
  const pub = await readFile(join(await hostKeys(lightName), 'ssh_host_ed25519_key.pub'), 'utf8')
  const layer = await artifact(
    'light',
    [below, pub, await readFile(`${key}.pub`, 'utf8'), lightSshd],
    note,
    async (folder) => {
      await writeLayer({ name: lightName, address: '127.77.0.0' }, below, folder)
      await mkdir(join(folder, 'etc/ssh'), { recursive: true })
      await writeFile(join(folder, 'etc/ssh/light_config'), lightSshd)
      const shadow = join(below, 'etc/shadow')
      const { mode, uid, gid } = await stat(shadow)
      // without PAM, sshd takes the mark of "no password" for a locked account
      const text = (await readFile(shadow, 'utf8')).replaceAll(':!:', ':*:')
      await writeFile(join(folder, 'etc/shadow'), text, { mode: 0o600 })
      await chown(join(folder, 'etc/shadow'), uid, gid)
      await chmod(join(folder, 'etc/shadow'), mode & 0o7777)
    },
  )
  return { folders: `${layer}:${below}`, key, hostKey: pub.split(' ').slice(0, 2).join(' ') }
}
