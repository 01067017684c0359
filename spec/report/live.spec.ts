import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import { LiveReporter } from '../../engine/report/live.ts'
import type { Verbosity } from '../../engine/report/result-text.ts'
import { isLive, terminalReporter } from '../../engine/report/terminal.ts'
import { Screen } from './screen.ts'
import { counts, item, result, story, taskStart } from './story.ts'
import { TextStream } from './text-stream.ts'

function live(options: { rows?: number; columns?: number; verbosity?: Verbosity; displaySkipped?: boolean } = {}) {
  const stream = new TextStream({ isTTY: true, columns: options.columns ?? 100, rows: options.rows ?? 24 })
  const clock = { now: 0 }
  const reporter = new LiveReporter(
    stream,
    { colour: false, verbosity: options.verbosity ?? 0, displaySkipped: options.displaySkipped ?? true },
    { unicode: true, now: () => clock.now, interval: 5 },
  )
  const screen = () => {
    const shown = new Screen(stream.columns)
    shown.write(stream.text)
    return shown
  }
  return {
    stream,
    clock,
    reporter,
    screen,
    tell: (events: readonly Event[]) => {
      for (const event of events) reporter.on(event)
    },
  }
}

const start = (id: number, host: string): Event => ({ event: 'host_start', host, task: 'x', id })
const play: Event = {
  event: 'play_start',
  play: 'P',
  hosts: ['k8s-master-1', 'k8s-master-2', 'k8s-master-3', 'lb'],
  place: '',
}
const heading = `\nPLAY [P] ${'*'.repeat(71)}`

