import { generateKeyPairSync } from 'node:crypto'
import { readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { Workbench } from '../modules/workbench.ts'

describe('what is shown of a file that changes', () => {
  const key = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const body = (text: string) => text.split('\n')[1]!
  const cases: [string, string, string, boolean][] = [
    ['a key that is new', '', key.privateKey, true],
    ['a key that goes', key.privateKey, 'no key\n', true],
    ['a key inside other text', 'a\n', `a\n${key.privateKey}b\n`, true],
    ['a kubeconfig', 'a\n', 'users:\n- user:\n    client-key-data: QUJDREVGRw==\n', true],
    ['a public key', 'a\n', key.publicKey, false],
  ]
  for (const [what, before, after, hidden] of cases) {
    it(`${hidden ? 'hides' : 'shows'} ${what}`, async () => {
      const bench = new Workbench()
      try {
        if (before !== '') writeFileSync(bench.path('f'), before)
        const result = await bench.settle('copy', { content: after, dest: bench.path('f') })
        const said = JSON.stringify(result.diff)
        for (const text of [before, after].filter((one) => one.includes('PRIVATE')))
          expect(said).not.to.contain(body(text))
        expect(said.includes('QUJDREVGRw')).to.equal(false)
        expect(result.diff![0]!.secret ?? false).to.equal(hidden)
        if (!hidden) expect(result.diff![0]!.after).to.equal(after)
      } finally {
        await bench.close()
      }
    })
  }
})

describe('a place that a link leads to', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    symlinkSync(bench.path('gone', 'f'), bench.path('link'))
  })
  afterEach(() => bench.close())

  it('is refused in the dry run already, where its folder is missing', async () => {
    const dest = bench.path('link')
    const said = (await bench.check('copy', { content: 'a', dest, follow: true })).result
    expect(said.failed).to.equal(true)
    expect(said.msg).to.equal(`${dest} is a link: Destination folder ${bench.path('gone')} does not exist.`)
  })

  it('gets its folder where folders are to be made, and the link stays', async () => {
    const path = bench.path('link')
    const result = await bench.settle('lineinfile', { path, line: 'a', create: true })
    expect(result.diff!.map((change) => change.path)).to.deep.equal([bench.path('gone'), bench.path('gone', 'f')])
    expect(bench.read('gone', 'f')).to.equal('a\n')
    expect(readlinkSync(path)).to.equal(bench.path('gone', 'f'))
  })
})
