import { expect } from 'chai'
import type { Controller } from '../../engine/module/controller.ts'
import { EarlyProbe } from '../../engine/module/early-probe.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { View } from '../../engine/state/view.ts'
import { MemoryConnection } from '../../engine/wire/memory.ts'

/** A module that looks at one file, and at what `more` asks. */
const looking = (more: (view: View, controller: Controller) => unknown = () => undefined) =>
  ({
    probe: async (view: View, { path }: { path: string }, controller: Controller) => {
      await more(view, controller)
      return view.query(`look at ${path}`)
    },
  }) as never

describe('a probe that was started ahead', () => {
  let memory: HostMemory
  let connection: MemoryConnection
  const controller = { checking: false, variable: () => 1 } as unknown as Controller
  const view = (ahead: boolean) =>
    new View({ name: 'h', memory, connection: async () => connection, as: undefined, ahead })
  const parts = (module: never, params: object = { path: '/a' }) => ({
    module,
    params,
    view: view(true),
    controller,
    memory,
  })

  beforeEach(() => {
    memory = new HostMemory()
    connection = new MemoryConnection('h', (script) => script)
  })

  it('stands for the probe with the same parameters, checking alike', () => {
    const module = looking()
    const early = new EarlyProbe(parts(module))
    expect(early.name.isOf(parts(module))).to.equal(true)
    expect(early.name.isOf(parts(module, { path: '/b' }))).to.equal(false)
    expect(early.name.isOf(parts(looking()))).to.equal(false)
    expect(early.name.isOf({ ...parts(module), controller: { ...controller, checking: true } })).to.equal(false)
  })

  const cases: readonly (readonly [string, boolean, ReturnType<typeof looking>, () => void])[] = [
    ['while nothing changes', true, looking(), () => {}],
    ['not after a step', false, looking(), () => memory.outdate([{ file: { path: '/other', type: 'file' } }])],
    ['not after a prediction', false, looking(), () => memory.predict([{ file: { path: '/other', type: 'file' } }])],
    ['not after a command', false, looking(), () => memory.forgetEverything()],
    ['not when it asked the controller', false, looking((_, asked) => asked.variable('x')), () => {}],
    ['when it asked only whose task it is', true, looking((_, asked) => asked.checking), () => {}],
    ['not when it asked for the time', false, looking((to) => to.query('date', { volatile: true })), () => {}],
  ]
  for (const [title, holds, module, change] of cases)
    it(`holds ${title}`, async () => {
      const early = new EarlyProbe(parts(module))
      await early.state
      change()
      expect(early.holds).to.equal(holds)
    })
})

describe('looks that a change makes necessary again', () => {
  it('are those of tasks to come, and those that the task itself will make', async () => {
    const memory = new HostMemory()
    const connection = new MemoryConnection('h', () => ({ status: 1 }))
    const view = (ahead: boolean) => new View({ name: 'h', memory, connection: async () => connection, ahead })
    const [own, next] = [view(false), view(true)]
    await Promise.all(
      [own.digest('/d/mine'), own.stat('/d'), next.digest('/d/its')].map((one) => one.catch(() => null)),
    )
    const written = (path: string) =>
      own
        .looksAfter([{ file: { path, type: 'file' } }], new Set())
        .items.map(({ script }) => script)
        .join('\n')
    expect(written('/d/mine'), 'nobody asks for it again').not.to.contain('mine')
    expect(
      own
        .looksAfter([{ file: { path: '/d/mine', type: 'file' } }])
        .items.map(({ script }) => script)
        .join('\n'),
    ).to.contain('mine')
    expect(written('/d/its')).to.contain('its')
    next.release()
    expect(written('/d/its'), 'its turn has come').not.to.contain('its')
  })
})
