// The layers of a light host with nothing but busybox: no coreutils, no bash, no systemd, no package manager.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateApt } from './apt.ts'
import { artifact, type Note } from './artifact.ts'
import { base } from './base.ts'
import { build } from './build.ts'
import { hostKeys, userKey } from './keys.ts'
import { type LightLayers, lightName, lightSshd } from './light-layer.ts'
import { here } from './places.ts'
import { ensureTools } from './tools.ts'

/** What busybox hosts stand on, made when the lab's cache has none (busybox is compiled: two minutes). */
export async function busyboxLayers(note: Note): Promise<LightLayers> {
  await ensureTools(undefined, note)
  const below = await base(note)
  const program = await compiled(note)
  const script = join(here, 'busybox-base.sh')
  const key = join(await userKey(), 'id_ed25519')
  const keys = join(await hostKeys(lightName), 'ssh_host_ed25519_key')
  const [text, authorized, hostKey] = await Promise.all(
    [script, `${key}.pub`, `${keys}.pub`].map((file) => readFile(file, 'utf8')),
  )
  const recipe = [below, program, text!, authorized!, hostKey!, lightSshd]
  const folder = await artifact('busybox-root', recipe, note, async (folder) => {
    await chmod(folder, 0o755)
    await build('busybox-root', ['bash', script, folder, below, join(program, 'busybox')])
    await writeFile(join(folder, 'etc/ssh/light_config'), lightSshd)
    await writeFile(join(folder, 'etc/ssh/ssh_host_ed25519_key'), await readFile(keys), { mode: 0o600 })
    await writeFile(join(folder, 'etc/ssh/ssh_host_ed25519_key.pub'), hostKey!)
    await mkdir(join(folder, 'root/.ssh'), { mode: 0o700 })
    await writeFile(join(folder, 'root/.ssh/authorized_keys'), authorized!, { mode: 0o600 })
  })
  return { folders: folder, key, hostKey: hostKey!.split(' ').slice(0, 2).join(' ') }
}

/** The folder with the program. */
async function compiled(note: Note): Promise<string> {
  const script = join(here, 'busybox.sh')
  return artifact('busybox', [await readFile(script, 'utf8')], note, async (folder) => {
    note('compiling busybox, once: about two minutes')
    await ensureTools('compiling', note)
    const work = `${folder}/work`
    await mkdir(work)
    const env = await privateApt(join(work, 'apt'))
    await build('busybox', ['bash', script, folder, work], { env })
    await build('busybox', ['rm', '-rf', work])
  })
}
