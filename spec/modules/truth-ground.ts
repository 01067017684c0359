// A lab host as the ground for trials. What it is put back from is a copy of its own layer, seen through an overlay.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { PlayTasks } from '../../engine/testing/example-runs.ts'
import { type Cut, differing, type Ground, type Kept, type Seen, type Sight } from '../../engine/testing/ground.ts'
import { playTasks } from '../../engine/testing/play-tasks.ts'
import { members } from '../lab/cgroup.ts'
import { attempt, command } from '../lab/command.ts'
import { changes, fresh } from '../lab/lab.ts'
import { hostFolder } from '../lab/places.ts'
import { recordOf } from '../lab/record.ts'

/** What of a host is not in its files: services, mounts and settings, but for what comes and goes with a login. */
const CIRCUMSTANCES = `systemctl list-units --plain --no-legend --state=active,activating,failed --type=service,mount,swap |
  cut -d' ' -f1 | grep -v '^user-runtime-dir@\\|^user@\\|^run-user' || :
cut -d' ' -f2,3,4 /proc/mounts | grep -v '^/run/user' || :
sysctl -a --pattern '^net\\.ipv4\\.(ip_forward|tcp_keepalive)' 2>/dev/null`

export class LabGround implements Ground {
  readonly #host: string
  /** Files put back that the host's base has too: they lie in the host's own layer now, though they are no changes. */
  readonly #asBase = new Map<string, string>()
  /** Where the controller works: playbooks, authorities. */
  readonly folder = mkdtempSync(join(tmpdir(), 'tsplay-truth-'))

  constructor(host: string) {
    this.#host = host
  }

  readonly play: PlayTasks = (tasks, how) =>
    playTasks(
      this.folder,
      tasks,
      { inventory: `${this.#host},`, user: 'root', variables: { ansible_timeout: 60 } },
      how,
    )

