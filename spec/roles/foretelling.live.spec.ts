// What a dry run of the whole cluster says, from blank hosts to the finished cluster, beside what then happens.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import { down, exec, fresh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { tsx } from '../lab/places.ts'
import { eventsIn } from '../run/story.ts'
import { byTask, cameFrom, figureOf, type Miss } from './foretelling.ts'
import type { Stop } from './foretelling-run.ts'
import { failuresIn, HaCluster, hosts, type Run, root } from './ha-cluster.ts'

describe('dry runs of the cluster before every role, and what then happens', function () {
  this.timeout('20m')
  let cluster: HaCluster
  let folder: string
  let stops: readonly Stop[]
  let came: readonly Event[]
  let again: Run

  before(async function () {
    needsLab.call(this)
    this.timeout('20m')
    cluster = await HaCluster.begin()
    folder = await mkdtemp(join(tmpdir(), 'tsplay-foretelling-'))
    await up()
    for (const host of hosts) await fresh(host)
    const script = fileURLToPath(new URL('foretelling-run.ts', import.meta.url))
    const file = join(folder, 'foretold.json')
    const words = ['--conditions=tsplay-source', '--import', tsx, script, cluster.pki, file]
    const { status, stdout, stderr } = await exec([process.execPath, ...words], { cwd: root })
    came = eventsIn(stdout)
    expect(status, `${failuresIn(came)}${stderr}`).to.equal(0)
    stops = JSON.parse(await readFile(file, 'utf8')) as Stop[]
    again = await cluster.play('--diff')
  })
  after(async function () {
    if (!cluster) return
    this.timeout('3m')
    await cluster.end()
    await down(hosts)
    if (folder) await rm(folder, { recursive: true })
  })

  it('leaves a cluster that is whole', () => {
    expect(again.status, again.text).to.equal(0)
    for (const host of hosts) expect(again.recap[host], host).to.include({ changed: 0, failed: 0 })
  })

  it('fails nowhere, whatever stage the hosts are at', () => {
    for (const { before, status, events, wrong } of stops)
      expect(status, `before ${before || 'all'}: ${failuresIn(events)}${wrong}`).to.equal(0)
  })

  it('says what happens', () => {
    const all = { agree: 0, exact: 0, of: 0 }
    const misses: (Miss & { readonly at: string })[] = []
    for (const { before, after, events } of stops) {
      const said = byTask(events)
      const figure = figureOf(said, cameFrom(said, came.slice(0, after), came.slice(after), again.events))
      const at = `before ${before || 'everything'}`
      process.stdout.write(`      ${at}: ${figure.agree} of ${figure.of} foretold, ${figure.exact} to the letter\n`)
      for (const count of ['agree', 'exact', 'of'] as const) all[count] += figure[count]
      misses.push(...figure.misses.map((miss) => ({ at, ...miss })))
    }
    const percent = (part: number) => `${((100 * part) / all.of).toFixed(1)} %`
    process.stdout.write(`      in all: ${percent(all.agree)} foretold, ${percent(all.exact)} to the letter\n`)
    expect(misses.map((miss) => Object.values(miss).join('; '))).to.deep.equal([])
  })
})
