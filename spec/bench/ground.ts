// Where peers are measured: any number of light hosts in a network of their own, and a home from which all reach them alike.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pLimit from 'p-limit'
import { killCgroup, makeCgroup } from '../lab/cgroup.ts'
import { apart, attempt } from '../lab/command.ts'
import { LightHost } from '../lab/light-host.ts'
import { lightLayers } from '../lab/light-layer.ts'
import { here } from '../lab/places.ts'
import { leftFiles } from '../referee/left-files.ts'
import { TwoNetworks } from './two-networks.ts'

const stopwatch = fileURLToPath(new URL('stopwatch.sh', import.meta.url))

/** What one run took. */
export interface Taken {
  readonly ms: number
  /** Of the run's processes on the controller, all together. */
  readonly computed_ms: number
  readonly stdout: string
}

export class Ground {
  readonly hosts: readonly LightHost[]
  /** For whatever the peers need to be given; they run in it. */
  readonly folder: string
  readonly #networks: TwoNetworks
  readonly #clear = () => rmSync(this.folder, { recursive: true, force: true })

  private constructor(hosts: readonly LightHost[], networks: TwoNetworks, folder: string) {
    this.hosts = hosts
    this.#networks = networks
    this.folder = folder
    process.once('exit', this.#clear)
  }

  /** Starts blank hosts h1, h2, …, `roundTrip` milliseconds away. */
  static async open(count: number, roundTrip: number): Promise<Ground> {
    const layers = await lightLayers((text) => process.stderr.write(`lab: ${text}\n`))
    const networks = await TwoNetworks.open(roundTrip)
    const atOnce = pLimit(2 * availableParallelism())
    const hosts = await Promise.all(
      Array.from({ length: count }, (_, index) => {
        const address = `10.77.${1 + Math.floor(index / 200)}.${1 + (index % 200)}`
        const place = { name: `h${index + 1}`, address, port: 22, network: networks.far }
        return atOnce(() => LightHost.start(place, layers))
      }),
    )
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-bench-'))
    furnish(folder, layers.key, layers.hostKey)
    return new Ground(hosts, networks, folder)
  }

  /** Runs words near the hosts, with nothing in between, and the watch on them alone. Throws when they fail. */
  async run(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Taken> {
    const group = `bench-${process.pid}`
    const cgroup = await makeCgroup(group)
    const report = join(this.folder, 'report')
    rmSync(report, { force: true })
    const homes = [...new Set([homedir(), userInfo().homedir])].join(':')
    const furnished = ['bash', join(here, 'inside.sh'), join(this.folder, 'etc'), join(this.folder, '.ssh'), homes]
    const watched = ['bash', stopwatch, cgroup, report, ...words]
    try {
      const { SSH_AUTH_SOCK: _, ...outer } = process.env
      const entered = ['nsenter', `--net=${this.#networks.near}`, ...apart(), ...furnished, ...watched]
      const { stderr } = await attempt(entered, { cwd: this.folder, env: { ...outer, ...env } })
      if (!existsSync(report)) throw new Error(`${words.join(' ')} was ended from outside: ${stderr}`)
      const said = (end: string) => readFileSync(`${report}.${end}`, 'utf8')
      const [status, microseconds] = readFileSync(report, 'utf8').split(' ').map(Number)
      if (status !== 0)
        throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}${said('out')}${said('err')}`)
      const computed = /^usage_usec (\d+)$/m.exec(readFileSync(join(cgroup, 'cpu.stat'), 'utf8'))?.[1]
      return { ms: microseconds! / 1000, computed_ms: Number(computed) / 1000, stdout: said('out') }
    } finally {
      // what it left to run on, such as a shared connection, is not to help the next
      await killCgroup(group)
    }
  }

  /** Runs shell text on each host, without logging in. */
  async onAll(script: string): Promise<void> {
    const atOnce = pLimit(8)
    await Promise.all(
      this.hosts.map((host) =>
        atOnce(async () => {
          const { status, stderr } = await host.run(script)
          if (status !== 0) throw new Error(`${host.place.name}: ${stderr}`)
        }),
      ),
    )
  }

  /** What is on each host of all that the peers are to do. */
  left(): Record<string, string[]> {
    return Object.assign(
      {},
      ...this.hosts.map(({ root, place }) => {
        const accounts = ['passwd', 'group'].flatMap((file) =>
          readFileSync(join(root, 'etc', file), 'utf8')
            .split('\n')
            .filter((line) => line.startsWith('bench:')),
        )
        const files = leftFiles(join(root, 'opt/bench'), `${place.name}:/opt/bench`, true)
        return accounts.length > 0 ? { ...files, [`${place.name}:accounts`]: accounts } : files
      }),
    )
  }

  /** How many processes were begun on the first host since it was made. */
  async begun(): Promise<number> {
    const { stdout } = await this.hosts[0]!.run('read -r a b c d last </proc/loadavg; echo $last')
    return Number(stdout)
  }

  passed() {
    return this.#networks.passed()
  }

  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stop()))
    await this.#networks.close()
    process.off('exit', this.#clear)
    this.#clear()
  }
}

function furnish(folder: string, key: string, hostKey: string): void {
  mkdirSync(join(folder, '.ssh'), { mode: 0o700 })
  copyFileSync(key, join(folder, '.ssh/id_ed25519'))
  writeFileSync(join(folder, '.ssh/known_hosts'), `10.77.* ${hostKey}\n`)
  mkdirSync(join(folder, 'etc'))
  writeFileSync(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n')
  writeFileSync(join(folder, 'etc/resolv.conf'), '')
}
