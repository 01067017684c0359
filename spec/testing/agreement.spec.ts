import { expect } from 'chai'
import { Unknown } from '../../engine/base/unknown.ts'
import { disagreements, namedPaths, unnamed } from '../../engine/testing/agreement.ts'
import type { Ran, TaskEnd } from '../../engine/testing/example-runs.ts'

const end = (parts: Partial<TaskEnd>): TaskEnd => ({ host: 'a', status: 'changed', changes: [], steps: [], ...parts })
const ran = (...ends: TaskEnd[]): Ran => ({
  exit: ends.some((one) => one.status === 'failed') ? 2 : 0,
  ends,
  statuses: ends.map((one) => one.status),
  wrong: '',
})
const change = (after: unknown) => end({ changes: [{ path: '/f', before: 'old', after }] })

describe('the agreement of a dry run with its run', () => {
  const cases: [string, Ran, Ran, number][] = [
    ['the same', ran(change('new')), ran(change('new')), 0],
    ['another status', ran(end({ status: 'ok' })), ran(end({})), 1],
    ['another text', ran(change('new')), ran(change('newer')), 1],
    ['what was unknown', ran(change(new Unknown('a command'))), ran(change('new')), 0],
    [
      'what was before, though what comes is unknown',
      ran(end({ changes: [{ path: '/f', before: 'other', after: new Unknown('a command') }] })),
      ran(change('new')),
      1,
    ],
    ['a change more', ran(end({})), ran(change('new')), 1],
    ['a command that ran', ran(end({ status: 'may_change', mayChange: 'would run: x' })), ran(end({})), 0],
    ['may change, without a command', ran(end({ status: 'may_change', mayChange: 'rests on x' })), ran(end({})), 1],
    ['a failure nobody foresaw', ran(end({}), end({})), ran(end({ status: 'failed' })), 0],
    ['a failure that did not come', ran(end({ status: 'failed' })), ran(end({})), 1],
    ['a task that was not reached', ran(end({}), end({})), ran(end({})), 1],
  ]
  for (const [what, said, came, count] of cases)
    it(`${count === 0 ? 'lets pass' : 'sees'}: ${what}`, () => {
      expect(disagreements(said, came)).to.have.length(count)
    })

  it('compares the tasks of each host, in whatever order hosts answer', () => {
    const one = end({ host: 'a', status: 'ok' })
    const other = end({ host: 'b' })
    expect(disagreements(ran(one, other), ran(other, one))).to.deep.equal([])
  })

  it('knows the files that a dry run names', () => {
    const said = ran(
      end({ changes: [{ path: '/etc/a mode', after: '0600' }], steps: ['write /srv/b/ (3 bytes)', "exec 'x /c'"] }),
    )
    const named = namedPaths(said)
    expect(named).to.deep.equal(['/etc/a', '/srv/b', '/c'])
    const changed = ['/etc/a', '/etc/a.7.2026-01-01@00:00:00~', '/srv/b/c/d', '/etc/ab', '/srv']
    expect(unnamed(changed, named)).to.deep.equal(['/etc/ab', '/srv'])
  })
})
