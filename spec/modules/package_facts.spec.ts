import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import { fakeHost, planFor } from 'tsplay/testing'
import { LocalConnection } from '../../engine/wire/local.ts'
import package_facts from '../../modules/package_facts.ts'
import { runOn } from './harness.ts'

const DPKG =
  'ii \tlibc6\t2.36-9\tamd64\tlibs\nii \tlibc6\t2.36-9\ti386\tlibs\nrc \tgone\t1\tamd64\tlibs\nO\tlibc6\tDebian\nO\tlibc6:i386\tElsewhere\n'
const RPM = 'R\tlibc6\t9\t1\t(none)\tx86_64\nR\tbash\t5.1\t6.el9\t2\tx86_64\n'
const host = (answers: Record<string, string | null>) =>
  fakeHost({
    answers: Object.fromEntries(['apt', 'apk', 'rpm'].map((name) => [`package-facts ${name}`, answers[name] ?? null])),
  })
const packages = async (params: Record<string, unknown>, there: Record<string, string | null>) => {
  const plan = await planFor(package_facts, params, host(there))
  const facts = plan.result?.['ansible_facts'] as { packages: Record<string, Record<string, unknown>[]> } | undefined
  return { plan, names: Object.keys(facts?.packages ?? {}), packages: facts?.packages }
}

describe('package_facts', () => {
  it('tells what is installed, in every architecture, and not what is gone but for its configuration', async () => {
    const { packages: found } = await packages({}, { apt: DPKG })
    expect(found).to.deep.equal({
      libc6: ['amd64', 'i386'].map((arch) => ({
        name: 'libc6',
        version: '2.36-9',
        arch,
        category: 'libs',
        origin: arch === 'i386' ? 'Elsewhere' : 'Debian',
        source: 'apt',
      })),
    })
  })

  it('asks the first that is there, in the order that is given, or all of them', async () => {
    const both = { apt: DPKG, rpm: RPM }
    expect((await packages({}, both)).names).to.deep.equal(['libc6'])
    expect((await packages({ manager: ['rpm', 'auto'] }, both)).names).to.deep.equal(['libc6', 'bash'])
    const all = await packages({ strategy: 'all' }, both)
    expect(all.names).to.deep.equal(['libc6', 'bash'])
    expect(all.packages!['libc6']!.map((one) => one['source'])).to.deep.equal(['rpm'])
    expect(all.packages!['bash']).to.deep.equal([
      { name: 'bash', version: '5.1', release: '6.el9', epoch: 2, arch: 'x86_64', source: 'rpm' },
    ])
  })

  it('says which of those that were named the host does not have', async () => {
    const { plan } = await packages({ manager: ['rpm', 'apt'] }, { apt: DPKG })
    expect(plan.warnings).to.deep.equal(['This host has no rpm to ask about packages.'])
    expect((await packages({ manager: ['apt', 'rpm'] }, { apt: DPKG })).plan.warnings).to.deep.equal([])
    expect((await packages({ manager: 'rpm' }, { apt: DPKG })).plan.failed).to.equal(
      'This host has no rpm to ask about packages.',
    )
    expect((await packages({}, {})).plan.failed).to.equal(
      'This host has none of dpkg, apk and rpm to ask about packages.',
    )
  })

  it('asks a real apt, where there is one, from where each is', async function () {
    const asked = spawnSync('apt-cache', ['policy', 'dpkg'], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
    if (asked.error) return this.skip()
    const connection = new LocalConnection('here')
    try {
      const { result } = await runOn(package_facts, {}, { connection })
      const { packages: found } = result['ansible_facts'] as { packages: Record<string, { origin: string }[]> }
      // The line below that of the version which is installed: where that is from, unless nobody but dpkg knows it.
      const from = /^ \*\*\* .*\n +-?\d+ (\S+)/m.exec(asked.stdout)![1]!
      if (from.startsWith('/var/lib/dpkg')) expect(found['dpkg']![0]!.origin).to.equal('')
      else expect(found['dpkg']![0]!.origin).to.match(/^(Debian|Ubuntu)$/)
    } finally {
      await connection.close()
    }
  })
})
