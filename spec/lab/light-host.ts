// Light hosts: a file system, processes, a name and a real sshd of their own, on an address of this machine's loopback or of another network. No
// systemd and no network of their own, so that one is up within a tenth of a second and a thousand fit on a machine.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { apart, attempt, type Outcome } from './command.ts'
import type { LightLayers } from './light-layer.ts'
import { here } from './places.ts'
import { LabProblem } from './problem.ts'

export type LightPlace = {
  readonly name: string
  /** In 127.0.0.0/8, or in the network. */
  readonly address: string
  readonly port: number
  /** The file of a network namespace to be in, instead of this machine's. */
  readonly network?: string
}

export class LightHost {
  readonly place: LightPlace
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #log = ''

  private constructor(place: LightPlace, layers: LightLayers) {
    this.place = place
    const { name, address, port, network } = place
    const namespaces = ['--pid', '--uts', '--ipc', '--fork', '--kill-child']
    const script = ['sh', join(here, 'light-host.sh'), layers.folders, name, address, String(port)]
    // killed with us, whatever ends us
    const words = [
      '--pdeathsig',
      'KILL',
      ...(network ? ['nsenter', `--net=${network}`] : []),
      ...apart(...namespaces),
      ...script,
    ]
    this.#child = spawn('setpriv', words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()))
  }

  /** Starts a blank host; resolves when its sshd listens. */
  static async start(place: LightPlace, layers: LightLayers): Promise<LightHost> {
    const host = new LightHost(place, layers)
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (host.#log.includes('Server listening')) resolve()
      }
      host.#child.stderr?.on('data', look)
      host.#child.once('error', reject)
      void host.#ended.then(() =>
        reject(
          new LabProblem(
            `the light host ${place.name} does not start on ${place.address}:${place.port}`,
            host.#log,
            'Another program may have that address and port.',
          ),
        ),
      )
    })
    return host
  }

  /** Its first process, by this machine's number. */
  get pid(): string {
    return /^first process: (\d+)$/m.exec(this.#log)?.[1] ?? ''
  }

  /** Its root folder, seen from this machine. */
  get root(): string {
    return `/proc/${this.pid}/root`
  }

  /** Whether anybody connected since it was started: if not, it is blank still. */
  get visited(): boolean {
    return !/listening on [^\n]*\n$/.test(this.#log)
  }

  /** Runs shell text there as root, without logging in. */
  run(script: string): Promise<Outcome> {
    const into = [
      `--root=${this.root}`,
      `--wd=${this.root}`,
      '--target',
      this.pid,
      '--mount',
      '--uts',
      '--pid',
      '--ipc',
    ]
    const env = { HOME: '/root', LC_ALL: 'C', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
    return attempt(['nsenter', ...into, 'sh', '-c', script], { env })
  }

  /** What its sshd said. */
  get log(): string {
    return this.#log
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
