import { expect } from 'chai'
import { defineModule, type Plan } from '../../engine/module/definition.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { exec } from '../../engine/state/steps/exec.ts'
import { runOn } from '../modules/harness.ts'
import { Workbench } from '../modules/workbench.ts'

/** A package as a dry run sees it, without a package manager. */
const brings = defineModule({
  summary: 'Bring something.',
  params: { type: 'object', properties: {}, additionalProperties: false },
  probe: async (): Promise<{ there: boolean }> => ({ there: false }),
  plan: (): Plan => ({
    steps: [
      exec({
        show: 'install it',
        script: 'true',
        effects: [{ brings: 'user', why: 'what the package p would bring' }],
      }),
    ],
    changes: [{ path: 'package p', after: 'installed' }],
  }),
} as never)

describe('a dry run after what nobody can foresee wholly', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    bench.memory = new HostMemory()
  })
  afterEach(() => bench.close())

  const tasks = (): [string, Record<string, unknown>][] => [
    ['copy', { content: 'x', dest: bench.path('etc/p/p.conf') }],
    ['lineinfile', { path: bench.path('etc/p/p.conf'), line: 'x' }],
    ['file', { path: bench.path('etc/p/p.conf'), mode: '0600' }],
  ]

  it('fails for a folder that is missing, when nothing could bring it', async () => {
    for (const [name, given] of tasks()) expect((await bench.check(name, given)).result.failed, name).to.equal(true)
  })

  it('says that files of a package may change', async () => {
    await runOn(brings as never, {}, { connection: bench.connection, memory: bench.memory, checking: true })
    for (const [name, given] of tasks()) {
      const { result } = await bench.check(name, given)
      expect(result.failed, name).to.equal(undefined)
      expect(String(result.may_change)).to.match(/rests on what the package p would bring \(now: .+\)/)
    }
  })

  it('says so after a command too, and fails when it really runs', async () => {
    await bench.check('shell', { cmd: 'make install' })
    for (const [name, given] of tasks())
      expect((await bench.check(name, given)).result.may_change, name).to.be.a('string')
    for (const [name, given] of tasks()) expect((await bench.apply(name, given)).result.failed, name).to.equal(true)
  })
})
