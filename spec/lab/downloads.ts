// What the lab serves inside its network: the package source and the release tarballs, and nothing else.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { killCgroup, makeCgroup, populated } from './cgroup.ts'
import { inside } from './network.ts'
import { gateway, here, namespaceFile, state, tsx } from './places.ts'
import { LabProblem } from './problem.ts'
import { releasePaths } from './releases.ts'

// an underscore: no host can be named so
export const serverGroup = '_server'
const folder = join(state, 'served')
const log = join(state, 'server.log')

/** Serves the repository in `packages`, of another release than the usual one at its name, and the tarballs; a server that runs stays. */
export async function serveDownloads(packages: string, release = 'debian'): Promise<void> {
  await offer(release, packages)
  for (const [path, file] of Object.entries(releasePaths())) if (existsSync(file)) await offer(path, file)
  if ((await populated(serverGroup)) && (await listens(1))) return
  await killCgroup(serverGroup)
  const cgroup = await makeCgroup(serverGroup)
  const output = await open(log, 'a')
  const script = 'echo $$ >"$1/cgroup.procs"; shift; exec nsenter "$@"'
  const words = [`--net=${namespaceFile}`, process.execPath, '--import', tsx, join(here, 'serve.ts')]
  const child = spawn('sh', ['-c', script, 'lab', cgroup, ...words, folder, gateway, log], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    cwd: '/',
  })
  child.unref()
  await output.close()
  if (await listens(30)) return
  throw new LabProblem(
    'the download server does not start',
    `nothing answers at ${gateway}:80`,
    `It may have said why in ${log}.`,
  )
}

async function offer(path: string, target: string): Promise<void> {
  const link = join(folder, path)
  if ((await readlink(link).catch(() => '')) === target) return
  await mkdir(dirname(link), { recursive: true })
  await rm(link, { force: true })
  await symlink(target, link)
}

async function listens(seconds: number): Promise<boolean> {
  const ask = `exec 3<>/dev/tcp/${gateway}/80 && printf 'HEAD / HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 5 line <&3 && [[ $line == HTTP* ]]`
  const script = `end=$((SECONDS + ${seconds})); until (${ask}) 2>/dev/null; do ((SECONDS < end)) || exit 1; sleep 0.1; done`
  return (await inside(['bash', '-c', script])).status === 0
}

export const isServing = () => populated(serverGroup)
