import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Ended } from '../../engine/module/life-cycle.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import synchronize from '../../modules/synchronize.ts'
import { runOn } from './harness.ts'
import { found } from './planted-tree.ts'

/** A folder that another one is made like, by synchronize. */
export class MirrorBench {
  readonly place = mkdtempSync(join(tmpdir(), 'tsplay-synchronize-'))
  readonly connection = new LocalConnection('here')
  readonly src = join(this.place, 'src')
  readonly dest = join(this.place, 'dest')
  readonly #mode: 'push' | 'pull'

  constructor(mode: 'push' | 'pull') {
    this.#mode = mode
    mkdirSync(this.src)
  }

  go(given: Record<string, unknown>, checking = false, memory = new HostMemory()): Promise<Ended> {
    // What is pulled goes to a folder beside the playbook.
    const dest = this.#mode === 'pull' ? 'dest' : this.dest
    return runOn(
      synchronize,
      { src: `${this.src}/`, dest, mode: this.#mode, ...given },
      { connection: this.connection, checking, memory, controller: { playbookDir: this.place } },
    )
  }

  /** A dry run, the run, and a second run that has nothing to do. */
  async settle(given: Record<string, unknown> = {}) {
    const before = this.#there()
    const foretold = (await this.go(given, true)).result
    expect(this.#there(), 'after the dry run').to.deep.equal(before)
    const { result, warnings } = await this.go(given)
    expect(foretold.diff).to.deep.equal(result.diff)
    expect(foretold.changed).to.equal(result.changed)
    const trips = this.connection.roundTrips
    const again = (await this.go(given)).result
    expect(again.diff ?? []).to.deep.equal([])
    expect(again.changed).to.equal(false)
    expect(readdirSync(this.place).filter((name) => name.startsWith('.tsplay'))).to.deep.equal([])
    const { sent, linked, deleted } = result
    return { ...result, sent, linked, deleted, warnings, trips: this.connection.roundTrips - trips }
  }

  async close(): Promise<void> {
    await this.connection.close()
    rmSync(this.place, { recursive: true, force: true })
  }

  #there(): Record<string, string> | undefined {
    return existsSync(this.dest) ? found(this.dest) : undefined
  }
}
