import { mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

describe('modules that act on the controller, or bring files to it', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench({ variables: { yes: true, no: false } })
    mkdirSync(bench.path('controller'))
  })
  afterEach(() => bench.close())
  const run = async (name: string, given: Record<string, unknown>) => bench.apply(name, given)

  it('assert says which condition did not hold', async () => {
    expect((await run('assert', { that: ['yes'] })).result).to.include({ changed: false, msg: 'All assertions passed' })
    expect((await run('assert', { that: ['yes', 'no'], fail_msg: 'too bad' })).result).to.include({
      failed: true,
      assertion: 'no',
      evaluated_to: false,
      msg: 'too bad',
    })
  })

  it('fail fails', async () => {
    expect((await run('fail', {})).result).to.include({ failed: true, msg: 'Failed as requested from task' })
  })

  it('set_fact sets, and checks names', async () => {
    expect((await run('set_fact', { a: [1], b: 'x' })).sets).to.deep.equal({
      level: 'set_fact',
      values: { a: [1], b: 'x' },
      facts: false,
    })
    expect((await problemOf(run('set_fact', { 'a-b': 1 }))).message).to.equal('"a-b" cannot be the name of a variable.')
    expect((await run('set_fact', { a: 1, cacheable: true })).sets).to.include({ facts: true })
  })

  it('pause waits, asks, and does neither in a dry run', async () => {
    await run('pause', { minutes: 2 })
    expect(bench.slept).to.equal(120_000)
    bench.answer = 'go'
    expect((await run('pause', { prompt: 'Ready?' })).result.user_input).to.equal('go')
    await bench.check('pause', { seconds: 9 })
    expect([bench.slept, bench.asked]).to.deep.equal([120_000, ['Ready?']])
  })

  it('slurp brings bytes', async () => {
    writeFileSync(bench.path('f'), Buffer.from([0, 255]))
    expect((await run('slurp', { src: bench.path('f') })).result).to.include({ content: 'AP8=', encoding: 'base64' })
    expect((await run('slurp', { src: bench.path('none') })).result.msg).to.contain('file not found')
    expect((await run('slurp', { src: bench.folder })).result.msg).to.contain('is a directory')
  })

  it('fetch lays files out by host, and brings nothing twice', async () => {
    writeFileSync(bench.path('f'), 'hello')
    const first = await bench.settle('fetch', { src: bench.path('f'), dest: 'fetched' })
    expect(first.dest).to.equal(bench.path('controller/fetched/here', bench.path('f')))
    expect(bench.read('controller/fetched/here', bench.path('f'))).to.equal('hello')
    await bench.settle('fetch', { src: bench.path('f'), dest: `${bench.path('flat')}/`, flat: true })
    expect(bench.read('flat/f')).to.equal('hello')
    expect((await run('fetch', { src: bench.path('none'), dest: 'x' })).result.failed).to.equal(true)
    expect((await run('fetch', { src: bench.path('none'), dest: 'x', fail_on_missing: false })).result.failed).to.equal(
      undefined,
    )
  })

  it('template fills in, and keeps the last line end', async () => {
    writeFileSync(bench.path('controller/a.conf.hbs'), 'yes={{yes}}\n')
    const result = await bench.settle('template', { src: 'a.conf.hbs', dest: `${bench.folder}/`, mode: '0600' })
    expect(result).to.include({ dest: bench.path('a.conf'), mode: '0600', src: 'a.conf.hbs' })
    expect(bench.read('a.conf')).to.equal('yes=true\n')
  })
})
