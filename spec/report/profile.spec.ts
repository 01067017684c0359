import { expect } from 'chai'
import type { Event, SpanKind } from '../../engine/base/event.ts'
import { Profile } from '../../engine/report/profile.ts'
import { profileLines } from '../../engine/report/profile-text.ts'
import { traceOf } from '../../engine/report/profile-trace.ts'
import { result, taskStart } from './story.ts'

/** Events with the milliseconds at which they came. */
function profileOf(told: readonly (readonly [at: number, event: Event])[]): Profile {
  let now = 1000
  const profile = new Profile(() => now)
  for (const [at, event] of told) {
    now = 1000 + at
    profile.on(event)
  }
  return profile
}

const begins = (id: number, host: string): Event => ({ event: 'host_start', host, task: 'any', id })
const span = (host: string, what: SpanKind, from: number, to: number, scripts?: number): readonly [number, Event] => [
  to,
  { event: 'span', host, what, started: 1000 + from, ended: 1000 + to, ...(scripts === undefined ? {} : { scripts }) },
]

/** Two hosts, the second of which has to wait for a place and then takes longer. */
const twoTasks = profileOf([
  span('a', 'connect', 0, 100),
  span('b', 'connect', 0, 150),
  [200, taskStart(1, 'copy it')],
  [200, begins(1, 'a')],
  span('a', 'fill in', 200, 201),
  span('a', 'look', 201, 220, 3),
  span('a', 'do', 220, 300, 1),
  [300, result(1, 'a', 'copy it', 'changed')],
  [300, begins(1, 'b')],
  span('b', 'do', 310, 1800, 1),
  [1800, result(1, 'b', 'copy it', 'changed')],
  [1800, taskStart(2, 'only one')],
  [1800, begins(2, 'a')],
  [1850, result(2, 'a', 'only one', 'ok')],
])

describe('the profile of a run', () => {
  it('says where the time went, the slowest task first, who was waited for first', () => {
    expect(profileLines(twoTasks, { all: 250, stretch: 30 }).join('\n')).to.equal(
      [
        '',
        'PROFILE: 1.9s, of which the controller computed 250ms, at most 30ms at a stretch',
        '',
        'task      took  a host  looking  doing  waiting a turn  last host  place',
        'copy it   1.6s  1.5s    19ms     1.6s   100ms           b          site.yml:1:3',
        'only one  50ms  50ms    -        -      0ms                        site.yml:2:3',
        '',
        'host  connecting  looking  doing  sending  fetching  filling in  round trips  waiting for others  held up others',
        'b     150ms       -        1.5s   -        -         -           1            0ms                 1.5s',
        'a     100ms       19ms     80ms   -        -         1ms         2            1.5s                0ms',
      ].join('\n'),
    )
  })

  it('counts the tasks and hosts that it leaves out', () => {
    const many = profileOf(
      Array.from({ length: 40 }, (_, index): [number, Event][] => [
        [index * 10, taskStart(index, `task ${index}`)],
        [index * 10, begins(index, `h${index}`)],
        [index * 10 + index, result(index, `h${index}`, `task ${index}`, 'ok')],
      ]).flat(),
    )
    const lines = profileLines(many, { all: 1, stretch: 1 })
    expect(lines).to.include('and 25 tasks more, 300ms')
    expect(lines).to.include('and 10 hosts more')
    expect(lines[4]).to.match(/^task 39 +39ms/)
  })

  it('is a trace: a lane a host for tasks and one for the wire, microseconds from the beginning', () => {
    const { traceEvents } = traceOf(twoTasks)
    const named = traceEvents.filter(({ ph }) => ph === 'M').map(({ pid, tid, args }) => [pid, tid, args!.name])
    expect(named).to.deep.equal([
      [1, 0, 'tasks'],
      [1, 1, 'a'],
      [1, 2, 'b'],
      [2, 0, 'connections'],
      [2, 1, 'a'],
      [2, 2, 'b'],
    ])
    const slices = traceEvents.filter(({ ph }) => ph === 'X')
    expect(slices.map(({ name, pid, tid, ts, dur }) => [name, pid, tid, ts, dur])).to.deep.equal([
      ['copy it', 1, 1, 200_000, 100_000],
      ['copy it', 1, 2, 300_000, 1_500_000],
      ['only one', 1, 1, 1_800_000, 50_000],
      ['connect', 2, 1, 0, 100_000],
      ['connect', 2, 2, 0, 150_000],
      ['fill in', 2, 1, 200_000, 1000],
      ['look', 2, 1, 201_000, 19_000],
      ['do', 2, 1, 220_000, 80_000],
      ['do', 2, 2, 310_000, 1_490_000],
    ])
    expect(slices[1]!.args).to.deep.equal({ place: 'site.yml:1:3', waited_for_a_turn_ms: 100 })
  })

  it('is empty for a run of nothing', () => {
    expect(profileLines(profileOf([]), { all: 0, stretch: 0 })).to.have.length(6)
    expect(traceOf(profileOf([])).traceEvents).to.have.length(2)
  })
})
