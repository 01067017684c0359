// Every module's examples on the Debian that follows the lab's usual one.
import { expect } from 'chai'
import { down, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { allExamples } from '../modules/example-book.ts'
import { expectContract } from './contract.ts'
import { tryInLab } from './lab-trials.ts'
import type { Outcome } from './trial.ts'

const HOST = 'trixie-1'
const WORD = `${HOST}=192.168.1.171`
const OPAQUE = ['command', 'shell', 'script', 'raw']
const found = await allExamples()
const examples = found.filter(({ example }) => example.cannotRun === undefined)

describe('a host with Debian trixie', () => {
  let outcomes: Outcome[] = []

  before(async function () {
    needsLab.call(this)
    await up([WORD], { release: 'trixie', downloads: 'packages' })
    await fresh(HOST, { downloads: 'packages' })
    expect((await ssh(HOST, ['. /etc/os-release; echo $VERSION_CODENAME'])).stdout).to.equal('trixie\n')
    outcomes = await tryInLab(
      HOST,
      examples.map(({ example: { given, yaml } }) => (given === undefined ? { yaml } : { given, yaml })),
    )
  })
  after(async function () {
    this.timeout(60_000)
    await down([HOST])
  })

  for (const [index, { module, example }] of examples.entries())
    it(`${module}: ${example.title}`, () =>
      expectContract(outcomes[index]!, {
        opaque: OPAQUE.includes(module),
        repeats: example.repeats !== undefined,
      }))
})
