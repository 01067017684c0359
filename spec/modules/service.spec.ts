import { expect } from 'chai'
import { fakeHost, planFor } from 'tsplay/testing'
import { type InitAsk, type InitService, initService } from '../../engine/state/reads/init-service.ts'
import type { Unit } from '../../engine/state/reads/unit.ts'
import service from '../../modules/service.ts'
import { planOf } from './harness.ts'

const ask: InitAsk = { name: 'web', manager: 'auto', runlevel: 'default' }
const stopped: InitService = {
  manager: 'sysvinit',
  exists: true,
  running: false,
  crashed: false,
  enabled: false,
  tool: 'update-rc.d',
}
const openrc: InitService = { ...stopped, manager: 'openrc', tool: 'rc-update' }
const unit: Unit = { load: 'loaded', active: 'inactive', file: 'disabled', needsReload: false }

const planned = (script: InitService, params: object) =>
  planOf(
    service,
    { ask, found: script.manager, script, request: undefined, unit: undefined },
    { name: 'web', ...params },
  )

describe('service', () => {
  const table: [string, InitService, object, string[]][] = [
    ['a stopped service is started', stopped, { state: 'started' }, ['start web']],
    [
      'a running one is left alone',
      { ...stopped, running: true, enabled: true },
      { state: 'started', enabled: true },
      [],
    ],
    ['a stopped one stays stopped', stopped, { state: 'stopped', enabled: false }, []],
    ['enabling comes first', stopped, { state: 'started', enabled: true }, ['enable web', 'start web']],
    ['a restart is done each time', stopped, { state: 'restarted' }, ['restart web']],
    ['what does not run cannot reload: it is started', stopped, { state: 'reloaded' }, ['start web']],
    ['what runs is reloaded', { ...stopped, running: true }, { state: 'reloaded' }, ['reload web']],
  ]
  for (const [title, there, params, shows] of table)
    it(title, () => expect((planned(there, params).steps ?? []).map((step) => step.show)).to.deep.equal(shows))

  it("takes Ansible's names of who runs the services", async () => {
    const answers = { 'init-service web sysvinit default ': stopped }
    const { steps } = await planFor(
      service,
      { name: 'web', state: 'started', use: 'ansible.builtin.sysvinit' },
      fakeHost({ answers }),
    )
    expect(steps.map((step) => step.show)).to.deep.equal(['start web'])
  })

  it('does not warn of a runlevel that nobody named', () => {
    const said = (params: Record<string, unknown>) =>
      planOf(
        service,
        { ask, found: 'systemd', unit, request: { name: 'web', state: 'stopped' } },
        { name: 'web', state: 'stopped', ...params },
      ).warnings
    expect(said({})).to.deep.equal([])
    expect(said({ runlevel: 'boot' })).to.deep.equal(['systemd has no use for "runlevel"; it is left out.'])
  })

  it('hands further words to the script, each as one', () => {
    const [step] = planned(stopped, { state: 'started', arguments: `--one 'two three' $(x)` }).steps ?? []
    expect(step?.script).to.match(/\nrun \/etc\/init\.d\/web start --one 'two three' '\$\(x\)'$/)
  })

  it('stops, waits and starts where scripts may not know how to restart; OpenRC knows', () => {
    const script = (there: InitService) => planned(there, { state: 'restarted', sleep: 3 }).steps?.[0]?.script
    expect(script(stopped)).to.match(
      /\n\( run \/etc\/init\.d\/web stop \) \|\| :\nsleep 3\nrun \/etc\/init\.d\/web start$/,
    )
    expect(script(openrc)).to.match(/\nrun rc-service web restart$/)
  })

  it("enables in OpenRC's runlevel, and takes the mark of a crash away first", () => {
    const { steps = [] } = planned({ ...openrc, crashed: true }, { state: 'started', enabled: true })
    expect(steps[0]?.script).to.match(/rc-update add web default$/)
    expect(steps[1]?.script).to.match(/\nrun rc-service web zap\nrun rc-service web start$/)
  })

  it('says what is not there, and who does not know a parameter', () => {
    expect(planned({ ...stopped, exists: false }, { state: 'started' }).failed).to.equal(
      'This host has no service web.',
    )
    expect(planned({ ...stopped, tool: null }, { enabled: true }).failed).to.equal(
      'web cannot be enabled: this host has neither update-rc.d nor chkconfig.',
    )
    expect(planned(openrc, { masked: true }).failed).to.equal(
      'Only systemd knows "masked", and openrc runs this host\'s services.',
    )
    expect(planned({ ...stopped, manager: 'runit' }, { state: 'started' }).failed).to.equal(
      "Nobody that is known here runs this host's services (it is runit).",
    )
  })

  it('does on systemd what the module systemd does, and names what it has no use for', () => {
    const request = { name: 'web', state: 'started', scope: 'system', no_block: false, force: false }
    const plan = planOf(
      service,
      { ask, found: 'systemd', script: undefined, request, unit: { there: unit, stale: false, similar: null } },
      { name: 'web', state: 'started', pattern: 'httpd' },
    )
    expect(plan.steps?.map((step) => step.show)).to.deep.equal(['start web.service'])
    expect(plan.warnings).to.deep.equal(['systemd has no use for "pattern"; it is left out.'])
  })
})

describe('the look at services of init scripts', () => {
  const seen = (facts: string, said: string, more: Partial<InitAsk> = {}) => {
    const stdout = Buffer.from(`${facts}\x1e${said}`)
    return initService.parse([{ status: 0, stdout, stderr: Buffer.alloc(0) }], [{ ...ask, ...more }])[0] as InitService
  }

  // What scripts said: of Debian's, of Red Hat's, of BusyBox's and OpenRC's.
  const words: [string, string, boolean][] = [
    ['sysvinit', '[ ok ] web is running.\n\x1e0', true],
    ['sysvinit', '[FAIL] web is not running ... failed!\n\x1e3', false],
    ['sysvinit', 'web (pid  123) is running...\n\x1e0', true],
    ['sysvinit', 'web is stopped\n\x1e0', false],
    ['sysvinit', 'web dead but pid file exists\n\x1e0', false],
    ['sysvinit', '\x1e0', true],
    ['sysvinit', 'one\ntwo, not running\n\x1e3', false],
    ['openrc', ' * status: started\n\x1e0', true],
    ['openrc', ' * status: stopped\n\x1e3', false],
    ['openrc', ' * status: crashed\n\x1e32', false],
  ]
  for (const [manager, said, running] of words)
    it(`takes ${JSON.stringify(said)} of ${manager} for ${running ? 'running' : 'stopped'}`, () => {
      expect(seen(`${manager}\x1eexists\n`, said).running).to.equal(running)
    })

  it('knows a crash, who enables, and that it is enabled', () => {
    expect(seen('openrc\x1eexists\nrc-update\nenabled\n', ' * status: crashed\n\x1e32')).to.deep.equal({
      manager: 'openrc',
      exists: true,
      running: false,
      crashed: true,
      enabled: true,
      tool: 'rc-update',
    })
  })

  it('asks the list of processes instead of the script where a pattern is given', () => {
    expect(seen('sysvinit\x1eexists\n', 'found\n\x1e0', { pattern: 'httpd' }).running).to.equal(true)
    expect(seen('sysvinit\x1eexists\n', '\x1e0', { pattern: 'httpd' }).running).to.equal(false)
  })
})
