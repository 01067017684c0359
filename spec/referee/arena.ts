import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LightHost } from '../lab/light-host.ts'
import { type LightLayers, lightLayers } from '../lab/light-layer.ts'
import { tooledLayers } from '../lab/tooled-layer.ts'
import type { Ground } from './case.ts'
import { leftFiles } from './left-files.ts'

const names = ['h1', 'h2', 'h3', 'h4']
const port = 2277

/** Where a case is played. */
export interface Stage {
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
  reset(script?: string, ground?: Ground): Promise<void>
  /** The words that run these where the hosts can be reached. */
  words(words: readonly string[]): string[]
  files(): Record<string, string[]>
}

/** Four blank hosts and the home folder from which both sides reach them by the same words. */
export class Arena implements Stage {
  /** HOME for a run: its ~/.ssh knows the hosts. */
  readonly home: string
  /** Goes first in PATH: OpenSSH reads ~ from the user database, not from HOME, so `ssh` is told. */
  readonly bin: string
  readonly #claim: Server
  readonly #net: string
  readonly #layers: LightLayers
  readonly #note: (text: string) => void
  /** What the hosts stand on now. */
  #ground: Ground = 'blank'
  #hosts: LightHost[] = []
  /** Hosts on which the shell of a case has run. */
  readonly #touched = new Set<LightHost>()

  private constructor(claim: Server, net: string, layers: LightLayers, note: (text: string) => void) {
    this.#note = note
    this.#claim = claim
    this.#net = net
    this.#layers = layers
    this.home = mkdtempSync(join(tmpdir(), 'tsplay-arena-'))
    this.bin = join(this.home, 'bin')
    this.#furnish()
    process.once('exit', this.#clear)
  }

  readonly #clear = () => rmSync(this.home, { recursive: true, force: true })

  /** Makes an arena on addresses that no other has; several may be open at once, in several processes. */
  static async open(note: (text: string) => void = () => {}): Promise<Arena> {
    const layers = await lightLayers(note)
    for (let set = 1; set < 200; set++) {
      const net = `127.77.${set}`
      const claim = await listen(`${net}.254`)
      if (!claim) continue
      const arena = new Arena(claim, net, layers, note)
      arena.#hosts = await Promise.all(names.map((_, index) => arena.#start(index, layers)))
      return arena
    }
    throw new Error('all addresses of 127.77.0.0/16 that arenas use are taken')
  }

  /** Makes hosts that somebody has been on anew, or that stand on another ground, then runs `script` on each as root. */
  async reset(script?: string, ground: Ground = 'blank'): Promise<void> {
    const layers = ground === 'tooled' ? await tooledLayers(this.#note) : this.#layers
    const other = ground !== this.#ground
    this.#ground = ground
    this.#hosts = await Promise.all(
      this.#hosts.map(async (host, index) => {
        if (!other && !host.visited && !this.#touched.has(host)) return host
        await host.stop()
        return this.#start(index, layers)
      }),
    )
    if (script === undefined) return
    for (const host of this.#hosts) {
      this.#touched.add(host)
      const { status, stderr } = await host.run(`set -eu\n${script}`)
      if (status !== 0) throw new Error(`the case's "host" script fails: ${stderr}`)
    }
  }

  get environment(): Record<string, string> {
    return { HOME: this.home, PATH: `${this.bin}:${process.env.PATH}` }
  }

  words(words: readonly string[]): string[] {
    return [...words]
  }

  /** Does work of this process from the arena's home. */
  async from<T>(work: () => Promise<T>): Promise<T> {
    const outer = { HOME: process.env.HOME, PATH: process.env.PATH }
    Object.assign(process.env, this.environment)
    try {
      return await work()
    } finally {
      Object.assign(process.env, outer)
    }
  }

  host(name: string): LightHost {
    return this.#hosts.find((host) => host.place.name === name)!
  }

  /** An address of this arena's own; its hosts have the first four. */
  address(last: number): string {
    return `${this.#net}.${last}`
  }

  /** What is below /srv on each host. */
  files(): Record<string, string[]> {
    return Object.assign(
      {},
      ...this.#hosts.map((host) => leftFiles(join(host.root, 'srv'), `${host.place.name}:/srv`, true)),
    )
  }

  get logs(): string {
    return this.#hosts.map((host) => `${host.place.name}:\n${host.log}`).join('')
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()))
    await new Promise((resolve) => this.#claim.close(resolve))
    process.off('exit', this.#clear)
    this.#clear()
  }

  #start(index: number, layers: LightLayers): Promise<LightHost> {
    return LightHost.start({ name: names[index]!, address: `${this.#net}.${index + 1}`, port }, layers)
  }

  #furnish(): void {
    const ssh = join(this.home, '.ssh')
    mkdirSync(ssh, { mode: 0o700 })
    mkdirSync(this.bin)
    copyFileSync(this.#layers.key, join(ssh, 'key'))
    chmodSync(join(ssh, 'key'), 0o600)
    writeFileSync(join(ssh, 'known_hosts'), `[127.77.*]:${port} ${this.#layers.hostKey}\n`)
    // Nobody listens where "gone" should be.
    const hosts = [...names.map((name, index) => [name, index + 1] as const), ['gone', 99] as const]
    const config = [
      ...hosts.map(([name, last]) => `Host ${name}\n  HostName ${this.#net}.${last}\n`),
      `Host *\n  Port ${port}\n  IdentityFile ${ssh}/key\n  IdentitiesOnly yes\n  IdentityAgent none\n`,
      `  UserKnownHostsFile ${ssh}/known_hosts\n  StrictHostKeyChecking yes\n`,
    ]
    writeFileSync(join(ssh, 'config'), config.join(''))
    writeFileSync(join(this.bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${ssh}/config' "$@"\n`, { mode: 0o755 })
  }
}

/** Listens there as long as the process lives; undefined when another does. */
function listen(address: string): Promise<Server | undefined> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(port, address, () => {
      server.unref()
      resolve(server)
    })
  })
}
