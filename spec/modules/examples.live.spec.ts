import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { foretold } from '../../engine/testing/example-runs.ts'
import { down, exec, fresh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { checkout, tsx } from '../lab/places.ts'
import { allExamples } from './example-book.ts'
import type { ExampleOutcome } from './examples-on-host.ts'

const HOST = 'examples-1'
const ADDRESS = '192.168.1.161'
/** What would happen nobody can say before a command ran, so a dry run may say so. */
const OPAQUE = ['command', 'shell', 'script', 'raw']

const runnable = (await allExamples()).filter(({ example }) => example.cannotRun === undefined)

const verdicts = ({ module, checked, touched, first, second, repeats }: ExampleOutcome) => ({
  'check clean': touched.length === 0,
  'predicted right':
    checked.statuses.length === first.statuses.length &&
    checked.statuses.every((said, index) => foretold(OPAQUE.includes(module), said, first.statuses[index])),
  idempotent: second.exit === 0 && (repeats || !second.statuses.includes('changed')),
  verified: first.exit === 0 && second.exit === 0,
})

function table(outcomes: readonly ExampleOutcome[]): string {
  const cell = (value: string | boolean) => (value === true ? 'yes' : value === false ? 'NO' : value).padEnd(16)
  const line = (cells: readonly (string | boolean)[]) => `    ${cells.map(cell).join('').trimEnd()}\n`
  const rows = outcomes.map((outcome) => line([outcome.module, ...Object.values(verdicts(outcome))]))
  return line(['module', 'check clean', 'predicted right', 'idempotent', 'verified']) + rows.join('')
}

describe('every example of every module, on a real host', () => {
  const outcomes = new Map<string, ExampleOutcome>()

  before(async function () {
    needsLab.call(this)
    // every example four times, each a run of its own
    this.timeout(30 * 60_000)
    await up([`${HOST}=${ADDRESS}`])
    await fresh(HOST)
    const words = ['--conditions=tsplay-source', '--import', tsx]
    const script = fileURLToPath(new URL('examples-on-host.ts', import.meta.url))
    const { status, stdout, stderr } = await exec([process.execPath, ...words, script, HOST], { cwd: checkout })
    for (const line of stdout.split('\n').filter(Boolean)) {
      const outcome = JSON.parse(line) as ExampleOutcome
      outcomes.set(`${outcome.module}: ${outcome.title}`, outcome)
    }
    expect(status, stderr).to.equal(0)
  })
  after(async function () {
    this.timeout(60_000)
    if (outcomes.size > 0) process.stdout.write(`\n${table([...outcomes.values()])}`)
    await down([HOST])
  })

  for (const { module, example } of runnable) {
    it(`${module}: ${example.title}`, () => {
      const outcome = outcomes.get(`${module}: ${example.title}`)
      if (!outcome) throw new Error('the example was not run')
      const { given, checked, touched, first, second } = outcome
      expect(given?.exit ?? 0, given?.wrong).to.equal(0)
      expect(checked.exit, checked.wrong).to.equal(0)
      expect(touched, 'files that the dry run changed').to.deep.equal([])
      expect(first.exit, first.wrong).to.equal(0)
      expect(verdicts(outcome)['predicted right'], `said ${checked.statuses}, came ${first.statuses}`).to.equal(true)
      expect(second.exit, second.wrong).to.equal(0)
      if (example.repeats === undefined) expect(second.statuses, 'of the second run').not.to.include('changed')
      else expect(second.statuses, example.repeats).to.include('changed')
    })
  }
})
