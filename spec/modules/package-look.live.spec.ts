import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import type { Change } from '../../engine/base/result.ts'
import type { Change as Changed } from '../lab/changes.ts'
import { changes, down, exec, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { eventsIn } from '../run/story.ts'

const HOST = 'spec-look-1'
const RPM_HOST = 'spec-look-2'
const KEPT = 'find /tmp /root -name ".tsplay*"'
const program = [process.execPath, 'dist/engine/cli/main.js']

/** As printed: the differences lie beside the result. */
type Printed = Extract<Event, { event: 'result' }> & { readonly diff?: readonly Change[] }

/** Of thousands, those that came, went or are not the same; but for the index of a database, which its readers keep. */
const different = (before: readonly Changed[], after: readonly Changed[]) => {
  const lines = (all: readonly Changed[]) =>
    all.filter(({ path }) => !path.endsWith('/rpmdb.sqlite-shm')).map((one) => JSON.stringify(one))
  const [was, is] = [new Set(lines(before)), new Set(lines(after))]
  return [...lines(before).filter((line) => !is.has(line)), ...lines(after).filter((line) => !was.has(line))]
}

const said = async (words: string) => String((await ssh(HOST, [words])).stdout).trim()

describe('looks into packages, with a real apt', function () {
  this.timeout(120_000)
  let folder: string

  before(async function () {
    needsLab.call(this)
    folder = mkdtempSync(join(tmpdir(), 'tsplay-look-'))
    writeFileSync(join(folder, 'site.yml'), book)
    await up([`${HOST}=192.168.1.231`], { downloads: 'packages' })
  })
  beforeEach(async () => {
    await fresh(HOST, { downloads: 'packages' })
    await ssh(HOST, [`echo 'APT::Update::Pre-Invoke {"echo . >>/run/fetches"};' >/etc/apt/apt.conf.d/99count`])
  })
  after(async () => {
    if (folder) rmSync(folder, { recursive: true })
    await down([HOST])
  })

  const words = () => [...program, 'run', join(folder, 'site.yml'), '-i', `${HOST},`, '-u', 'root', '--output', 'jsonl']
  const book = `- hosts: all
  gather_facts: false
  tasks:
    - package: {name: ipset}
    - package: {name: [haproxy, ipset]}
    - systemd: {name: haproxy, state: started, enabled: true}
    - package: {name: keepalived}
    - copy: {content: a, dest: /etc/keepalived/keepalived.conf}
`

  it('fetch the index once a run, and leave nothing', async () => {
    const before = await changes(HOST)
    const { status, stdout, stderr } = await exec([...words(), '--check', '--diff'])
    expect(status, String(stderr)).to.equal(0)
    expect(await said('cat /run/fetches')).to.equal('.')
    const results = eventsIn(String(stdout)).flatMap((event) =>
      event.event === 'result' ? [`${event.action} ${event.status}`] : [],
    )
    expect(results).to.deep.equal([
      'package changed',
      'package changed',
      'systemd ok',
      'package changed',
      'copy changed',
    ])
    expect(await changes(HOST)).to.deep.equal(before)
    expect(await said(KEPT)).to.equal('')
  })

  it('are not made by a run, which sees what comes', async () => {
    const { status, stderr } = await exec(words())
    expect(status, String(stderr)).to.equal(0)
    expect(await said('cat /run/fetches'), 'for the host itself').to.equal('.')
  })

  it('are gone too when the program that wanted them is', async () => {
    const inner = words().map((word) => `'${word}'`)
    const watch = `${inner.join(' ')} --check >/dev/null 2>&1 & echo $!`
    const pid = Number((await exec(['sh', '-c', watch])).stdout)
    let kept = ''
    for (let tries = 0; kept === '' && tries < 100; tries++) kept = await said(KEPT)
    process.kill(pid, 'SIGKILL')
    expect(kept).to.match(/^\/tmp\/\.tsplay-kept-\w+$/)
    for (let tries = 0; (await said(KEPT)) !== '' && tries < 300; tries++) await pause(100)
    expect(await said(KEPT)).to.equal('')
  })
})

describe('looks into packages, with a real dnf', function () {
  this.timeout(180_000)
  let folder: string

  before(async function () {
    needsLab.call(this)
    folder = mkdtempSync(join(tmpdir(), 'tsplay-look-'))
    writeFileSync(join(folder, 'site.yml'), book)
    await up([`${RPM_HOST}=192.168.1.232`], { downloads: 'packages' })
    await fresh(RPM_HOST, { downloads: 'packages' })
    const made = await ssh(RPM_HOST, [readFileSync(new URL('rpm-host.sh', import.meta.url), 'utf8')])
    expect(made.status, String(made.stderr)).to.equal(0)
  })
  after(async () => {
    if (folder) rmSync(folder, { recursive: true })
    await down([RPM_HOST])
  })

  const book = `- hosts: all
  gather_facts: false
  tasks:
    - dnf: {name: libgreet}
    - package: {name: greeter}
    - copy: {content: "hello\\n", dest: /etc/greeter/greeter.conf}
    - file: {path: /etc/greeter, mode: '2750', group: adm}
    - file: {path: /usr/bin/hello, state: link, src: ../sbin/greeter}
    - systemd: {name: greeter, state: started, enabled: true}
`
  const play = async (...more: string[]) => {
    const words = ['run', join(folder, 'site.yml'), '-i', `${RPM_HOST},`, '-u', 'root', '--output', 'jsonl', '--diff']
    const { stdout, stderr } = await exec([...program, ...words, ...more])
    const events = eventsIn(String(stdout))
    const results = events.flatMap((event) => (event.event === 'result' ? [event as Printed] : []))
    expect(results, String(stderr)).to.have.length(6)
    return results.map(({ action, status, diff }) => ({ action, status, diff }))
  }

  it('leave nothing, and foretell what the run then does', async () => {
    const before = await changes(RPM_HOST)
    const said = await play('--check')
    expect(different(before, await changes(RPM_HOST))).to.deep.equal([])
    expect(said).to.deep.equal([
      { action: 'dnf', status: 'changed', diff: [{ path: 'package libgreet', after: '2-1' }] },
      { action: 'package', status: 'changed', diff: [{ path: 'package greeter', after: '1:1.0-1' }] },
      { action: 'copy', status: 'ok', diff: undefined },
      { action: 'file', status: 'ok', diff: undefined },
      { action: 'file', status: 'ok', diff: undefined },
      {
        action: 'systemd',
        status: 'changed',
        diff: [{ path: 'greeter.service state', before: 'inactive', after: 'started' }],
      },
    ])
    expect(await play()).to.deep.equal(said)
    const again = await play()
    expect(again.map(({ status }) => status)).to.deep.equal(Array(6).fill('ok'))
  })
})
