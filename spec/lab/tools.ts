// The Debian packages that the lab itself runs on, installed when missing.
import { existsSync } from 'node:fs'
import type { Note } from './artifact.ts'
import { attempt, command } from './command.ts'
import { locked } from './lock.ts'

const packageOf: Record<string, string> = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  ssh: 'openssh-client',
  getfattr: 'attr',
  'apt-ftparchive': 'apt-utils',
  'dpkg-source': 'dpkg-dev',
  patch: 'patch',
  xz: 'xz-utils',
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  'mkfs.ext4': 'e2fsprogs',
  gcc: 'build-essential',
}

const forContainers = [
  'systemd-nspawn',
  'debootstrap',
  'ip',
  'ssh',
  'getfattr',
  'apt-ftparchive',
  'dpkg-source',
  'patch',
  'xz',
]
const forMachines = ['qemu-system-x86_64', 'qemu-img', 'mkfs.ext4']
const forCompiling = ['gcc']

/** Installs what the lab runs on, and what is needed beside for virtual machines, or to compile. */
export async function ensureTools(beside: 'machines' | 'compiling' | undefined, note: Note): Promise<void> {
  const more = beside === 'machines' ? forMachines : beside === 'compiling' ? forCompiling : []
  const lacking = () => [...forContainers, ...more].filter((program) => !isThere(program))
  if (lacking().length === 0) return
  await locked('/run/lock/tsplay-lab-tools', note, async () => {
    const names = lacking().map((program) => packageOf[program] ?? program)
    if (names.length === 0) return
    note(`installing ${names.join(' ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']
    const install = ['apt-get', ...options, 'install', ...names]
    if ((await attempt(install, { env })).status === 0) return
    await command(['apt-get', '-qq', 'update'], { env }) // the lists may be missing or old
    await command(install, { env })
  })
}

function isThere(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => existsSync(`${folder}/${program}`))
}
