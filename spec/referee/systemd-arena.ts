import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exec, execWords, sshWords } from '../lab/exec.ts'
import { down, fresh, up } from '../lab/lab.ts'
import { hostFolder } from '../lab/places.ts'
import type { Stage } from './arena.ts'
import { leftFiles } from './left-files.ts'

const hosts = ['h1=192.168.1.233', 'h2=192.168.1.234']
const names = hosts.map((host) => host.split('=')[0]!)

/** Two blank hosts of the lab with a systemd of their own; the lab is left as it was found. */
export class SystemdArena implements Stage {
  readonly home = mkdtempSync(join(tmpdir(), 'tsplay-systemd-arena-'))
  /** The lab puts its keys and names in the place of ours. */
  readonly environment = {}
  #blank = true

  private constructor() {
    process.once('exit', this.#clear)
  }

  readonly #clear = () => rmSync(this.home, { recursive: true, force: true })

  static async open(note: (text: string) => void = () => {}): Promise<SystemdArena> {
    const arena = new SystemdArena()
    await up(hosts, { note, downloads: false })
    return arena
  }

  /** Makes the hosts anew, then runs `script` on each as root. */
  async reset(script?: string): Promise<void> {
    if (!this.#blank) for (const name of names) await fresh(name, { downloads: false })
    this.#blank = false
    if (script === undefined) return
    for (const name of names) {
      const { status, stderr } = await exec(sshWords(name, ['sh', '-s']), { input: `set -eu\n${script}` })
      if (status !== 0) throw new Error(`the case's "host" script fails on ${name}: ${stderr}`)
    }
  }

  words(words: readonly string[]): string[] {
    return execWords([...words])
  }

  files(): Record<string, string[]> {
    return Object.assign(
      {},
      ...names.map((name) => leftFiles(join(hostFolder(name), 'upper/srv'), `${name}:/srv`, true)),
    )
  }

  async close(): Promise<void> {
    await down(names)
    process.off('exit', this.#clear)
    this.#clear()
  }
}
