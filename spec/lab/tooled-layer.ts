// Light hosts on which modules find what they work with: a layer of Debian packages between the base and the light host's own.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { privateApt } from './apt.ts'
import { artifact, type Note } from './artifact.ts'
import { base } from './base.ts'
import { build } from './build.ts'
import { command } from './command.ts'
import { type LightLayers, lightLayers } from './light-layer.ts'
import { here } from './places.ts'

/** What modules need on a host, ours or Ansible's. */
const wanted = [
  ...['acl', 'bzip2', 'cron', 'curl', 'git', 'gnupg', 'iptables', 'locales', 'rsync', 'unzip', 'xz-utils', 'zip'],
  // dnf, and what makes a repository for it
  ...['createrepo-c', 'dnf', 'rpm'],
  // Ansible's own need
  ...['python3-apt', 'python3-debian', 'python3-selinux'],
]

/** What tooled hosts stand on, made when the lab's cache has none (half a minute). */
export async function tooledLayers(note: Note): Promise<LightLayers> {
  const light = await lightLayers(note)
  const below = await base(note)
  const script = join(here, 'tooled.sh')
  const tools = await artifact('tooled', [below, await readFile(script, 'utf8'), ...wanted], note, async (folder) => {
    note('installing what modules work with, once: half a minute')
    const apt = join(folder, 'apt')
    await mkdir(apt)
    const env = await privateApt(apt, join(below, 'var/lib/dpkg/status'))
    await command(['apt-get', '-qq', '-y', '--download-only', 'install', ...wanted], { env })
    const archives = join(apt, 'cache/archives')
    const packages = (await readdir(archives)).filter((file) => file.endsWith('.deb'))
    await build('tooled', ['sh', script, below, folder, ...packages.map((file) => join(archives, file))])
    await rm(apt, { recursive: true })
  })
  const [own = '', ...lower] = light.folders.split(':')
  return { ...light, folders: [own, tools, ...lower].join(':') }
}
