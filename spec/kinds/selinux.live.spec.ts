// What modules do with SELinux, on a host that is seen to have it: selinux-host.sh says what its tools answer, and by what source.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { TaskEnd } from '../../engine/testing/example-runs.ts'
import { lightLayers } from '../lab/light-layer.ts'
import { needsLab } from '../lab/live.ts'
import { LightPlayground } from './light-place.ts'

const place = { name: 'selinux-1', address: '127.77.240.1', port: 2279 }
const label = (path: string) => `stat -c %C -- ${path}`

interface Row {
  readonly title: string
  readonly yaml: string
  readonly look: string
  readonly seen: string
  /** Beside the file: what is told of its label. */
  readonly change?: { readonly path: string; readonly before?: string; readonly after?: string }
}

const rows: readonly Row[] = [
  {
    title: 'a new file has the label of the policy',
    yaml: '- copy: {content: a, dest: /etc/mine.conf}',
    look: label('/etc/mine.conf'),
    seen: 'unconfined_u:object_r:etc_t:s0',
  },
  {
    title: 'a changed file too, though its folder has another',
    yaml: '- lineinfile: {path: /srv/www/there, line: more}',
    look: `${label('/srv/www/there')}; cat /srv/www/there`,
    seen: 'unconfined_u:object_r:httpd_sys_content_t:s0\nthere\nmore',
  },
  {
    title: 'a file that is there is given the type of the policy',
    yaml: '- file: {path: /srv/www/there, setype: _default}',
    look: label('/srv/www/there'),
    seen: 'unconfined_u:object_r:httpd_sys_content_t:s0',
    change: {
      path: '/srv/www/there SELinux label',
      before: 'unconfined_u:object_r:user_home_t:s0',
      after: 'unconfined_u:object_r:httpd_sys_content_t:s0',
    },
  },
  {
    title: 'and user and level, but not more than is asked for',
    yaml: '- file: {path: /srv/www/there, seuser: staff_u, selevel: "s0:c1,c2"}',
    look: label('/srv/www/there'),
    seen: 'staff_u:object_r:user_home_t:s0:c1,c2',
    change: {
      path: '/srv/www/there SELinux label',
      before: 'unconfined_u:object_r:user_home_t:s0',
      after: 'staff_u:object_r:user_home_t:s0:c1,c2',
    },
  },
  {
    title: 'a new file with a type of its own has that, not that of the policy',
    yaml: '- copy: {content: a, dest: /etc/page, setype: httpd_sys_content_t}',
    look: label('/etc/page'),
    seen: 'unconfined_u:object_r:httpd_sys_content_t:s0',
  },
  {
    title: 'a file of which the policy says nothing can have one',
    yaml: '- copy: {content: a, dest: /tmp/page, setype: etc_t, seuser: system_u}',
    look: label('/tmp/page'),
    seen: 'system_u:object_r:etc_t:s0',
  },
  {
    title: 'a folder and what is in it',
    yaml: '- file: {path: /srv/www/a, state: directory}\n- copy: {content: a, dest: /srv/www/a/b, selevel: "s0:c3"}',
    look: `${label('/srv/www/a')}; ${label('/srv/www/a/b')}`,
    seen: 'unconfined_u:object_r:httpd_sys_content_t:s0\nunconfined_u:object_r:httpd_sys_content_t:s0:c3',
  },
  {
    title: 'SELinux is made permissive, now and at boot',
    yaml: '- selinux: {state: permissive}',
    look: 'cat /sys/fs/selinux/enforce; echo; grep ^SELINUX /etc/selinux/config',
    seen: '0\nSELINUX=permissive\nSELINUXTYPE=targeted',
    change: { path: 'SELinux (running)', before: 'enforcing', after: 'permissive' },
  },
  {
    title: 'SELinux is off after the next boot, and permissive until then',
    yaml: '- selinux: {state: disabled}',
    look: 'cat /sys/fs/selinux/enforce; echo; grep ^SELINUX /etc/selinux/config',
    seen: '0\nSELINUX=disabled\nSELINUXTYPE=targeted',
    change: { path: 'SELinux (running)', before: 'enforcing', after: 'permissive' },
  },
  {
    title: 'another policy changes nothing that runs',
    yaml: '- selinux: {state: enforcing, policy: mls}',
    look: 'cat /sys/fs/selinux/enforce; echo; grep ^SELINUX /etc/selinux/config',
    seen: '1\nSELINUX=enforcing\nSELINUXTYPE=mls',
  },
]

describe('a host with SELinux', function () {
  this.timeout(60_000)
  let host: LightPlayground

  before(needsLab)
  beforeEach(async () => {
    host = await LightPlayground.open(place, await lightLayers(() => {}))
    await said(readFileSync(new URL('selinux-host.sh', import.meta.url), 'utf8'))
  })
  afterEach(() => host?.close())

  const ends = async (tasks: string) => {
    const { ends: all, wrong } = await host.play(tasks)
    expect(wrong).to.equal('')
    return all
  }
  const said = async (script: string) => (await ends(`- shell: {cmd: ${JSON.stringify(script)}}`))[0]?.stdout ?? ''
  const told = (all: readonly TaskEnd[]) => all.map(({ status, changes }) => ({ status, changes }))

  for (const { title, yaml, look, seen, change } of rows)
    it(title, async () => {
      const { checked, first, second, touched } = await host.try({ yaml })
      expect([checked.wrong, first.wrong, second.wrong].join('')).to.equal('')
      expect(touched).to.deep.equal([])
      expect(first.statuses).to.deep.equal(yaml.split('\n').map(() => 'changed'))
      expect(told(checked.ends)).to.deep.equal(told(first.ends))
      if (change) expect(first.ends.flatMap(({ changes }) => changes)).to.deep.include(change)
      expect(await said(look)).to.equal(seen)
      expect(second.statuses).to.deep.equal(yaml.split('\n').map(() => 'ok'))
    })

  it('is told of among the facts', async () => {
    await ends(
      '- assert: {that: [facts.selinux.status == "enabled", facts.selinux.mode == "enforcing", facts.selinux.policyvers == 33]}',
    )
  })

  it('says why a label cannot be', async () => {
    const { wrong } = await host.play('- file: {path: /srv/www/there, setype: nonsense}')
    expect(wrong).to.match(/Could not set flags and label of \/srv\/www\/there: .*Invalid argument/)
  })
})
