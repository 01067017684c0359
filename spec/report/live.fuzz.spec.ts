import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import type { Status } from '../../engine/base/result.ts'
import { LiveReporter } from '../../engine/report/live.ts'
import { random } from '../random.ts'
import { Screen } from './screen.ts'
import { item, result, taskStart } from './story.ts'
import { TextStream } from './text-stream.ts'

const statuses: Status[] = ['ok', 'changed', 'may_change', 'skipped', 'failed', 'unreachable', 'ignored']

describe('live report, whatever comes', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`leaves exactly what it printed on a small screen (seed ${seed})`, async () => {
      const { int, pick } = random(seed)
      const stream = new TextStream({ isTTY: true, columns: int(1, 60), rows: int(1, 12) })
      // Without a live region the same reporter prints the same lines: a stream that is read at the end.
      const reporter = new LiveReporter(
        stream,
        { colour: int(0, 1) === 1, verbosity: 0, displaySkipped: true },
        { interval: 1, now: () => 0 },
      )
      const hosts = Array.from({ length: int(1, 20) }, (_, index) => `${pick(['h', 'host-', '名'])}${index}`)
      const expected: string[] = []
      for (let step = 0; step < 60; step++) {
        const id = int(1, 6)
        const host = pick(hosts)
        const event = pick<() => Event>([
          () => taskStart(id, pick(['t', 'a long name '.repeat(int(1, 9)), '日本語', 'x\ny', ''])),
          () => ({ event: 'host_start', host, task: '', id }),
          () => ({ event: 'progress', host, what: pick(['f', 'g']), done: int(0, 9), total: int(0, 9) }),
          () => result(id, host, 'T', pick(statuses), { msg: pick(['m', 'm\nn', '\u001b[9A']) }),
          () => item(id, host, 'T', 'i', pick(statuses), { diff: [{ path: '/p', before: 'a\n', after: 'b\n' }] }),
          () => ({ event: 'warning', message: `note ${step}` }),
        ])()
        if (event.event === 'warning') expected.push(`warning: note ${step}`)
        reporter.on(event)
        if (int(0, 9) === 0) await sleep(3)
      }
      await reporter.end()
      const screen = new Screen(Number.POSITIVE_INFINITY)
      screen.write(stream.text)
      const text = screen.toString()
      expect(screen.cursorShown).to.equal(true)
      expect(text.match(/warning: note \d+/g) ?? []).to.deep.equal(expected)
      // Nothing of the live lines is left behind.
      expect(text).to.not.match(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|\d of \d+ hosts?|more lines?$/m)
      const narrow = new Screen(stream.columns)
      narrow.write(stream.text)
    })
  }
})
