import { mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

describe('script', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
    mkdirSync(bench.path('controller'))
    writeFileSync(
      bench.path('controller', 'told.sh'),
      '#!/bin/sh\nfor word; do echo "[$word]"; done\npwd\necho "$0" >&2\nexit ${STATUS-0}\n',
    )
  })
  afterEach(() => bench.close())
  const script = async (given: Record<string, unknown>) => (await bench.apply('script', given)).result

  it('hands its words to the script as the shell reads them', async () => {
    const result = await script({ _raw_params: `told.sh a "b  c" $((1+2)) 'd $e'` })
    expect(result).to.include({ changed: true, rc: 0 })
    expect((result.stdout_lines as string[]).slice(0, 4)).to.deep.equal(['[a]', '[b  c]', '[3]', '[d $e]'])
  })

  it('takes the script away again, also when it fails', async () => {
    const { stderr } = await script({ cmd: 'told.sh' })
    expect(bench.gone(String(stderr).trim())).to.equal(true)
    const failed = await script({ _raw_params: 'told.sh ; false' })
    expect(failed).to.include({ failed: true, rc: 1, msg: 'non-zero return code' })
  })

  it('runs with a program and in a folder', async () => {
    mkdirSync(bench.path('there'))
    writeFileSync(bench.path('controller', 'lines.awk'), 'BEGIN { print "awk " ARGV[1] }\n')
    expect((await script({ cmd: 'lines.awk', executable: 'awk -f' })).stdout).to.equal('awk \n')
    const result = await script({ _raw_params: `told.sh chdir=${bench.path('there')}` })
    expect(result.stdout_lines).to.deep.equal([bench.path('there')])
  })

  it('is skipped where creates or removes say so', async () => {
    writeFileSync(bench.path('made'), '')
    const made = bench.path('made')
    expect(await script({ _raw_params: `told.sh creates=${made}` })).to.include({
      skipped: true,
      changed: false,
      msg: `${made} exists, matching creates option`,
    })
    expect(await script({ cmd: 'told.sh', removes: bench.path('none') })).to.include({ skipped: true })
    expect(await script({ cmd: 'told.sh', removes: made })).to.include({ changed: true })
  })

  it('may change in a dry run, and says what is missing', async () => {
    expect((await bench.check('script', { cmd: 'told.sh x' })).result.may_change).to.equal('would run: told.sh x')
    expect((await problemOf(script({ cmd: 'none.sh' }))).code).to.equal('file-missing')
    expect((await script({ cmd: 'told.sh', chdir: '/no/such' })).msg).to.contain('Unable to change directory')
  })
})

describe('raw', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())
  const raw = async (given: Record<string, unknown>) => (await bench.apply('raw', given)).result

  it('runs a command as it stands, its output whole', async () => {
    expect(await raw({ _raw_params: 'echo a=b; echo err >&2; exit 3' })).to.deep.include({
      changed: true,
      failed: true,
      rc: 3,
      stdout: 'a=b\n',
      stderr: 'err\n',
      msg: 'non-zero return code',
    })
    expect((await raw({ _raw_params: 'echo ${BASH_VERSION%%.*} creates=/x executable=/bin/bash' })).stdout).to.match(
      /^\d creates=\/x\n$/,
    )
    expect((await raw({ _raw_params: 'echo $0', executable: '/bin/bash' })).stdout).to.contain('bash')
  })

  it('may change in a dry run', async () => {
    expect((await bench.check('raw', { _raw_params: 'reboot' })).result.may_change).to.equal('would run: reboot')
  })
})
