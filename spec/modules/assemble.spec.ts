import { mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { Workbench } from './workbench.ts'

/** What Ansible's module of the same name puts together of `a` without its last line end, `b`, `c` empty and `.h`. */
const cases: [what: string, given: Record<string, unknown>, whole: string][] = [
  ['in the order of names', {}, '.h\na\nb\n'],
  ['without hidden ones', { ignore_hidden: true }, 'a\nb\n'],
  ['with a line between', { ignore_hidden: true, delimiter: '--' }, 'a\n--\nb\n--\n'],
  ['with line ends in the delimiter', { ignore_hidden: true, delimiter: '\\n--\\n' }, 'a\n\n--\nb\n\n--\n'],
  ['only some', { regexp: '[ab]$' }, 'a\nb\n'],
]

describe('assemble', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    for (const root of ['parts', 'controller/parts']) {
      mkdirSync(bench.path(root, 'folder'), { recursive: true })
      for (const [name, text] of Object.entries({ '1a': 'a', '2b': 'b\n', '3c': '', '.h': '.h\n' }))
        writeFileSync(bench.path(root, name), text)
    }
  })
  afterEach(() => bench.close())

  for (const [what, given, whole] of cases) {
    it(`${what}, of the host`, async () => {
      const dest = bench.path('whole')
      const result = await bench.settle('assemble', { src: bench.path('parts'), dest, mode: '0640', ...given })
      expect(bench.read('whole')).to.equal(whole)
      expect(bench.mode('whole')).to.equal('0640')
      expect(result).to.include({ changed: true, dest })
    })
    it(`${what}, of the controller`, async () => {
      await bench.settle('assemble', { src: 'parts', dest: bench.path('whole'), remote_src: false, ...given })
      expect(bench.read('whole')).to.equal(whole)
    })
  }

  it('says that there is no such folder', async () => {
    const { result } = await bench.apply('assemble', { src: bench.path('none'), dest: bench.path('whole') })
    expect(result).to.include({ failed: true, msg: `${bench.path('none')} is no folder of the host.` })
  })
})
