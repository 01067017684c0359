import { expect } from 'chai'
import type { Event, Reporter } from '../../engine/base/event.ts'
import { FanOut } from '../../engine/report/fan-out.ts'
import { JsonLinesReporter } from '../../engine/report/json-lines.ts'
import { terminalReporter } from '../../engine/report/terminal.ts'
import { result, story, taskStart } from './story.ts'
import { TextStream } from './text-stream.ts'

const reporters: Record<string, (stream: TextStream) => Reporter> = {
  plain: (stream) => terminalReporter({ stream, env: {} }),
  'plain -vvv': (stream) => terminalReporter({ stream, env: {}, verbosity: 3 }),
  live: (stream) => terminalReporter({ stream: Object.assign(stream, { isTTY: true }), env: { TERM: 'xterm' } }),
  'live -vvv': (stream) =>
    terminalReporter({ stream: Object.assign(stream, { isTTY: true }), env: { TERM: 'xterm' }, verbosity: 3 }),
  'JSON lines': (stream) => new JsonLinesReporter(stream),
  'fan out': (stream) => new FanOut([new JsonLinesReporter(stream), terminalReporter({ stream, env: {} })]),
}

const cycle: Record<string, unknown> = { name: 'c' }
cycle.self = cycle
const odd: readonly Event[] = [
  taskStart(1, ''),
  result(1, 'h', '', 'changed', {
    big: 10n ** 30n,
    buffer: Buffer.from('secret bytes'),
    map: new Map([['k', new Set([1])]]),
    cycle,
    nothing: undefined,
    run: () => 1,
    not: Number.NaN,
    date: new Date(Number.NaN),
    diff: [
      { path: '/x' },
      { path: '/y', before: Buffer.from([0, 1]), after: null },
      { path: '/z', before: { a: 1n }, after: cycle },
    ],
  }),
  result(7, 'stranger', 'never started', 'failed', {
    msg: 3 as never,
    stderr: { a: 1 } as never,
    rc: Number.NaN,
    warnings: 'text',
  }),
  result(1, 'h', '', 'failed', { msg: '' }),
  { event: 'progress', host: 'x', what: '', done: 5, total: 0 },
  { event: 'host_start', host: 'h', task: 'unknown', id: 99 },
  { event: 'recap', hosts: {}, duration_ms: 0, round_trips: 0, check: true, peak_rss_mb: 0, exit: 0 },
]

for (const [name, make] of Object.entries(reporters)) {
  describe(`every reporter: ${name}`, () => {
    async function tell(events: readonly Event[]): Promise<string> {
      const stream = new TextStream()
      const reporter = make(stream)
      for (const event of events) reporter.on(event)
      await reporter.end()
      return stream.text
    }

    it('takes every event', async () => {
      const text = await tell(story)
      expect(text).to.include('no answer from 192.168.1.34')
      expect(text).to.not.match(/\[object |undefined\b(?!-variable)|NaN| {4}at .*\(/)
    })

    it('takes odd values, in any order, and says no bytes', async () => {
      const text = await tell([...odd, ...[...story].reverse()])
      expect(text).to.not.include('[object ')
      expect(text).to.not.include('secret bytes')
    })

    it('never shows the values of a secret change', async () => {
      expect(await tell(story)).to.not.match(/old secret|new secret/)
    })

    it('ends quietly when nothing happened', async () => {
      expect((await tell([])).replaceAll('\u001b[?25h', '')).to.equal('')
    })

    it('goes on when its reader has left', async () => {
      const stream = new TextStream()
      const reporter = make(stream)
      reporter.on(story[0]!)
      stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      await new Promise((resolve) => setImmediate(resolve))
      for (const event of story) reporter.on(event)
      await reporter.end()
    })
  })
}

describe('fan out', () => {
  it('lets no failing reporter silence the others, and tells of it at the end', async () => {
    const heard: string[] = []
    const broken: Reporter = {
      on: () => {
        throw new Error('broken')
      },
      end: () => undefined,
    }
    const fan = new FanOut([broken, { on: (event) => heard.push(event.event), end: () => void heard.push('end') }])
    fan.on(story[0]!)
    fan.on(story[1]!)
    const failure = await fan.end().catch((error: Error) => error.message)
    expect(heard).to.deep.equal(['run_start', 'warning', 'end'])
    expect(failure).to.equal('broken')
  })
})
