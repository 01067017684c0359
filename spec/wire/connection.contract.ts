import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { Problem } from '../../engine/base/problem.ts'
import type { Connection, Item } from '../../engine/wire/connection.ts'
import { MAKE_KEPT } from '../../engine/wire/own-folder.ts'

export interface Subject {
  readonly connection: Connection
  /** A folder on the host that the suite may fill. */
  readonly folder: string
}

/** What every connection to a real shell does. `open` is called once; the caller closes. */
export function connectionContract(open: () => Promise<Subject>): void {
  let c: Connection
  let folder: string

  before(async () => {
    const subject = await open()
    c = subject.connection
    folder = subject.folder
  })

  const items = (...scripts: string[]): Item[] => scripts.map((script) => ({ script }))
  const texts = async (...scripts: string[]) => (await c.run(items(...scripts))).map((reply) => reply.stdout.toString())

  it('gives each item its own output, errors and status, in order', async () => {
    const replies = await c.run(items('echo one; echo oops >&2', 'echo two; exit 3', 'false', 'echo four'))
    expect(replies.map((reply) => [reply.status, reply.stdout.toString(), reply.stderr.toString()])).to.deep.equal([
      [0, 'one\n', 'oops\n'],
      [3, 'two\n', ''],
      [1, '', ''],
      [0, 'four\n', ''],
    ])
  })

  it('keeps output to the byte, with or without a last newline, NULs and all', async () => {
    const octal = Array.from({ length: 256 }, (_, byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
    const [all, none, open] = await c.run(items(`printf '${octal}'`, 'printf ""', 'printf x'))
    expect([...all!.stdout]).to.deep.equal(Array.from({ length: 256 }, (_, byte) => byte))
    expect(none!.stdout).to.have.length(0)
    expect(open!.stdout.toString()).to.equal('x')
  })

  it('stops after a failure when asked, on the host', async () => {
    const replies = await c.run(items('true', 'exit 7', `touch '${folder}/never'`), { stopOnFailure: true })
    expect(replies.map((reply) => reply.status)).to.deep.equal([0, 7])
    const [after] = await c.run(items(`test -e '${folder}/never'`))
    expect(after!.status).to.equal(1)
  })

  it('goes on after an optional failure, but not after one before it', async () => {
    const optional = { script: 'exit 4', optional: true }
    const statuses = async (...list: Item[]) =>
      (await c.run(list, { stopOnFailure: true })).map((reply) => reply.status)
    expect(await statuses({ script: 'true' }, optional, { script: 'exit 5' }, optional)).to.deep.equal([0, 4, 5])
  })

  it('runs builtins in the shell itself, each with its own output, errors and status', async () => {
    const same = { script: "__x='a b'; echo $$; echo oops >&2; false", builtins: true }
    const replies = await c.run([same, { script: 'echo "$__x"' }, { script: "cat; printf '%s' -", builtins: true }])
    const [shell] = await c.run(items('echo $$'))
    expect(replies.map((reply) => [reply.status, reply.stdout.toString(), reply.stderr.toString()])).to.deep.equal([
      [1, shell!.stdout.toString(), 'oops\n'],
      [0, 'a b\n', ''],
      [0, '-', ''],
    ])
  })

  it('survives syntax errors, open quotes and exit', async () => {
    const broken = [
      "echo 'open",
      'echo "open',
      'if true',
      ')',
      'fi',
      'echo $(',
      'cat <<EOF\nno end',
      'exec false',
      '${x',
      '-n',
      '',
      ' ',
      '# only',
    ]
    const replies = await c.run(items(...broken, 'echo fine'))
    expect(replies).to.have.length(broken.length + 1)
    expect(replies.at(-1)!.stdout.toString()).to.equal('fine\n')
    expect(replies[3]!.status).to.not.equal(0)
    expect(replies[3]!.stderr.toString()).to.match(/syntax error|unexpected/i)
  })

  it('lets no item change what the next one finds', async () => {
    await c.run(
      items('cd /; LC_ALL=xx; export LC_ALL; umask 000; set -e; set -x; set -v; exec >/dev/null; trap "echo bye" EXIT'),
    )
    expect(await texts('umask; echo $LC_ALL $TERM; echo "[$1]"', 'cat; echo end')).to.deep.equal([
      '0022\nC dumb\n[]\n',
      'end\n',
    ])
  })

  it('starts in the home folder with the system programs on the path', async () => {
    const [place, path] = await texts('test "$(pwd)" = "$(cd && pwd)" && echo home', 'echo ":$PATH:"')
    expect(place).to.equal('home\n')
    expect(path).to.include(':/usr/sbin:').and.to.include(':/sbin:').and.to.include(':/usr/local/sbin:')
  })

  it('carries megabytes both ways', async () => {
    const text = 'abcdefghijklmnopqrstuvwxyz012345'.repeat(32 * 1024)
    const [reply] = await c.run(items(`printf %s '${text}'`))
    expect(reply!.stdout.toString() === text).to.equal(true)
    const [much] = await c.run(
      items('i=0; while [ $i -lt 20 ]; do head -c 1000000 /dev/zero; i=$((i+1)); done; head -c 500000 /dev/zero >&2'),
    )
    expect([much!.stdout.length, much!.stderr.length]).to.deep.equal([20_000_000, 500_000])
  })

  it('refuses a NUL in a script and goes on', async () => {
    const problem = await c.run(items('echo \0')).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(problem?.message).to.include('NUL')
    expect(await texts('echo on')).to.deep.equal(['on\n'])
  })

  it('shows output while it comes', async () => {
    const seen: string[] = []
    await c.run(items('echo a', 'printf b >&2; sleep 0.3; echo c'), {
      onOutput: (item, stream, chunk) => seen.push(`${item} ${stream} ${chunk}`),
    })
    expect(seen).to.have.members(['0 stdout a\n', '1 stderr b', '1 stdout c\n'])
    expect(seen.at(-1)).to.equal('1 stdout c\n')
  })

  it('answers calls made at once, each with its own', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => texts(`echo ${i}`)))
    expect(answers.flat()).to.deep.equal(Array.from({ length: 20 }, (_, i) => `${i}\n`))
  })

  it('counts one round trip for each call', async () => {
    const before = c.roundTrips
    await c.run(items('true', 'true', 'true'))
    await c.put(Buffer.from('x'), `${folder}/trip`)
    await drain(await c.get(`${folder}/trip`))
    await c.run([])
    expect(c.roundTrips - before).to.equal(3)
  })

  it('kills what takes too long, children too, and works again', async () => {
    const started = Date.now()
    const problem = await c.run(items(`sleep 61 & echo $! >'${folder}/pid'; sleep 61`), { timeout: 400 }).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(problem?.code).to.equal('timeout')
    expect(Date.now() - started).to.be.below(6000)
    expect(
      await texts(`grep -q 'State:.[^Z]' /proc/$(cat '${folder}/pid')/status 2>/dev/null && echo alive || echo dead`),
    ).to.deep.equal(['dead\n'])
  })

  it('removes what a shell kept that is killed, though it would not go', async () => {
    const stubborn = `${MAKE_KEPT}; echo "$__tsplay_kept" >'${folder}/kept'; trap '' TERM; sleep 61`
    const problem = await c.run(items(stubborn), { timeout: 400 }).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(problem?.code).to.equal('timeout')
    expect(await texts(`k=$(cat '${folder}/kept'); [ -n "$k" ] && ls -d "$k" 2>/dev/null || echo gone`)).to.deep.equal([
      'gone\n',
    ])
  })

  it('kills what is aborted, and works again', async () => {
    const control = new AbortController()
    setTimeout(() => control.abort(), 300)
    const problem = await c.run(items('sleep 62'), { signal: control.signal }).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(problem?.code).to.equal('interrupted')
    expect(await texts('echo again')).to.deep.equal(['again\n'])
    const second = await c.run(items('echo never'), { signal: control.signal }).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(second?.code).to.equal('interrupted')
  })

  it('says that what a vanished shell ran may or may not be done, and works again', async () => {
    const problem = await c.run(items('echo a', 'kill -9 $$; sleep 1', 'echo c')).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(problem?.code).to.equal('host-unreachable')
    expect(problem?.message).to.include('after 1 command had ended; what was running may or may not have been done')
    expect(await texts('echo again')).to.deep.equal(['again\n'])
  })

  it('refuses more output than memory should hold', async () => {
    const problem = await c.run(items('cat /dev/zero')).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(problem?.code).to.equal('task-failed')
    expect(problem?.message).to.include('64 MiB')
    expect(await texts('echo again')).to.deep.equal(['again\n'])
  })

  for (const [what, size] of [
    ['nothing', 0],
    ['five megabytes', 5_000_000],
  ] as const) {
    it(`puts and gets ${what}, private to the user`, async () => {
      const content = randomBytes(size)
      const seen: number[] = []
      await c.put(content, `${folder}/file-${size}`, { onProgress: (done) => seen.push(done) })
      const [mode] = await texts(`stat -c %a '${folder}/file-${size}'`)
      expect(mode).to.equal('600\n')
      if (size > 0) expect(seen.at(-1)).to.equal(size)
      expect((await drain(await c.get(`${folder}/file-${size}`))).equals(content)).to.equal(true)
    })
  }

  it('puts a stream over a longer file', async () => {
    await c.put(Buffer.from('a much longer text'), `${folder}/again`)
    await c.put(Readable.from([Buffer.from('sho'), Buffer.from('rt')]), `${folder}/again`)
    expect((await drain(await c.get(`${folder}/again`))).toString()).to.equal('short')
  })

  for (const name of [
    'it\'s a "name"',
    '$(touch x) `y` $HOME',
    '-rf',
    ' blanks  ',
    'new\nline',
    'ünï💥',
    '&1',
    '*?[a]~\\',
  ]) {
    it(`takes a file named ${JSON.stringify(name)}`, async () => {
      await c.put(Buffer.from(name), `${folder}/${name}`)
      expect((await drain(await c.get(`${folder}/${name}`))).toString()).to.equal(name)
    })
  }

  it('says why a file cannot be written or read', async () => {
    const why = (work: Promise<unknown>) =>
      work.then(
        () => 'no problem',
        (thrown: Problem) => `${thrown.code}: ${thrown.message}`,
      )
    expect(await why(c.put(Buffer.from('x'), `${folder}/no/such`))).to.match(
      /^step-failed: .*no\/such.*(nonexistent|No such file)/,
    )
    expect(await why(c.put(randomBytes(3_000_000), '/dev/full'))).to.match(
      /^step-failed: .*\/dev\/full.*No space left on device/,
    )
    expect(await why(c.get(`${folder}/none`))).to.match(/^step-failed: .*none.*cannot be read.*No such file/)
    expect(await why(c.get(folder).then(drain))).to.match(/^step-failed: .*Is a directory/)
  })

  it('gives back the error of a source that breaks', async () => {
    const source = Readable.from(
      (function* () {
        yield Buffer.from('begun')
        throw new Error('the source broke')
      })(),
    )
    const thrown = await c.put(source, `${folder}/broken`).then(
      () => undefined,
      (error: Error) => error,
    )
    expect(thrown?.message).to.equal('the source broke')
    expect(await texts('echo again')).to.deep.equal(['again\n'])
  })

  it('leaves nothing of a part in a folder of its own', async () => {
    const whole = { apart: { size: 5 } }
    await c.put(Buffer.from('whole'), `${folder}/sent/file`, whole)
    expect(await texts(`cat '${folder}/sent/file'; stat -c %a '${folder}/sent'`)).to.deep.equal(['whole700\n'])
    const short = await c.put(Buffer.from('half'), `${folder}/cut/file`, { apart: { size: 8 } }).then(
      () => undefined,
      (thrown: Problem) => thrown,
    )
    expect(short?.code).to.equal('step-failed')
    expect((await texts(`ls '${folder}/cut' 2>&1`))[0]).to.contain('No such file')
  })

  it('lets a reader stop early', async () => {
    await c.put(Buffer.alloc(3_000_000), `${folder}/long`)
    for await (const _ of await c.get(`${folder}/long`)) break
    expect(await texts('echo again')).to.deep.equal(['again\n'])
  })
}

export async function drain(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}
