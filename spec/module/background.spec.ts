import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { runModule } from '../../engine/module/life-cycle.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import type { Connection, Item, RunOptions } from '../../engine/wire/connection.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import command from '../../modules/command.ts'
import { params } from '../modules/harness.ts'
import { Workbench } from '../modules/workbench.ts'

/** A connection that is lost at its second call, and for some calls more. */
class Flaky extends LocalConnection {
  calls = 0
  readonly #lost: number

  constructor(lost: number) {
    super('here')
    this.#lost = lost
  }

  override async run(items: readonly Item[], options?: RunOptions) {
    this.calls++
    if (this.calls > 1 && this.calls <= 1 + this.#lost) throw new Problem('host-unreachable', 'gone', { host: 'here' })
    return super.run(items, options)
  }
}

describe('a job whose connection is lost', () => {
  let home: string
  let bench: Workbench
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tsplay-home-'))
    bench = new Workbench()
  })
  afterEach(async () => {
    await bench.close()
    rmSync(home, { recursive: true, force: true })
  })

  const run = (connection: Connection, seconds: number) => {
    let reconnected = 0
    const ended = runModule(command, params(command, { cmd: 'sh -c "sleep 1; echo done"' }), {
      host: 'here',
      connection: async () => connection,
      memory: new HostMemory(),
      controller: bench.controller(false),
      checking: false,
      environment: { ANSIBLE_ASYNC_DIR: home },
      background: {
        id: 'j1.1',
        seconds,
        poll: 1,
        sleep: async () => {},
        reconnect: async () => {
          reconnected++
        },
      },
    })
    return ended.then((end) => ({ result: end.result, reconnected }))
  }

  it('is found again when the host is back', async () => {
    const connection = new Flaky(2)
    await connection.open()
    const { result, reconnected } = await run(connection, 30)
    expect(result).to.include({ rc: 0, stdout: 'done', finished: 1, changed: true })
    expect(reconnected).to.equal(2)
    expect(readdirSync(home)).to.deep.equal([])
    await connection.close()
  })

  it('is unreachable when the host stays away longer than the job may take', async () => {
    const connection = new Flaky(Number.POSITIVE_INFINITY)
    await connection.open()
    const thrown = await run(connection, 0.1).catch((problem: unknown) => problem)
    expect((thrown as Problem).code).to.equal('host-unreachable')
    await connection.close()
  })
})
