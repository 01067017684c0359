import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ran } from '../../engine/testing/example-runs.ts'
import { playTasks } from '../../engine/testing/play-tasks.ts'
import { command } from '../lab/command.ts'
import { LightHost, type LightPlace } from '../lab/light-host.ts'
import type { LightLayers } from '../lab/light-layer.ts'
import { parseFiles } from '../lab/machine-files.ts'
import { isMark } from '../lab/marks.ts'
import { type Case, type Outcome, tryCase } from './trial.ts'

/** A light host, and a folder on this machine from which tasks are played on it. */
export class LightPlayground {
  readonly host: LightHost
  readonly #folder = mkdtempSync(join(tmpdir(), 'tsplay-kind-'))
  /** The playbook's folder: what tasks name on the controller is put here. */
  readonly book = join(this.#folder, 'book')

  private constructor(host: LightHost, layers: LightLayers) {
    this.host = host
    mkdirSync(this.book)
    const { name, address, port } = host.place
    writeFileSync(join(this.#folder, 'known_hosts'), `[${address}]:${port} ${layers.hostKey}\n`)
    const options = `-o UserKnownHostsFile=${this.#folder}/known_hosts -o IdentitiesOnly=yes`
    const vars = {
      ansible_host: address,
      ansible_port: port,
      ansible_user: 'root',
      ansible_ssh_private_key_file: layers.key,
      ansible_ssh_common_args: options,
    }
    writeFileSync(this.inventory, `all: {hosts: {${name}: ${JSON.stringify(vars)}}}\n`)
  }

  static async open(place: LightPlace, layers: LightLayers): Promise<LightPlayground> {
    return new LightPlayground(await LightHost.start(place, layers), layers)
  }

  get inventory(): string {
    return join(this.#folder, 'hosts.yml')
  }

  play(tasks: string, how: { check?: boolean; verify?: boolean } = {}): Promise<Ran> {
    return playTasks(this.book, tasks, { inventory: this.inventory }, how)
  }

  /** Holds a case to the contract's runs. */
  try(one: Case): Promise<Outcome> {
    return tryCase(
      one,
      (tasks, how) => this.play(tasks, how),
      () => this.#files(),
    )
  }

  async close(): Promise<void> {
    await this.host.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #files(): Promise<Map<string, string>> {
    // its own mounts are others' file systems; what is asked is a copy of what the machine sees there
    const format = String.raw`%y|%U:%G %m|%s|%T@|%l|/%P\0`
    const said = await command(['find', `${this.host.root}/`, '-xdev', '-printf', format])
    const files = new Map<string, string>()
    for (const { path, digest } of parseFiles(said).values()) if (!isMark(path)) files.set(`host:${path}`, digest)
    for (const name of readdirSync(this.book, { recursive: true, encoding: 'utf8' })) {
      if (name === 'site.yml') continue
      const file = join(this.book, name)
      const there = statSync(file)
      const content = there.isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : ''
      files.set(`controller:${name}`, `${there.mode} ${content}`)
    }
    return files
  }
}
