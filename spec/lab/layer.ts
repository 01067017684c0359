// What makes one host itself, as a layer between the base and the host's own changes: names, host keys, who may log in.
import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Host } from './hosts.ts'
import { hostKeys, userKey } from './keys.ts'

const people = [
  { home: '/root', id: 0 },
  { home: '/home/admin', id: 1000 },
  { home: '/home/deploy', id: 1001 },
]

/** Writes the layer of `host` into the empty folder `layer`, above `base`. */
export async function writeLayer(host: Host, base: string, layer: string): Promise<void> {
  const put = async (path: string, text: string, mode = 0o644, owner = 0) => {
    await folderAs(base, layer, dirname(path))
    await writeFile(join(layer, path), text, { mode })
    await chmod(join(layer, path), mode)
    await chown(join(layer, path), owner, owner)
  }
  await put('/etc/hostname', `${host.name}\n`)
  await put('/etc/hosts', `127.0.0.1\tlocalhost\n127.0.1.1\t${host.name}\n::1\tlocalhost ip6-localhost ip6-loopback\n`)
  // an id given: systemd then does not take each start for a first one, which would change files
  await put('/etc/machine-id', `${createHash('md5').update(`${host.name} ${host.address}`).digest('hex')}\n`, 0o444)
  const keys = await hostKeys(host.name)
  for (const kind of ['ed25519', 'ecdsa', 'rsa']) {
    const name = `ssh_host_${kind}_key`
    await put(`/etc/ssh/${name}`, await readFile(join(keys, name), 'utf8'), 0o600)
    await put(`/etc/ssh/${name}.pub`, await readFile(join(keys, `${name}.pub`), 'utf8'))
  }
  const authorized = await readFile(join(await userKey(), 'id_ed25519.pub'), 'utf8')
  for (const { home, id } of people) {
    await folderAs(base, layer, home)
    await mkdir(join(layer, home, '.ssh'), { mode: 0o700 })
    await chown(join(layer, home, '.ssh'), id, id)
    await put(`${home}/.ssh/authorized_keys`, authorized, 0o600, id)
  }
}

/** Makes `path` in the layer with the owner and mode it has in the base: a layer's folder hides the one below. */
async function folderAs(base: string, layer: string, path: string): Promise<void> {
  if (path !== '/') await folderAs(base, layer, dirname(path))
  const like = await stat(join(base, path)).catch(() => undefined)
  await mkdir(join(layer, path), { recursive: true })
  if (!like) return
  await chown(join(layer, path), like.uid, like.gid)
  await chmod(join(layer, path), like.mode & 0o7777)
}
