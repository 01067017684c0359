import { expect } from 'chai'
import { down, exec, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import type { HostOutcome, HostTask } from './on-host.ts'

const HOST = 'spec-apt-1'
const REPO = 'deb [trusted=yes] file:/srv/repo ./'
const PARTS = '/etc/apt/sources.list.d'

async function run(...tasks: HostTask[]): Promise<HostOutcome[]> {
  const words = [
    '--conditions=tsplay-source',
    '--import',
    'tsx',
    'spec/modules/on-host.ts',
    HOST,
    JSON.stringify(tasks),
  ]
  const { status, stdout, stderr } = await exec([process.execPath, ...words])
  expect(status, String(stderr)).to.equal(0)
  return JSON.parse(String(stdout))
}

const said = async (words: string) => String((await ssh(HOST, [words])).stdout).trim()

describe('package sources, with a real apt', function () {
  this.timeout(120_000)
  before(async function () {
    needsLab.call(this)
    await up([`${HOST}=192.168.1.175`], { downloads: false })
    await fresh(HOST, { downloads: false })
    const about =
      'Package: made-up\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b.c>\\nFilename: x.deb\\nSize: 1\\nSHA256: 0\\n'
    await ssh(HOST, [`rm /etc/apt/sources.list; mkdir -p /srv/repo; printf '${about}' >/srv/repo/Packages`])
  })
  after(() => down([HOST]))

  const states: [string, HostTask, string, string][] = [
    [
      'a line brings its packages',
      { module: 'apt_repository', params: { repo: REPO, filename: 'mine' } },
      `cat ${PARTS}/mine.list; apt-cache madison made-up | grep -c file:/srv/repo; ls -A ${PARTS}`,
      `${REPO}\n1\nmine.list`,
    ],
    [
      'without it they are gone',
      { module: 'apt_repository', params: { repo: REPO, state: 'absent' } },
      `ls -A ${PARTS}; apt-cache madison made-up; echo none`,
      'none',
    ],
    [
      'a source in the new form is taken by apt',
      {
        module: 'deb822_repository',
        params: { name: 'mine', uris: 'file:/srv/repo', suites: './', trusted: true, components: [] },
      },
      `apt-get -q update >/dev/null 2>&1; apt-cache madison made-up | grep -c 'file:/srv/repo'`,
      '1',
    ],
    ['and goes', { module: 'deb822_repository', params: { name: 'mine', state: 'absent' } }, `ls -A ${PARTS}`, ''],
  ]
  for (const [title, task, look, found] of states)
    it(`${task.module}: ${title}; dry run, run and second run agree`, async () => {
      const [planned, done, again] = await run({ ...task, checking: true }, task, task)
      expect(done?.problem, 'the audit too').to.equal(undefined)
      expect([planned?.result?.changed, done?.result?.changed, again?.result?.changed]).to.deep.equal([
        true,
        true,
        false,
      ])
      expect(planned?.result?.diff).to.deep.equal(done?.result?.diff)
      expect(await said(look)).to.equal(found)
    })

  it('puts everything back when the index cannot be fetched', async () => {
    const there = 'deb [trusted=yes] file:/srv/repo ./\n# deb [trusted=yes] file:/srv/none ./\n'
    await ssh(HOST, [`printf '${there}' >${PARTS}/kept.list; chmod 640 ${PARTS}/kept.list`])
    const retries = { update_cache_retries: 1 }
    const [enabled, fresh] = await run(
      { module: 'apt_repository', params: { repo: 'deb [trusted=yes] file:/srv/none ./', ...retries } },
      { module: 'apt_repository', params: { repo: 'deb [trusted=yes] file:/srv/nowhere ./', ...retries } },
    )
    expect(enabled?.problem?.message).to.match(/^Could not fetch the package index: [\s\S]*srv\/none/)
    expect(fresh?.problem?.message).to.match(/the package sources are as they were before$/)
    expect(await said(`cat ${PARTS}/kept.list; stat -c %a ${PARTS}/kept.list; ls -A ${PARTS}`)).to.equal(
      `${there}640\nkept.list`,
    )
  })
})
