// What keeps this machine from hosting the lab.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { parseOsRelease } from './sources.ts'

const overlay = `modprobe overlay 2>/dev/null
  d=$(mktemp -d /var/lib/tsplay-lab.probe-XXXXXX) && cd "$d" && mkdir lower upper work root
  mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay root; made=$?
  umount root; cd /; rm -r "$d"; exit $made`

/** A line for each thing that this machine lacks to host the lab; none when it can. */
export function missing(): string[] {
  if (process.platform !== 'linux') return [`Linux: this is ${process.platform}`]
  const system = existsSync('/etc/os-release') ? parseOsRelease(readFileSync('/etc/os-release', 'utf8')) : {}
  const works = (words: string[]) => spawnSync(words[0] ?? '', words.slice(1), { stdio: 'ignore' }).status === 0
  const lacks: string[] = []
  if (!['debian', 'ubuntu'].includes(system.ID ?? '')) {
    lacks.push(`Debian or Ubuntu: this is ${system.PRETTY_NAME ?? system.ID ?? 'another system'}`)
  }
  if (process.arch !== 'x64') lacks.push(`an amd64 processor: this one is ${process.arch}`)
  if (process.getuid?.() !== 0) return [...lacks, 'root: run it as root or with sudo']
  if (!works(['unshare', '--mount', '--net', '--pid', '--fork', 'true'])) {
    lacks.push('the right to make namespaces (unshare): a container needs to be privileged')
  }
  if (!works(['unshare', '--mount', 'sh', '-c', overlay])) {
    lacks.push('overlay file systems above /var/lib (it must not be an overlay itself)')
  }
  if (
    !works(['sh', '-c', 'd=$(awk \'$3 == "cgroup2" {print $2; exit}\' /proc/self/mounts); mkdir -p "$d/tsplay-lab"'])
  ) {
    lacks.push('version 2 of control groups, mounted writable')
  }
  const bridge = 'ip link add br9 type bridge && ip link add ve8 type veth peer name ve9'
  if (works(['sh', '-c', 'command -v ip']) && !works(['unshare', '--net', 'sh', '-c', bridge])) {
    lacks.push('bridges and veth pairs in the kernel')
  }
  return lacks
}
