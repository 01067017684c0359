// The package source that the hosts see: what the roles install, with all it needs beyond the base, in one flat apt repository.
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { privateApt } from './apt.ts'
import { artifact, type Note } from './artifact.ts'
import { build } from './build.ts'
import { command } from './command.ts'

/** What the roles install, and what their users' first roles ask for. */
const wanted = [
  ...['ipvsadm', 'ipset', 'sysstat', 'conntrack', 'libseccomp2', 'iptables', 'ebtables', 'ethtool'],
  ...['haproxy', 'keepalived', 'psmisc', 'nginx-light', 'containerd', 'runc', 'docker.io', 'cri-tools'],
  ...['openssl', 'socat', 'curl', 'wget', 'ca-certificates', 'gnupg', 'jq', 'rsync', 'cron', 'logrotate', 'chrony'],
  ...['xz-utils', 'bzip2', 'zip', 'unzip', 'zstd', 'iputils-ping', 'netcat-openbsd', 'libpam-systemd', 'acl'],
]

/** What the specs install: small packages, and dnf with what makes a repository for it. */
const forSpecs = ['hello', 'tree', 'nftables', 'dnf', 'rpm', 'createrepo-c', 'busybox', 'locales', 'git']

/** The folder of the repository, made when the cache has none (about a minute). */
export function packages(base: string, note: Note, release?: string): Promise<string> {
  const names = [...wanted, ...forSpecs]
  return artifact(
    release === undefined ? 'packages' : `packages-${release}`,
    [base, ...names],
    note,
    async (folder) => {
      note('fetching the packages that the hosts may install, once: about a minute')
      const apt = join(folder, 'apt')
      await mkdir(apt)
      const env = await privateApt(apt, join(base, 'var/lib/dpkg/status'), release)
      const there = await offered(names, env)
      await build('packages', ['apt-get', '-qq', '-y', '--download-only', 'install', ...there], { env })
      const archives = join(apt, 'cache/archives')
      for (const file of await readdir(archives)) {
        // apt writes the colon of a version as %3a, which a server would have to take for a colon
        if (file.endsWith('.deb')) await rename(join(archives, file), join(folder, file.replaceAll('%3a', '.')))
      }
      await rm(apt, { recursive: true })
      await index(folder)
    },
  )
}

/** The names that the machine's package sources have: not every release has every package. */
async function offered(names: string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const said = await command(['apt-cache', 'policy', ...names], { env })
  return parsePolicy(said)
}

export function parsePolicy(text: string): string[] {
  return [...text.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (?!\(none\))/gm)].map((match) => match[1] ?? '')
}

async function index(folder: string): Promise<void> {
  const list = await command(['apt-ftparchive', 'packages', '.'], { cwd: folder })
  await writeFile(join(folder, 'Packages'), list)
  await command(['gzip', '--keep', '--best', 'Packages'], { cwd: folder })
  const about = ['Origin', 'Label'].flatMap((field) => ['-o', `APT::FTPArchive::Release::${field}=tsplay-lab`])
  await writeFile(join(folder, 'Release'), await command(['apt-ftparchive', ...about, 'release', '.'], { cwd: folder }))
}
