import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Commands that specs compare with or run against, and the Debian packages that bring them. */
const tools: Readonly<Record<string, string>> = {
  '/usr/bin/openssl': 'openssl',
  '/usr/bin/cfssl': 'golang-cfssl',
  '/usr/sbin/sshd': 'openssh-server',
  '/usr/bin/ssh': 'openssh-client',
  '/usr/bin/curl': 'curl',
  '/usr/bin/busybox': 'busybox',
  '/usr/bin/zip': 'zip',
  '/usr/bin/xz': 'xz-utils',
  '/usr/bin/bzip2': 'bzip2',
  '/usr/bin/sudo': 'sudo',
  '/usr/bin/ansible': 'ansible-core',
}

/** Installs what is missing, where that can be done; gives what is still missing. */
export function ensureTools(): string[] {
  const missing = () =>
    Object.entries(tools).filter(([path]) => !existsSync(path) && !existsSync(path.replace('/usr/sbin', '/usr/bin')))
  const wanted = missing().map(([, name]) => name)
  if (wanted.length === 0) return []
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return wanted
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  if (install().status !== 0) {
    spawnSync('apt-get', ['update', '-qq'], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
    install()
  }
  return missing().map(([, name]) => name)
}
