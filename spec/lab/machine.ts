// A host in a virtual machine: a kernel of its own, so that modules, every sysctl and swap are as on hardware.
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateApt } from './apt.ts'
import { artifact, type Note } from './artifact.ts'
import { build } from './build.ts'
import type { Host } from './hosts.ts'
import { gateway, here } from './places.ts'

const wanted = ['linux-image-amd64', 'initramfs-tools', 'udev']
/** The policy, with the tools that it needs; what Ansible needs there, and what downloads. */
const wantedForSelinux = ['selinux-policy-default', 'python3-selinux', 'curl']

/** The folder of the root file system of virtual machines, made from the base when the cache has none (about a minute). */
export async function machine(base: string, note: Note): Promise<string> {
  const script = join(here, 'machine-base.sh')
  const recipe = [base, await readFile(script, 'utf8'), ...wanted]
  return artifact('machine', recipe, note, async (folder) => {
    note('making the system of virtual machines, once: about a minute')
    await extend('machine', base, wanted, folder)
    await build('machine', ['bash', script, folder])
  })
}

/** The same with SELinux, as Debian's policy has it, its files labelled; made from the system of the other machines. */
export async function selinuxMachine(system: string, note: Note): Promise<string> {
  const kind = 'selinux-machine'
  const script = join(here, 'selinux-machine.sh')
  const recipe = [system, await readFile(script, 'utf8'), ...wantedForSelinux]
  return artifact(kind, recipe, note, async (folder) => {
    note('making the system of machines with SELinux, once: half a minute')
    await extend(kind, system, wantedForSelinux, folder)
    await build(kind, ['bash', script, folder])
  })
}

/** Copies the system `below` into `folder`, and beside it, into debs/, the packages that it lacks for `names`. */
async function extend(kind: string, below: string, names: readonly string[], folder: string): Promise<void> {
  const apt = `${folder}/apt.part`
  await mkdir(apt)
  const env = await privateApt(apt, join(below, 'var/lib/dpkg/status'))
  await build(kind, ['apt-get', '-qq', '-y', '--download-only', 'install', ...names], { env })
  await build(kind, ['cp', '--archive', '--reflink=auto', `${below}/.`, folder])
  await mkdir(join(folder, 'debs'))
  const archives = join(apt, 'cache/archives')
  for (const file of await readdir(archives)) {
    if (file.endsWith('.deb')) await copyFile(join(archives, file), join(folder, 'debs', file))
  }
  await rm(apt, { recursive: true })
}

/** Adds to the layer of a host the address that a container is given from outside. */
export async function equip(host: Host, layer: string): Promise<void> {
  const network = join(layer, 'etc/systemd/network')
  await mkdir(network, { recursive: true })
  const text = `[Match]\nName=eth0\n\n[Network]\nAddress=${host.address}/24\nGateway=${gateway}\n`
  await writeFile(join(network, 'eth0.network'), text)
}