describe('live report', () => {
  it('shows who is at what, for how long, and how far transfers are', async () => {
    const { tell, screen, clock, reporter } = live()
    tell([play, taskStart(1, 'etcd : Download'), start(1, 'k8s-master-1'), start(1, 'k8s-master-2'), start(1, 'lb')])
    tell([{ event: 'progress', host: 'k8s-master-2', what: 'etcd.tar.gz', done: 10_000_000, total: 19_800_000 }])
    tell([result(1, 'lb', 'etcd : Download', 'ok')])
    clock.now = 75_000
    await sleep(30)
    expect(screen().toString()).to.equal(`${heading}

⠋ etcd : Download  1 of 4 hosts, 1m 15s
    k8s-master-1   1m 15s
    k8s-master-2   1m 15s  etcd.tar.gz ████████░░░░░░░░  50 % of 19.8 MB
  0 tasks, 1m 15s`)
    expect(screen().cursorShown).to.equal(false)
    await reporter.end()
    expect(screen().toString()).to.equal(`${heading}\nok          etcd : Download [lb]`)
    expect(screen().cursorShown).to.equal(true)
  })

  it('tells hosts with the same outcome together, failures at once', async () => {
    const { tell, screen, reporter } = live()
    tell([play, taskStart(1, 'A'), result(1, 'k8s-master-1', 'A', 'changed'), result(1, 'k8s-master-2', 'A', 'ok')])
    tell([result(1, 'lb', 'A', 'failed', { msg: 'no', rc: 2 })])
    await sleep(20)
    expect(screen().toString()).to.include('failed      A [lb]: no\n    rc: 2\n    at site.yml:9:7\n')
    expect(screen().toString()).to.not.include('changed     A')
    tell([result(1, 'k8s-master-3', 'A', 'changed', {}, { duration_ms: 3200 })])
    tell([taskStart(2, 'restart', { handler: true }), result(2, 'lb', 'restart', 'skipped')])
    await reporter.end()
    expect(screen().toString()).to.equal(`${heading}
failed      A [lb]: no
    rc: 2
    at site.yml:9:7
changed     A [k8s-master-1, k8s-master-3] 3.2s
ok          A [k8s-master-2]
skipping    handler restart [lb]`)
  })

  it('tells a loop in one line, with the items that say something', async () => {
    const { tell, screen, reporter } = live()
    tell([{ event: 'run_start', playbooks: [], check: true, diff: true, hosts: 2 }, taskStart(1, 'L')])
    for (const host of ['h1', 'h2']) {
      tell([
        item(1, host, 'L', 'a', 'ok'),
        item(1, host, 'L', 'b', 'changed', { diff: [{ path: '/b mode', before: '0600', after: '0644' }] }),
        result(1, host, 'L', 'changed', { results: [] }),
      ])
    }
    await reporter.end()
    expect(screen().toString()).to.equal(
      'Dry run: no host will be changed.\nchanged     L [h[1:2]] (1 of 2 items)\n    (item=b)\n/b mode: 0600 → 0644',
    )
  })

  it('never takes more lines than the terminal has', async () => {
    const { tell, stream, screen, reporter } = live({ rows: 6 })
    const hosts = Array.from({ length: 50 }, (_, index) => `host-${index}`)
    tell([{ ...play, hosts } as Event, taskStart(1, 'A'), ...hosts.map((host) => start(1, host))])
    await sleep(20)
    expect(screen().toString()).to.equal(`${heading}

⠋ A  0 of 50 hosts, 0s
    host-0        0s
    and 49 more lines
  0 tasks, 0s`)
    stream.rows = 2
    await sleep(20)
    await reporter.end()
  })

  it('cuts lines that are too long, so that nothing wraps', async () => {
    const { tell, screen, reporter } = live({ columns: 30 })
    tell([taskStart(1, 'a task whose name is longer than the terminal is wide'), start(1, 'h')])
    await sleep(20)
    expect(screen().toString().split('\n')[1]).to.equal('⠋ a task whose name is longe…')
    await reporter.end()
  })

  it('draws at most so many frames as its pace allows, and none when nothing moves', async () => {
    const { tell, stream, reporter } = live()
    tell([play, taskStart(1, 'A')])
    await sleep(30)
    const writes = stream.writes
    for (let index = 0; index < 1000; index++)
      tell([{ event: 'progress', host: 'lb', what: 'x', done: index, total: 1000 }])
    expect(stream.writes - writes).to.be.at.most(1)
    await sleep(30)
    expect(stream.writes - writes).to.be.at.most(2)
    await reporter.end()
  })

  it('is redrawn in place when the terminal becomes narrower', async () => {
    const { tell, stream, reporter } = live({ columns: 60 })
    tell([taskStart(1, 'x'.repeat(50)), start(1, 'h')])
    await sleep(20)
    const before = stream.text.length
    stream.columns = 30
    stream.emit('resize')
    // 4 lines were drawn; the one of 59 cells has become two rows.
    expect(stream.text.slice(before)).to.include('\r\u001b[4A')
    await reporter.end()
  })

  it('gives the terminal away for a question and takes it back', async () => {
    const { tell, screen, stream, reporter } = live()
    tell([taskStart(1, 'A'), start(1, 'h')])
    await sleep(20)
    const resume = reporter.suspend()
    stream.write('Go on? y\n')
    expect(screen().toString()).to.equal('Go on? y')
    expect(screen().cursorShown).to.equal(true)
    resume()
    tell([result(1, 'h', 'A', 'ok')])
    await reporter.end()
    expect(screen().toString()).to.equal('Go on? y\nok          A [h]')
  })

  it('with -v tells every host by itself, above the live lines', async () => {
    const { tell, screen, reporter } = live({ verbosity: 1 })
    tell([taskStart(1, 'A'), result(1, 'h1', 'A', 'changed', { rc: 0 }), result(1, 'h2', 'A', 'ok')])
    await sleep(20)
    expect(screen().toString()).to.include(`\nchanged: [h1] => {"rc":0}\nok: [h2]\n\n⠋ A  2 of 2 hosts, 0s\n`)
    await reporter.end()
    expect(screen().toString()).to.equal(`\nTASK [A] ${'*'.repeat(71)}\nchanged: [h1] => {"rc":0}\nok: [h2]`)
  })

  it('leaves zeros out of a recap that would not fit', async () => {
    const { tell, screen } = live({ columns: 80 })
    tell([
      {
        event: 'recap',
        hosts: { h: counts },
        duration_ms: 1000,
        round_trips: 7,
        check: false,
        peak_rss_mb: 80,
        exit: 0,
      },
    ])
    expect(screen().toString()).to.include('\nh : ok=3 changed=1 unreachable=0 failed=0 skipped=2 round_trips=7\n')
  })

  it('leaves the whole story on the screen, and the cursor', async () => {
    const { tell, screen, reporter, stream } = live()
    tell(story)
    await reporter.end()
    expect(screen().cursorShown).to.equal(true)
    expect(stream.listenerCount('resize')).to.equal(0)
    for (const words of [
      'changed     etcd : Write the unit [m1]',
      'unreachable Loop [lb]: no answer',
      'may change  handler restart etcd [m1 -> m2]',
    ]) {
      expect(screen().toString()).to.include(words)
    }
    expect(
      screen()
        .toString()
        .match(/PLAY RECAP/g),
    ).to.have.length(1)
  })
})

describe('terminal report', () => {
  it('is live only where somebody watches', () => {
    expect(isLive({ isTTY: true } as never, { TERM: 'xterm' })).to.equal(true)
    expect(isLive({ isTTY: true } as never, { TERM: 'dumb' })).to.equal(false)
    expect(isLive({ isTTY: true } as never, { TERM: 'xterm', CI: 'true' })).to.equal(false)
    expect(isLive({ isTTY: false } as never, { TERM: 'xterm' })).to.equal(false)
    expect(terminalReporter({ stream: new TextStream({ isTTY: true }), env: {} })).to.be.instanceOf(LiveReporter)
  })
})
