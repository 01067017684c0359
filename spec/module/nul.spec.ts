import { expect } from 'chai'
import { checkedParameters } from '../../engine/module/checked-parameters.ts'
import { isLocal } from '../../engine/module/definition.ts'
import { type ObjectSchema, type Property, schemaOf } from '../../engine/module/parameters.ts'
import { ModuleRegistry } from '../../engine/module/registry.ts'
import { hardened } from '../modules/hard-values.ts'
import { Workbench } from '../modules/workbench.ts'

const nowhere = { value: () => undefined, key: () => undefined, whole: undefined }
const registry = new ModuleRegistry()
const places = await hardened()

describe('a NUL character', () => {
  for (const name of new Set(places.map(({ module }) => module)))
    it(`is refused in every text of ${name} that goes to a host, before any host is touched`, async () => {
      const module = await registry.load(name, [])
      for (const { name: parameter, at, paramsWith } of places.filter((one) => one.module === name)) {
        const { problems } = checkedParameters(
          `"${name}"`,
          module,
          paramsWith(() => 'a\0b'),
          nowhere,
        )
        const told = problems.filter(({ message }) => message.includes('cannot hold a NUL character'))
        const property: Property | undefined = (schemaOf(module) as ObjectSchema).properties[parameter]
        const may = isLocal(module) || property?.binary === true
        expect(told.length > 0, `${at}: ${problems.map(({ message }) => message)}`).to.equal(!may || asPath(property))
      }
    })

  const bench = new Workbench()
  after(() => bench.close())

  it('is written into a file as it is', async () => {
    await bench.settle('copy', { dest: bench.path('copied'), content: 'a\0b\n' })
    await bench.settle('blockinfile', { path: bench.path('copied'), block: 'e\0f' })
    expect(bench.read('copied')).to.equal('a\0b\n# BEGIN ANSIBLE MANAGED BLOCK\ne\0f\n# END ANSIBLE MANAGED BLOCK\n')
  })

  it('is read by a program as it is', async () => {
    const { result } = await bench.apply('command', { cmd: 'od -An -c', stdin: 'a\0b', stdin_add_newline: false })
    expect(String(result.stdout).trim()).to.equal('a  \\0   b')
  })
})

/** What touches no host still names files. */
const asPath = (property: Property | undefined) => ['path', 'line'].includes(property?.format ?? '')
