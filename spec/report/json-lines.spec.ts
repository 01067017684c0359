import { expect } from 'chai'
import { JsonLinesReporter } from '../../engine/report/json-lines.ts'
import { item, result, story } from './story.ts'
import { TextStream } from './text-stream.ts'

async function lines(events: typeof story): Promise<Record<string, unknown>[]> {
  const stream = new TextStream()
  const reporter = new JsonLinesReporter(stream)
  for (const event of events) reporter.on(event)
  await reporter.end()
  return stream.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('JSON lines report', () => {
  it('has a line for each event but those for display, the recap last', async () => {
    const told = await lines(story)
    expect(told.map((line) => line.event)).to.deep.equal(
      story.map((event) => event.event).filter((event) => event !== 'host_start' && event !== 'progress'),
    )
    expect(told.at(-1)).to.deep.equal(story.at(-1))
  })

  it('puts differences beside the result, without secret values', async () => {
    const [line] = await lines([story.find((event) => event.event === 'result')!])
    expect(line).to.deep.equal({
      event: 'result',
      host: 'm1',
      task: 'etcd : Write the unit',
      action: 'copy',
      place: 'site.yml:9:7',
      status: 'changed',
      changed: true,
      duration_ms: 40,
      id: 1,
      diff: [
        { path: '/etc/etcd.service', before: '[unit]\na\n', after: '[Unit]\na\n' },
        { path: '/etc/etcd.service mode', before: '0644', after: '0600' },
        { path: '/root/key', secret: true },
      ],
      result: { changed: true },
    })
  })

  it('gives problems as data and unknown values as text', async () => {
    const told = await lines(story)
    expect(told.find((line) => line.problem)?.problem).to.deep.equal({
      code: 'undefined-variable',
      message: '"etcd_vesion" is not defined',
      file: 'roles/etcd/tasks/main.yml',
      line: 3,
      column: 13,
      hint: 'Did you mean "etcd_version"?',
      host: 'm2',
    })
    expect(told.find((line) => line.host === 'm2' && line.action === 'debug')?.result).to.deep.equal({
      changed: false,
      list: [1, '<unknown: the output of "x">'],
    })
  })

  it('never prints bytes, and closes the secrets of loops and items', async () => {
    const diff = [{ path: '/k', before: 'a', after: 'b', secret: true }]
    const told = await lines([
      result(1, 'h', 'A', 'changed', { content: Buffer.from('abc'), results: [{ changed: true, diff }] }),
      item(1, 'h', 'A', 'x', 'changed', { diff }),
    ])
    expect(told[0]?.result).to.deep.equal({
      changed: true,
      content: '<binary, 3 B>',
      results: [{ changed: true, diff: [{ path: '/k', secret: true }] }],
    })
    expect(told[1]?.diff).to.deep.equal([{ path: '/k', secret: true }])
  })
})
