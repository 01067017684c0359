import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import { byTask, cameFrom, figureOf } from './foretelling.ts'

const result = (task: string, status: string, more: object = {}) =>
  ({
    event: 'result',
    host: 'h',
    task,
    action: 'copy',
    place: `site.yml:${task}`,
    status,
    result: {},
    ...more,
  }) as unknown as Event
const handler = (task: string) =>
  ({ event: 'task_start', task, handler: true, place: `site.yml:${task}` }) as unknown as Event
const notified = { event: 'handler_notified', host: 'h', handler: 'bell' } as Event
const of = (said: Event[], came: Event[]) => figureOf(byTask(said), byTask(came))

describe('how well a dry run foretold', () => {
  it('asks for the status, and for what changed', () => {
    const [file, other] = [{ diff: [{ path: '/a', after: 'x' }] }, { diff: [{ path: '/b', after: 'x' }] }]
    expect(of([result('a', 'changed', file)], [result('a', 'changed', file)])).to.include({ agree: 1, exact: 1, of: 1 })
    expect(of([result('a', 'changed', file)], [result('a', 'changed', other)])).to.include({
      agree: 0,
      exact: 0,
      of: 1,
    })
    expect(of([result('a', 'changed', file)], [result('a', 'ok')]).misses).to.deep.equal([
      { host: 'h', task: 'copy: a', said: 'changed, /a', came: 'ok' },
    ])
  })

  it('tells apart what was foretold to the letter', () => {
    const [one, other] = [{ diff: [{ path: '/a', after: 'x' }] }, { diff: [{ path: '/a', after: 'y' }] }]
    expect(of([result('a', 'changed', one)], [result('a', 'changed', other)])).to.include({ agree: 1, exact: 0 })
  })

  it('counts "may change" as a miss, but of a command', () => {
    expect(of([result('a', 'may_change')], [result('a', 'changed')])).to.include({ agree: 0 })
    const command = { action: 'command' }
    expect(of([result('a', 'may_change', command)], [result('a', 'changed', command)])).to.include({
      agree: 1,
      exact: 1,
    })
  })

  it('counts a task that only one of them has as a miss, and each time that a task runs', () => {
    expect(of([result('a', 'ok'), result('a', 'ok')], [result('a', 'ok'), result('b', 'ok')])).to.include({
      agree: 1,
      of: 3,
    })
  })
})

describe('what a run would have done that began in the middle of another', () => {
  const before = [result('a', 'changed'), notified]
  const after = [result('b', 'changed'), handler('bell'), result('bell', 'changed')]
  const again = [result('a', 'ok'), result('b', 'ok')]
  const statuses = (said: Event[]) =>
    [...cameFrom(byTask(said), before, after, again).values()].map(({ task, status }) => `${task} ${status}`)

  it('finds done what came before, and does what came after', () => {
    expect(statuses([])).to.deep.equal(['a ok', 'b changed'])
  })

  it('runs a handler that was asked for before only when it is asked for again', () => {
    expect(statuses([result('bell', 'changed')])).to.deep.equal(['a ok', 'b changed', 'bell changed'])
  })
})
