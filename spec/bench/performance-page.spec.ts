import { expect } from 'chai'
import type { Contest, Figures } from './contest.ts'
import { contestTable, performancePage } from './performance-page.ts'

const took = (ms: number, more: Partial<Figures> = {}): Figures => ({
  rounds: 3,
  ms,
  computed_ms: 300,
  processes: 54,
  ...more,
})

const near: Contest = {
  chore: 'unchanged',
  hosts: 10,
  round_trip: 0,
  load: 0.2,
  figures: {
    tsplay: took(900, { trips: 1, memory_mb: 90 }),
    floor: took(750),
    ansible: took(69_000, { computed_ms: 90_000 }),
  },
}
const many: Contest = {
  ...near,
  hosts: 50,
  figures: { tsplay: took(3000, { trips: 1, memory_mb: 99, computed_ms: 600 }) },
}
const far: Contest = {
  chore: 'unchanged',
  hosts: 10,
  round_trip: 100,
  load: 1.2,
  figures: { tsplay: took(2200, { trips: 1, memory_mb: 95, turns: 11, bytes: 24_400 }), floor: took(2000) },
}

describe('the page of performance', () => {
  it('tells times, and ratios to tsplay; of tsplay, to the floor', () => {
    expect(contestTable([near, far]).split('\n')).to.deep.equal([
      '| chore | hosts | round trip | tsplay | floor | ssh by hand | Mitogen | Ansible |',
      '|---|---|---|---|---|---|---|---|',
      '| 30 tasks, nothing changes | 10 | 0 ms | 900 ms (1.20 ×) | 750 ms (0.83 ×) |  |  | 69.0 s (77 ×) |',
      '| 30 tasks, nothing changes | 10\\* | 100 ms | 2.20 s (1.10 ×) | 2.00 s (0.91 ×) |  |  |  |',
    ])
  })

  const page = (contests: readonly Contest[], more = {}) =>
    performancePage({ machine: { cores: 2, memory_gb: 24 }, versions: { tsplay: '9.9' }, contests, ...more })

  it('takes turns and bytes from where there is a delay, and computing a task and host', () => {
    expect(page([near, far])).to.include(
      '| 30 tasks, nothing changes | tsplay | 1 | 11 | 24 kB | 54 | 1000 µs | 95 MB |\n' +
        '| 30 tasks, nothing changes | floor |  |  |  | 54 | 1000 µs |  |\n' +
        '| 30 tasks, nothing changes | Ansible |  |  |  | 54 | 300000 µs |  |\n',
    )
  })

  it('tells of computing what it is with the most hosts', () => {
    expect(page([near, many])).to.include('| 30 tasks, nothing changes | tsplay | 1 |  |  | 54 | 400 µs | 99 MB |\n')
  })

  it('says what was measured beside other work, and only then', () => {
    expect(page([near, far])).to.include('Other work')
    expect(page([near])).not.to.include('Other work')
  })

  it('tells what beginning takes beside bare node', () => {
    expect(page([near], { start: { node: 40, version: 75.4, validate: 310 } })).to.include(
      '| `tsplay --version` | 75 ms | + 35 ms |\n',
    )
  })

  it('tells what the cluster takes', () => {
    const made = { ms: 61_000, tasks: 407, trips: 120, memory_mb: 210.4 }
    const again = { ms: 1950, tasks: 366, trips: 9, memory_mb: 150 }
    expect(page([near], { cluster: { hosts: 7, load: 0.2, made, again } })).to.include(
      '| made from nothing | 61.0 s | 407 | 120 | 210 MB |\n| again, nothing changes | 1.95 s | 366 | 9 | 150 MB |\n',
    )
  })
})
