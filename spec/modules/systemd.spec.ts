import { expect } from 'chai'
import { PredictedFiles } from '../../engine/state/predicted-files.ts'
import { type Unit, unit, unitName } from '../../engine/state/reads/unit.ts'
import systemd from '../../modules/systemd.ts'
import { planOf } from './harness.ts'

const loaded: Unit = {
  load: 'loaded',
  active: 'inactive',
  sub: 'dead',
  file: 'disabled',
  needsReload: false,
  type: 'simple',
  remains: false,
}
const running: Unit = { ...loaded, active: 'active', sub: 'running', file: 'enabled' }
const plan = (there: Unit | null, params: object, more: object = {}) =>
  planOf(systemd, { there, stale: false, similar: null, ...more }, { name: 'etcd', ...params })
const shows = (there: Unit | null, params: object, more: object = {}) =>
  (plan(there, params, more).steps ?? []).map((step) => step.show)

const reply = (stdout: string, stderr = '', status = 0) => ({
  status,
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(stderr),
})

describe('systemd', () => {
  const table: [string, Unit, object, string[]][] = [
    ['a stopped unit is started', loaded, { state: 'started' }, ['start etcd.service']],
    ['a running unit is left alone', running, { state: 'started', enabled: true }, []],
    [
      'enabling comes before starting',
      loaded,
      { state: 'started', enabled: true },
      ['enable etcd.service', 'start etcd.service'],
    ],
    ['a failed unit is started', { ...loaded, active: 'failed' }, { state: 'started' }, ['start etcd.service']],
    ['an activating unit counts as started', { ...loaded, active: 'activating' }, { state: 'started' }, []],
    ['a failed unit counts as stopped', { ...loaded, active: 'failed' }, { state: 'stopped' }, []],
    ['a restart is done each time', running, { state: 'restarted' }, ['restart etcd.service']],
    ['a stopped unit is started, not reloaded', loaded, { state: 'reloaded' }, ['start etcd.service']],
    [
      'changed unit files are read before a restart',
      { ...running, needsReload: true },
      { state: 'restarted' },
      ['have systemd read its unit files again', 'restart etcd.service'],
    ],
    [
      'changed unit files are not read for a unit that stays as it is',
      { ...running, needsReload: true },
      { state: 'started' },
      [],
    ],
    ['a static unit cannot be enabled', { ...running, file: 'static' }, { enabled: false }, []],
    [
      'unmasking comes first',
      { ...loaded, load: 'masked', file: 'masked' },
      { masked: false, state: 'started' },
      ['unmask etcd.service', 'start etcd.service'],
    ],
    ['masking alone', running, { masked: true }, ['mask etcd.service']],
  ]
  for (const [title, there, params, expected] of table)
    it(title, () => expect(shows(there, params)).to.deep.equal(expected))

  it('reads changed unit files when asked, which is no change by itself', () => {
    const { steps, result } = plan(running, { state: 'started', daemon_reload: true }, { stale: true })
    expect(steps?.map((step) => step.script)).to.deep.equal(['systemctl daemon-reload'])
    expect(result?.changed).to.equal(false)
  })

  it('says which unit is missing, and what is near', () => {
    expect(plan(null, { state: 'started' }, { similar: 'etc' })).to.deep.equal({
      failed: 'This host has no unit etcd.service.',
      hint: 'Did you mean "etc"?',
    })
  })

  it('refuses to start what is masked', () => {
    expect(plan({ ...loaded, load: 'masked', file: 'masked' }, { state: 'started' }).failed).to.equal(
      'etcd.service is masked: it cannot be started.',
    )
  })

  it('knows units that are no services', () => {
    expect(['etcd', 'etcd.service', 'kubelet.timer', 'getty@tty1', 'a.b'].map(unitName)).to.deep.equal([
      'etcd.service',
      'etcd.service',
      'kubelet.timer',
      'getty@tty1.service',
      'a.b.service',
    ])
  })
})

describe('the look at units', () => {
  const asks = ['ssh.service', 'nope.service', 'cron.service'].map((name) => ({ name, scope: 'system' as const }))

  it('asks once for all, and reads the blocks in order', () => {
    expect(unit.items(asks)).to.have.length(1)
    const output = [
      'Id=ssh.service\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nNeedDaemonReload=no\nFragmentPath=/lib/systemd/system/ssh.service\nMainPID=33\nType=notify\nRemainAfterExit=no\n',
      'Id=nope.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\nNeedDaemonReload=no\n',
      'Id=cron.service\nLoadState=masked\nActiveState=inactive\nSubState=dead\nUnitFileState=masked\nNeedDaemonReload=yes\n',
    ].join('\n')
    const [ssh, nope, cron] = unit.parse([reply(`${output}\n`)], asks) as (Unit | null)[]
    expect(ssh).to.include({ load: 'loaded', active: 'active', file: 'enabled', mainPid: 33, needsReload: false })
    expect(nope).to.equal(null)
    expect(cron).to.include({ load: 'masked', file: 'masked', needsReload: true })
  })

  it('says what is wrong where systemd does not answer', () => {
    const text =
      "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n"
    const answers = unit.parse([reply('', text, 1)], asks)
    expect(answers[0]).to.be.an('error').with.property('message').that.contains('systemd does not answer on this host')
  })

  it('counts an init script as enabled by its links', () => {
    const block = 'Id=ssh.service\nLoadState=loaded\nActiveState=active\nUnitFileState=generated\n'
    expect((unit.parse([reply(block, 'initscript ssh\n')], [asks[0]!])[0] as Unit).file).to.equal('enabled')
    expect((unit.parse([reply(block)], [asks[0]!])[0] as Unit).file).to.equal('disabled')
  })

  it('sees predicted unit files, drop-ins and removals', async () => {
    const ask = { name: 'etcd.service', scope: 'system' as const }
    const seen = (files: PredictedFiles, real: Unit | null) => unit.predicted!(files, ask, () => Promise.resolve(real))
    const written = new PredictedFiles()
    written.apply({
      path: '/etc/systemd/system/etcd.service',
      type: 'file',
      content: Buffer.from('[Service]\nType=notify\n[Install]\nWantedBy=multi-user.target\n'),
    })
    expect(await seen(written, null)).to.include({
      load: 'loaded',
      active: 'inactive',
      file: 'disabled',
      type: 'notify',
    })
    expect(await seen(written, running)).to.include({ active: 'active', needsReload: true })
    const dropped = new PredictedFiles()
    dropped.apply({ path: '/etc/systemd/system/etcd.service.d/env.conf', type: 'file', content: Buffer.from('') })
    expect(await seen(dropped, running)).to.include({ needsReload: true })
    const removed = new PredictedFiles()
    removed.apply({ path: '/etc/systemd/system/etcd.service', type: 'absent' })
    expect(await seen(removed, { ...loaded, fragment: '/etc/systemd/system/etcd.service' })).to.equal(null)
    expect(seen(new PredictedFiles(), running)).to.equal(undefined)
  })
})
