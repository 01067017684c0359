import { expect } from 'chai'
import type { Event as RunEvent } from '../../engine/base/event.ts'
import { changes, down, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { inventory, recap, Stage, statuses, upWords } from './stage.ts'

const book = `- hosts: all
  become: true
  vars: {port: 8099, user: greeter}
  tasks:
    - {name: packages, package: {name: [tree, socat], update_cache: true}}
    - {name: a group, group: {name: greeters, gid: 4100}}
    - {name: a user, user: {name: "{{user}}", group: greeters, home: /srv/greeter, shell: /usr/sbin/nologin}}
    - {name: a folder, file: {path: /etc/greeter, state: directory, mode: '0750', owner: root, group: greeters}}
    - {name: a folder below, file: {path: /etc/greeter/parts.d, state: directory, mode: '0750'}}
    - {name: content, copy: {content: "hello\\n", dest: /etc/greeter/greeting, mode: '0640', group: greeters, force: false}}
    - {name: a file, copy: {src: motd, dest: /etc/motd, backup: true}}
    - {name: parts, copy: {content: "{{item}}\\n", dest: "/etc/greeter/parts.d/{{item}}.conf"}, loop: [one, two]}
    - {name: a template, template: {src: greeter.hbs, dest: /usr/local/bin/greeter, mode: '0755'}, notify: restart greeter}
    - {name: a link, file: {src: /usr/local/bin/greeter, dest: /usr/local/bin/hi, state: link}}
    - {name: a line, lineinfile: {path: /etc/greeter/greeting, line: bye}}
    - {name: a block, blockinfile: {path: /etc/greeter/greeting, block: "between\\nthe lines"}}
    - {name: a known line, lineinfile: {path: /etc/hosts, line: "10.1.2.3 greeter.example", regexp: "greeter\\\\.example$"}}
    - {name: a kernel setting, sysctl: {name: net.ipv4.ip_forward, value: '1', sysctl_file: /etc/sysctl.d/50-greeter.conf}}
    - {name: limits, pam_limits: {domain: greeter, limit_type: soft, limit_item: nofile, value: 4096}}
    - {name: a unit, template: {src: greeter.service.hbs, dest: /etc/systemd/system/greeter.service, mode: '0644'}}
    - {name: the unit runs, systemd: {name: greeter, state: started, enabled: true, daemon_reload: true}}
    - {name: look at it, stat: {path: /usr/local/bin/greeter}, register: seen}
    - {name: it is there, assert: {that: seen.stat.exists && seen.stat.mode == "0755"}}
    - {name: only when there, copy: {content: "seen\\n", dest: /etc/greeter/seen}, when: seen.stat.exists}
    - {name: no such thing, file: {path: /etc/greeter/none, state: absent}}
    - {name: gone, file: {path: /etc/greeter/parts.d/two.conf, state: absent}, when: false}
    - {name: remember, set_fact: {greeting_port: "{{port}}"}}
    - {name: a command once, command: {cmd: touch /srv/greeter/made, creates: /srv/greeter/made}}
    - {name: a command's mark, stat: {path: /srv/greeter/made}, register: made}
    - {name: read back, slurp: {src: /etc/greeter/greeting}, register: text}
    - {name: copied on, copy: {content: "{{b64decode text.content}}", dest: /etc/greeter/copy}}
  handlers:
    - {name: restart greeter, systemd: {name: greeter, state: restarted}}
`
const files = {
  'site.yml': book,
  'files/motd': 'Be welcome.\n',
  'templates/greeter.hbs':
    '#!/bin/sh\nexec socat TCP-LISTEN:{{port}},fork,reuseaddr "SYSTEM:cat /etc/greeter/greeting"\n',
  'templates/greeter.service.hbs':
    '[Unit]\nDescription=Greets on port {{port}}\n[Service]\nExecStart=/usr/local/bin/greeter\nUser={{user}}\n[Install]\nWantedBy=multi-user.target\n',
  'packages.yml': `- hosts: all
  become: true
  tasks:
    - {name: brings others, apt: {name: haproxy}}
    - {name: it runs, systemd: {name: haproxy, state: started, enabled: true}}
`,
  'hosts.ini': inventory({ ansible_user: 'deploy' }, ['story-4']),
}

/** Tasks of the other run that ended in another way. */
function disagreements(predicted: readonly RunEvent[], real: readonly RunEvent[]): string[] {
  const done = statuses(real)
  return statuses(predicted).flatMap((line, at) => (line === done[at] ? [] : [`${line}, really ${done[at]}`]))
}

/** Events without what time and the number of round trips make of them. */
function lasting(events: readonly RunEvent[]): unknown[] {
  const times = ['duration_ms', 'start', 'end', 'delta', 'mtime', 'atime', 'ctime']
  const passing = new Set([...times, 'round_trips', 'peak_rss_mb', 'pid', 'backup_file'])
  return events.map((event) =>
    JSON.parse(JSON.stringify(event, (key, value: unknown) => (passing.has(key) ? undefined : value))),
  )
}

describe('live stories: a dry run and the run that follows', function () {
  this.timeout(90_000)
  const stage = new Stage(files)
  let predicted: RunEvent[]
  let blank: unknown
  before(async function () {
    needsLab.call(this)
    await up(upWords('story-4'))
  })
  after(async () => {
    stage.end()
    await down(['story-4'])
  })

  it('finishes on a blank host, and changes nothing there', async () => {
    blank = await changes('story-4')
    const checked = await stage.events(['check', 'site.yml', '-i', 'hosts.ini'])
    expect(checked.status, checked.all).to.equal(0)
    predicted = checked.events
    expect(recap(predicted)['story-4']).to.include({ failed: 0, unreachable: 0 })
    expect(recap(predicted)['story-4']?.changed).to.be.at.least(15)
    expect(await changes('story-4')).to.deep.equal(blank)
  })

  it('tells the same when it does not look ahead', async () => {
    const alone = await stage.events(['check', 'site.yml', '-i', 'hosts.ini', '--no-look-ahead'])
    expect(lasting(alone.events)).to.deep.equal(lasting(predicted))
    expect(recap(alone.events)['story-4']?.round_trips).to.be.above(recap(predicted)['story-4']!.round_trips)
  })

  it('said of every task what the run then does, and --verify finds nothing', async () => {
    const real = await stage.events(['run', 'site.yml', '-i', 'hosts.ini', '--verify'])
    expect(real.status, real.all).to.equal(0)
    const tasks = statuses(real.events).length
    const others = disagreements(predicted, real.events)
    process.stdout.write(`      predicted ${tasks - others.length} of ${tasks} results, open ${others.length}\n`)
    // What a command does nobody knows before. Said to be open, never said wrongly.
    expect(others).to.deep.equal(['a command once: story-4 may_change, really a command once: story-4 changed'])
    const again = await stage.events(['run', 'site.yml', '-i', 'hosts.ini'])
    expect(again.status, again.all).to.equal(0)
    expect(recap(again.events)['story-4'], JSON.stringify(statuses(again.events))).to.include({ changed: 0, failed: 0 })
    const checked = await stage.events(['check', 'site.yml', '-i', 'hosts.ini'])
    expect(recap(checked.events)['story-4']).to.include({ changed: 0, may_change: 0, failed: 0 })
  })

  it('plans what packages bring where the index is not fetched yet, and does just that', async () => {
    await ssh('story-4', ['rm -rf /var/lib/apt/lists/*'])
    const planned = await stage.events(['plan', 'packages.yml', '-i', 'hosts.ini', '-o', 'packages.plan'])
    expect(planned.status, planned.all).to.equal(0)
    const applied = await stage.events(['apply', 'packages.plan'])
    expect(applied.status, applied.all).to.equal(0)
    expect(statuses(applied.events)).to.deep.equal(['brings others: story-4 changed', 'it runs: story-4 ok'])
  })
})
