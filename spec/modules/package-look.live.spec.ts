import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { changes, down, exec, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { eventsIn } from '../run/story.ts'

const HOST = 'spec-look-1'
const KEPT = 'find /tmp /root -name ".tsplay*"'
const program = [process.execPath, 'dist/engine/cli/main.js']

const said = async (words: string) => String((await ssh(HOST, [words])).stdout).trim()

describe('looks into packages, with a real apt', function () {
  this.timeout(120_000)
  let folder: string

  before(async function () {
    needsLab.call(this)
    folder = mkdtempSync(join(tmpdir(), 'tsplay-look-'))
    writeFileSync(join(folder, 'site.yml'), book)
    await up([`${HOST}=192.168.1.181`], { downloads: 'packages' })
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
