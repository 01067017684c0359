// What modules do with SELinux, on a host that is seen to have it: its tools answer as a machine with SELinux did (selinux-record.txt).
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { needsLab } from '../lab/live.ts'
import { tooledLayers } from '../lab/tooled-layer.ts'
import { expectContract } from './contract.ts'
import { LightPlayground } from './light-place.ts'
import { recordFile } from './selinux-record.ts'
import { expectRow, givenOf, labelsIn, labelsScript, rowsOf, STATE, states } from './selinux-rows.ts'
import type { Outcome } from './trial.ts'

const place = { name: 'selinux-1', address: '127.77.240.1', port: 2279 }
const source = mkdtempSync(join(tmpdir(), 'tsplay-selinux-'))
const rows = rowsOf(source).filter(({ machine }) => !machine)

describe('a host with SELinux', function () {
  this.timeout(60_000)
  let host: LightPlayground
  let outcome: Outcome
  let labels: Record<string, string>

  before(async function () {
    needsLab.call(this)
    this.timeout('5m')
    mkdirSync(join(source, 'tree'))
    for (const name of ['a', 'b']) writeFileSync(join(source, 'tree', name), name)
    host = await LightPlayground.open(place, await tooledLayers(() => {}))
    await on(`cat >/run/selinux-record <<'RECORD'\n${readFileSync(recordFile, 'utf8')}RECORD`)
    await on(readFileSync(new URL('selinux-host.sh', import.meta.url), 'utf8'))
    outcome = await host.try({ given: givenOf(rows), yaml: rows.map(({ yaml }) => yaml).join('\n') })
    labels = labelsIn(await on(labelsScript(rows)))
  })
  after(async () => {
    rmSync(source, { recursive: true })
    await host?.close()
  })

  const on = async (script: string) => {
    const { status, stdout, stderr } = await host.host.run(script)
    expect(status, `${script}\n${stderr}`).to.equal(0)
    return stdout
  }

  it('has its files foretold, written, and then right', () => expectContract(outcome))

  for (const row of rows) it(row.title, () => expectRow(outcome, labels, rows, row))

  it('is asked nothing that the machine was not', async () =>
    expect(await on('cat /run/unrecorded 2>/dev/null || :')).to.equal(''))

  it('is told of among the facts', async () => {
    const facts = ['status == "enabled"', 'mode == "enforcing"', 'config_mode == "enforcing"', 'type == "default"']
    const that = [...facts, 'policyvers == 33'].map((one) => `facts.selinux.${one}`)
    expect((await host.play(`- assert: {that: [${that.join(', ')}]}`)).wrong).to.equal('')
  })

  it('says why a label cannot be', async () => {
    const { wrong } = await host.play('- file: {path: /etc/hosts, setype: nonsense}')
    expect(wrong).to.match(/Could not set flags and label of \/etc\/hosts: .*Invalid argument/)
  })

  for (const [yaml, seen] of states)
    it(yaml.slice(2), async () => {
      const came = await host.try({ yaml })
      expectContract(came)
      expect(came.first.statuses).to.deep.equal(['changed'])
      expect(await on(STATE)).to.equal(seen)
    })
})
