import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import { terminalReporter } from '../../engine/report/terminal.ts'
import { counts, item, result, story, taskStart } from './story.ts'
import { TextStream } from './text-stream.ts'

async function told(
  events: readonly Event[],
  options: { verbosity?: number; displaySkipped?: boolean; colour?: boolean } = {},
): Promise<string> {
  const stream = new TextStream()
  const reporter = terminalReporter({ stream, env: {}, ...options })
  for (const event of events) reporter.on(event)
  await reporter.end()
  return stream.text
}

const stars = (text: string) => text + '*'.repeat(80 - text.length)

describe('plain report', () => {
  it('tells a run, line by line', async () => {
    expect(await told(story)).to.equal(`warning: the group nodes is empty (hosts.yml:3:5)

${stars('PLAY [Control plane] ')}

${stars('BATCH [1 of 2: m1, m2, lb] ')}

${stars('TASK [etcd : Write the unit] ')}
changed: [m1]
--- /etc/etcd.service
+++ /etc/etcd.service
@@ -1,2 +1,2 @@
-[unit]
+[Unit]
 a
/etc/etcd.service mode: 0644 → 0600
/root/key: (secret, changed)
ok: [m2]
skipping: [lb]

${stars('TASK [Loop] ')}
changed: [m1] => (item=a)
failed: [m1] => (item=b): non-zero return code
    rc: 3
    stderr:
      no such
      unit red
failed: [m1]: 1 of 2 items failed
    at site.yml:9:7
failed: [m2]: "etcd_vesion" is not defined
     --> roles/etcd/tasks/main.yml:3:13
      |
    3 |     url: "{{etcd_vesion}}"
      |             ^^^^^^^^^^^
      = help: Did you mean "etcd_version"?
    at site.yml:9:7
retrying: [lb] (2 tries left): not yet
unreachable: [lb]: no answer from 192.168.1.34 port 22

${stars('TASK [Say] ')}
ok: [m1] => hello
ok: [m2]
    {
        "list": [
            1,
            "<unknown: the output of \\"x\\">"
        ]
    }

${stars('HANDLER [restart etcd] ')}
may change: [m1 -> m2] (would run: x)
ignored: [m2]: no
    second line
    rc: 1
    at site.yml:9:7
    warning: old syntax

Stopped in Control plane: no host is left

${stars('PLAY [Workers] ')}
skipping: no host matches

Interrupted.
  m2: restart etcd

${stars('PLAY RECAP ')}
m1      : ok=3  changed=1 unreachable=0 failed=0 skipped=2 rescued=0 ignored=0 may_change=0 round_trips=7
m2-long : ok=12 changed=1 unreachable=0 failed=1 skipped=2 rescued=0 ignored=0 may_change=0 round_trips=7
lb      : ok=3  changed=1 unreachable=1 failed=0 skipped=2 rescued=0 ignored=0 may_change=0 round_trips=7

3 hosts, 1m 23s, 21 round trips, 121 MB of memory at most

What went wrong:
  m2: Loop: "etcd_vesion" is not defined (site.yml:9:7)
  lb: unreachable: no answer from 192.168.1.34 port 22
`)
  })

  it('leaves skipped hosts out when asked, and headers of tasks that all skip', async () => {
    const events = [
      taskStart(1, 'A'),
      result(1, 'h', 'A', 'skipped'),
      taskStart(2, 'B'),
      result(2, 'g', 'B', 'skipped'),
      result(2, 'h', 'B', 'ok'),
    ]
    expect(await told(events, { displaySkipped: false })).to.equal(`\n${stars('TASK [B] ')}\nok: [h]\n`)
  })

  it('names the task again when hosts are at different ones', async () => {
    const events = [
      taskStart(1, 'A'),
      taskStart(2, 'B'),
      result(1, 'g', 'A', 'ok'),
      result(1, 'h', 'A', 'ok'),
      result(2, 'g', 'B', 'ok'),
    ]
    expect((await told(events)).match(/TASK \[.\]|ok: \[.\]/g)).to.deep.equal([
      'TASK [A]',
      'TASK [B]',
      'TASK [A]',
      'ok: [g]',
      'ok: [h]',
      'TASK [B]',
      'ok: [g]',
    ])
  })

  it('shows results with -v, places and times with -vv', async () => {
    const events = [
      taskStart(1, 'A'),
      result(1, 'h', 'A', 'changed', { rc: 0, stdout: 'x', stdout_lines: ['x'], diff: [] }),
    ]
    expect(await told(events, { verbosity: 1 })).to.equal(
      `\n${stars('TASK [A] ')}\nchanged: [h] => {"rc":0,"stdout":"x"}\n`,
    )
    expect(await told(events, { verbosity: 2 })).to.equal(
      `\n${stars('TASK [A] ')}\nat site.yml:1:3\nchanged: [h] [40ms]\n    {\n        "rc": 0,\n        "stdout": "x"\n    }\n`,
    )
  })

  it('says why a host skipped with -v', async () => {
    expect(await told([result(1, 'h', 'A', 'skipped', { skip_reason: 'when: is_master' })], { verbosity: 1 })).to.equal(
      'skipping: [h] (when: is_master)\n',
    )
  })

  it('shows the end of a long output, and all of it with -v', async () => {
    const stderr = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\n')
    const events = [item(1, 'h', 'A', 'x', 'failed', { msg: 'no', rc: 1, stderr })]
    const short = (await told(events)).split('\n')
    expect(short.slice(0, 5)).to.deep.equal([
      'failed: [h] => (item=x): no',
      '    rc: 1',
      '    stderr:',
      '      (10 earlier lines; -v shows all)',
      '      line 11',
    ])
    expect(await told(events, { verbosity: 1 })).to.include('      line 1\n')
  })

  it('shows the command that failed as one could type it', async () => {
    const failed = (cmd: unknown) => told([result(1, 'h', 'A', 'failed', { msg: 'no', rc: 1, cmd }, { place: '' })])
    expect(await failed(['test', 'a b', "it's"])).to.equal(
      "failed: [h]: no\n    cmd: test 'a b' 'it'\\''s'\n    rc: 1\n",
    )
    expect(await failed('set -e\nfalse')).to.equal('failed: [h]: no\n    cmd: set -e\n         false\n    rc: 1\n')
  })

  it('says what a dry run came to', async () => {
    const recap = (changed: number, may_change: number): Event => ({
      event: 'recap',
      hosts: { h: { ...counts, changed, may_change } },
      duration_ms: 900,
      round_trips: 1,
      check: true,
      peak_rss_mb: 80,
      exit: 0,
    })
    expect(await told([recap(0, 0)])).to.include(
      '\n1 host, 900ms, 1 round trip, 80 MB of memory at most\nDry run, no host was changed: nothing would change.\n',
    )
    expect(await told([recap(0, 1)])).to.include('no host was changed: 1 may change.\n')
    expect(await told([recap(4, 2)])).to.include('no host was changed: 4 would change, 2 may change.\n')
  })

  it('colours by status', async () => {
    const text = await told([result(1, 'h', 'A', 'changed'), result(1, 'g', 'A', 'ok')], { colour: true })
    expect(text).to.equal('\u001b[33mchanged: [h]\u001b[39m\n\u001b[32mok: [g]\u001b[39m\n')
  })

  it("cannot be led astray by a host's escape sequences", async () => {
    const text = await told([
      result(
        1,
        'h',
        'A',
        'failed',
        { msg: 'a\u001b[2J\u001b]0;title\u0007b\u0007', stdout: 'x\u001b[1Ay' },
        { place: '' },
      ),
    ])
    expect(text).to.equal('failed: [h]: ab\ufffd\n    stdout: xy\n')
  })
})
