import { existsSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

/** What Ansible's module of the same name made of the same file. */
const cases: [what: string, before: string | undefined, given: Record<string, unknown>, after: string][] = [
  ['adds a line', undefined, { job: 'x' }, '#Ansible: a\n* * * * * root x\n'],
  ['adds a time', 'B=1\n', { job: 'x', minute: '5', dow: '1-5' }, 'B=1\n#Ansible: a\n5 * * * 1-5 root x\n'],
  ['adds a moment', undefined, { job: 'x', special_time: 'reboot' }, '#Ansible: a\n@reboot root x\n'],
  ['comments it out', undefined, { job: 'x', disabled: true }, '#Ansible: a\n#* * * * * root x\n'],
  ['changes it', '#Ansible: a\n* * * * * root x\n# end\n', { job: 'y' }, '#Ansible: a\n* * * * * root y\n# end\n'],
  ['leaves it', '#Ansible: a\n* * * * * root x\n', { job: 'x' }, '#Ansible: a\n* * * * * root x\n'],
  ['names a line from hand', '* * * * * root x\n', { job: 'x' }, '#Ansible: a\n* * * * * root x\n'],
  ['ends the last line', '#Ansible: a\n* * * * * root x', { job: 'x' }, '#Ansible: a\n* * * * * root x\n'],
  ['removes it', '#Ansible: b\n1\n#Ansible: a\n2\n', { state: 'absent' }, '#Ansible: b\n1\n'],
  ['sets a variable', '#x\n', { env: true, name: 'V', value: '1 2' }, 'V="1 2"\n#x\n'],
  ['changes a variable', '#x\nV=1\n', { env: true, name: 'V', value: '2' }, '#x\nV="2"\n'],
  ['below another', 'A=1\n#x\n', { env: true, name: 'V', value: '2', insertafter: 'A' }, 'A=1\nV="2"\n#x\n'],
  ['above another', '#x\nA=1\n', { env: true, name: 'V', value: '2', insertbefore: 'A' }, '#x\nV="2"\nA=1\n'],
  ['removes a variable', 'A=1\nV=2\n', { env: true, name: 'V', state: 'absent' }, 'A=1\n'],
]

describe('cron', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())
  const own = (given: Record<string, unknown>) => ({ name: 'a', user: 'root', cron_file: bench.path('f'), ...given })

  for (const [what, before, given, after] of cases) {
    it(what, async () => {
      if (before !== undefined) writeFileSync(bench.path('f'), before)
      const result = await bench.settle('cron', own(given))
      expect(bench.read('f')).to.equal(after)
      expect(result.changed).to.equal(before !== after)
      expect(result['jobs']).to.deep.equal([...after.matchAll(/^#Ansible: (.*)$/gm)].map((match) => match[1]))
    })
  }

  it('removes the file with its last line', async () => {
    writeFileSync(bench.path('f'), '#Ansible: a\n* * * * * root x\n')
    await bench.settle('cron', own({ state: 'absent' }))
    expect(existsSync(bench.path('f'))).to.equal(false)
  })

  for (const [given, message] of [
    [{}, '"cron" needs "job" with the state "present".'],
    [{ job: 'x', user: undefined }, '"cron" needs "user" beside "cron_file": as whom the command runs.'],
    [{ job: 'x', minute: '1', special_time: 'daily' }, '"cron" takes either the times or "special_time".'],
    [{ job: 'x\ny' }, '"job" goes over several lines, which cron cannot read.'],
    [{ job: 'x', insertafter: 'A' }, '"insertafter" and "insertbefore" are for variables: set "env: true".'],
    [{ job: 'x', cron_file: '/etc/crontab' }, `/etc/crontab is the system's own; it is not for "cron_file".`],
    [{ job: 'x', env: true, name: 'A', insertafter: 'B' }, "Variable named 'B' not found."],
  ] as const) {
    it(`refuses: ${message}`, async () => {
      const words = Object.fromEntries(Object.entries(own(given)).filter(([, value]) => value !== undefined))
      expect((await problemOf(bench.apply('cron', words))).message).to.equal(message)
    })
  }
})
