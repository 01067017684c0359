import { mkdirSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect } from 'chai'
import { problemOf, Workbench } from './workbench.ts'

describe('command and shell', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())
  const command = async (given: Record<string, unknown>) => (await bench.apply('command', given)).result
  const shell = async (given: Record<string, unknown>) => (await bench.apply('shell', given)).result

  const words: [string, string[]][] = [
    [`printf '%s|' a "b  c" d\\ e 'it'"'"'s'`, ["a|b  c|d e|it's|"]],
    ['echo a > b | c && d; *', ['a > b | c && d; *']],
    ['echo "" x', [' x']],
    ["echo '$HOME' $NO_SUCH ${NO_SUCH} x$", ['/root $NO_SUCH ${NO_SUCH} x$']],
  ]
  for (const [cmd, lines] of words) {
    it(`runs ${cmd}`, async () => {
      const result = await command({ cmd })
      expect(result.stdout_lines).to.deep.equal(lines.map((line) => line.replace('/root', process.env.HOME ?? '')))
      expect(result).to.include({ changed: true, rc: 0 })
    })
  }

  it('has the results of Ansible', async () => {
    const result = await shell({ cmd: 'echo out; echo err >&2; exit 3' })
    expect(result).to.include({
      changed: true,
      failed: true,
      rc: 3,
      stdout: 'out',
      stderr: 'err',
      msg: 'non-zero return code',
      cmd: 'echo out; echo err >&2; exit 3',
    })
    expect(result.delta).to.match(/^0:00:00\.\d{6}$/)
    expect(result.start).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
  })

  it('takes a list, and options out of the free form', async () => {
    expect((await command({ argv: ['printf', '%s', 'a b'] })).stdout).to.equal('a b')
    mkdirSync(bench.path('d'))
    const given = { _raw_params: `touch made chdir=${bench.path('d')} creates="made"` }
    expect((await command(given)).changed).to.equal(true)
    expect(await command(given)).to.include({
      changed: false,
      rc: 0,
      msg: "Did not run command since 'made' exists",
      stdout: 'skipped, since made exists',
    })
  })

  it('reads stdin, and leaves nothing of it behind', async () => {
    expect((await command({ cmd: 'cat -A', stdin: 'a\nb' })).stdout_lines).to.deep.equal(['a$', 'b$'])
    expect((await shell({ cmd: 'cat -A', stdin: 'a', stdin_add_newline: false })).stdout).to.equal('a')
    // In a folder of its own: in the usual one there may be what another run has there now.
    const before = process.env.TMPDIR
    process.env.TMPDIR = bench.path('temporary')
    mkdirSync(process.env.TMPDIR)
    const other = new Workbench()
    try {
      const { result } = await other.apply('shell', { cmd: 'ls -A "$TMPDIR"; echo "$TMPDIR"', stdin: 'x' })
      expect(result.stdout_lines).to.deep.equal([basename(other.folder), process.env.TMPDIR])
    } finally {
      await other.close()
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
  })

  it('goes by patterns in creates and removes', async () => {
    writeFileSync(bench.path('a1.conf'), '')
    expect((await shell({ cmd: 'exit 1', creates: bench.path('a*.conf') })).changed).to.equal(false)
    expect((await shell({ cmd: 'true', creates: bench.path('b*.conf') })).changed).to.equal(true)
    expect((await shell({ cmd: 'exit 1', removes: bench.path('none') })).changed).to.equal(false)
    expect((await shell({ cmd: 'true', removes: bench.path('a?.conf') })).changed).to.equal(true)
  })

  it('says it may change in a dry run, unless that can be decided, and predicts what it creates', async () => {
    const { result } = await bench.check('shell', { cmd: 'make it', creates: bench.path('made') })
    expect(result.may_change).to.equal('would run: make it')
    expect((await bench.check('shell', { cmd: 'make it', creates: bench.path('made') })).result.changed).to.equal(false)
    expect((await bench.check('stat', { path: bench.path('made'), get_checksum: false })).result.stat).to.include({
      exists: true,
    })
  })

  it('is a shell of its own', async () => {
    expect((await shell({ cmd: 'echo $0 $$ $PPID; exec true' })).stdout).to.match(/sh \d+ \d+$/)
    expect((await shell({ cmd: '[[ a < b ]] && echo ${BASH_VERSION%%.*}', executable: '/bin/bash' })).stdout).to.match(
      /^\d$/,
    )
    expect((await shell({ cmd: 'tr "\\0" " " </proc/$$/cmdline; # hidden-word' })).stdout).not.to.contain('hidden-word')
    expect((await shell({ cmd: `: ${'x'.repeat(200_000)}\necho long; cat`, stdin: 'in' })).stdout).to.equal('long\nin')
  })

  it('keeps output that is no UTF-8', async () => {
    expect((await shell({ cmd: "printf 'gr\\374n \\303\\274\\n\\n'" })).stdout).to.equal('gr\\xfcn ü')
    expect((await shell({ cmd: "printf 'a\\n\\n'", strip_empty_ends: false })).stdout).to.equal('a\n\n')
  })

  it('says what is wrong', async () => {
    expect((await command({ cmd: 'no-such-program x' })).msg).to.equal('The host has no program "no-such-program".')
    expect((await command({ cmd: 'true', chdir: '/no/such' })).msg).to.contain(
      'Unable to change directory before execution',
    )
    expect((await problemOf(command({ cmd: 'echo "x' }))).message).to.contain('is not closed')
    expect((await problemOf(command({}))).message).to.equal('"command" needs a command: as free form, cmd, or argv.')
  })
})