  async look(within?: string): Promise<Map<string, Seen>> {
    const changed = (await changes(this.#host)).filter(({ path, digest }) => this.#asBase.get(path) !== digest)
    const seen = new Map<string, Seen>(changed.map(({ path, ...change }) => [path, change]))
    for (const name of readdirSync(this.folder, { recursive: true, encoding: 'utf8' })) {
      if (name === 'site.yml') continue
      const there = statSync(join(this.folder, name))
      const content = there.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(this.folder, name)))
            .digest('hex')
        : ''
      const type = there.isFile() ? 'file' : 'folder'
      seen.set(`controller:${name}`, { kind: 'added', type, digest: `${there.mode} ${content}` })
    }
    if (within === undefined) return seen
    const words = ['find', within, '-xdev', '-mindepth', '1', '-printf', '%p\\t%y %m %u:%g %s %T@ %l\\n']
    for (const line of (await this.#inside(words)).stdout.split('\n').filter(Boolean)) {
      const [path = '', digest = ''] = line.split('\t')
      const type = { f: 'file', d: 'folder', l: 'link' }[digest[0] ?? ''] ?? 'other'
      // a folder's own size and time tell of what is in it, which is told by itself
      if (type !== 'folder') seen.set(path, { kind: 'added', type: type as Seen['type'], digest })
    }
    return seen
  }

  async shell(script: string): Promise<{ status: number; said: string }> {
    const { status, stdout, stderr } = await this.#inside(['sh', '-c', script])
    return { status, said: `${stdout}${stderr}`.trim() }
  }

  async keep(): Promise<Kept> {
    const { base } = (await recordOf(this.#host))!
    const at = hostFolder(this.#host)
    const kept = mkdtempSync(join(tmpdir(), 'tsplay-kept-'))
    const view = join(kept, 'view')
    mkdirSync(view)
    const sight = await this.look()
    const circumstances = await this.#circumstances()
    await command(['cp', '-a', join(at, 'upper'), join(kept, 'upper')])
    cpSync(this.folder, join(kept, 'controller'), { recursive: true })
    const layers = [join(kept, 'upper'), join(at, 'layer'), base].join(':')
    await command(['mount', '-t', 'overlay', 'overlay', '-o', `ro,lowerdir=${layers}`, view])
    return {
      putBack: async (paths) => {
        const wrong = paths ?? differing(sight, await this.look()).filter(posix.isAbsolute)
        await this.#replace(wrong, view)
        if (paths) return true
        rmSync(this.folder, { recursive: true })
        cpSync(join(kept, 'controller'), this.folder, { recursive: true })
        const back = this.#asInBase(sight, await this.look(), wrong)
        return differing(sight, back).length === 0 && (await this.#circumstances()) === circumstances
      },
      drop: async () => {
        await command(['umount', view])
        rmSync(kept, { recursive: true, force: true })
      },
    }
  }

  async cut(tasks: string, { nth, after, how }: Cut): Promise<void> {
    const first = await this.#first()
    // Waits for a word inside, so that the moment is not that of starting a program.
    const script = `main=$(systemctl show -P MainPID ssh)
all() { for p in $(cat /sys/fs/cgroup/system.slice/ssh.service/cgroup.procs); do [ "$p" = "$main" ] || echo "$p"; done; cat $(find /sys/fs/cgroup/user.slice -name cgroup.procs -path '*session-*') /dev/null; }
read -r word
${how === 'lost' ? 'kill -KILL $(pgrep -f "^sshd: " | grep -vx "$main")' : 'kill -TERM $(all)'}
n=0; while [ -n "$(all)" ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n + 1)); done; :`
    const words = [`--target=${first}`, '--all', 'sh', '-c', script]
    const cutter = spawn('nsenter', words, {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    const ended = once(cutter, 'exit')
    let count = 0
    let cutting: Promise<void> | undefined
    await this.play(tasks, {
      doing: () => {
        count += 1
        if (count === nth) cutting = pause(after).then(() => void cutter.stdin.write('now\n'))
      },
    })
    // What was done in less than that is not cut off.
    await cutting
    cutter.stdin.end()
    await ended
  }

  async renew(): Promise<void> {
    await fresh(this.#host, { downloads: 'packages' })
    this.#asBase.clear()
    rmSync(this.folder, { recursive: true })
    mkdirSync(this.folder)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  /** Gives the host what the view has at these paths, through its own root: a layer in use is not to be written to. */
  async #replace(paths: readonly string[], view: string): Promise<void> {
    const root = `/proc/${await this.#first()}/root`
    const script = `root=$1 view=$2; shift 2
for path; do
  live=$root$path kept=$view$path
  if [ -d "$live" ] && [ ! -L "$live" ] && [ -d "$kept" ] && [ ! -L "$kept" ]; then
    chown --reference="$kept" "$live"; chmod --reference="$kept" "$live"
    continue
  fi
  rm -rf "$live"
  if [ -e "$kept" ] || [ -L "$kept" ]; then cp -a "$kept" "$live"; fi
done`
    if (paths.length > 0) await command(['sh', '-ec', script, 'sh', root, view, ...paths])
    if (paths.some((path) => path.includes('/systemd/system'))) await this.#inside(['systemctl', 'daemon-reload'])
  }

  /** The look without the paths that are as in the base again, of which later looks do not tell either. */
  #asInBase(wanted: Sight, now: Sight, paths: readonly string[]): Sight {
    const told = new Map(now)
    for (const path of paths) {
      const there = now.get(path)
      if (!there || there.kind === 'deleted' || wanted.has(path)) continue
      this.#asBase.set(path, there.digest)
      told.delete(path)
    }
    return told
  }

  async #circumstances(): Promise<string> {
    return (await this.#inside(['sh', '-c', CIRCUMSTANCES])).stdout
  }

  async #inside(words: string[]) {
    return attempt(['nsenter', `--target=${await this.#first()}`, '--all', ...words], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
  }

  async #first(): Promise<number> {
    const [first] = await members(this.#host, 'payload/init.scope')
    if (first === undefined) throw new Error(`${this.#host} is not up`)
    return first
  }
}
