// What modules do with SELinux, on a machine that enforces Debian's policy; all files' rows are one book, as its processor is
// emulated. Some three minutes, half of them the boot, where nothing runs beside it. What Ansible does there: selinux-rows.ts.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { down, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { factsOfUpHost } from '../referee/facts.ts'
import { expectContract } from './contract.ts'
import { tryInLab } from './lab-trials.ts'
import { commandsOf, recordFile } from './selinux-record.ts'
import { expectRow, givenOf, labelsIn, labelsScript, rowsOf, STATE, states } from './selinux-rows.ts'
import type { Outcome } from './trial.ts'

const HOST = 'selinux-2'
const WORD = `${HOST}=192.168.1.172`
const source = mkdtempSync(join(tmpdir(), 'tsplay-selinux-'))
const rows = rowsOf(source)

describe('a machine with SELinux', function () {
  this.timeout('10m')
  let outcome: Outcome
  let labels: Record<string, string>

  const on = async (script: string) => {
    const { status, stdout, stderr } = await ssh(HOST, [script])
    expect(status, `${script}\n${stderr}`).to.equal(0)
    return stdout
  }

  before(async function () {
    needsLab.call(this)
    this.timeout('15m')
    mkdirSync(join(source, 'tree'))
    for (const name of ['a', 'b']) writeFileSync(join(source, 'tree', name), name)
    await up([WORD], { selinux: [HOST], downloads: false })
  })
  after(async () => {
    rmSync(source, { recursive: true })
    await down([WORD])
  })

  it('answers as the light host with SELinux does', async () => {
    const said = await on(`mkdir -p /srv/www\n${commandsOf(readFileSync(recordFile, 'utf8')).script}`)
    if (process.env['SELINUX_RECORD']) writeFileSync(recordFile, said)
    expect(said).to.equal(readFileSync(recordFile, 'utf8'))
    expect(await on('getenforce')).to.equal('Enforcing\n')
  })

  it('has the facts that Ansible finds', async function () {
    if (!process.env['CI'] && spawnSync('ansible', ['--version']).error) this.skip()
    const { facts, wrong } = await factsOfUpHost(HOST)
    expect(wrong).to.deep.equal([])
    expect(facts).to.be.greaterThan(60)
  })

  describe('whose files', () => {
    before(async () => {
      const one = { given: givenOf(rows), yaml: rows.map(({ yaml }) => yaml).join('\n') }
      outcome = (await tryInLab(HOST, [one], { blind: true }))[0]!
      labels = labelsIn(await on(labelsScript(rows)))
    })

    it('are foretold, written, and then right', () => expectContract(outcome))

    for (const row of rows) it(row.title, () => expectRow(outcome, labels, rows, row))
  })

  describe('that is', () => {
    for (const [yaml, seen] of states)
      it(yaml.slice(2), async () => {
        const [came] = await tryInLab(HOST, [{ yaml }], { blind: true })
        expectContract(came!)
        expect(came!.first.statuses).to.deep.equal(['changed'])
        expect(await on(STATE)).to.equal(seen)
      })

    it('not given a policy that it has not, nor a file a type that the policy has not', async () => {
      const said = await tryInLab(
        HOST,
        ['- selinux: {state: enforcing, policy: mls}', '- file: {path: /etc/hosts, setype: nonsense}'].map((yaml) => ({
          // Permissive, it takes any label.
          given: '- selinux: {state: enforcing, policy: default}',
          yaml,
        })),
        { blind: true },
      )
      expect(said[0]!.checked.wrong).to.contain('This host has no policy "mls"')
      expect(said[0]!.first.wrong).to.contain('This host has no policy "mls"')
      expect(said[1]!.first.wrong).to.match(/Could not set flags and label of \/etc\/hosts: .*Invalid argument/)
      expect(await on(STATE)).to.equal(states[1]![1])
    })
  })
})
