import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { expect } from 'chai'
import { FrameReader, newMarker } from '../../engine/wire/framing.ts'
import type { Ending, Process } from '../../engine/wire/process.ts'
import { quote } from '../../engine/wire/quote.ts'
import { Shell } from '../../engine/wire/shell.ts'

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash'], ['bash', '--posix'], ['busybox', 'sh']]
const ROUNDS = 60

function child(command: readonly string[]): Process {
  const running = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<Ending>((resolve) => running.once('close', (status) => resolve({ status: status ?? 255 })))
  const drop = () => {
    running.kill('SIGKILL')
    running.stdin.destroy()
  }
  return { stdin: running.stdin, stdout: running.stdout, stderr: running.stderr, ended, drop }
}

/** Text that looks like shell, or like nothing at all. */
function nonsense(): string {
  const words = [
    "'",
    '"',
    '`',
    '$(',
    ')',
    '((',
    '\\',
    '\n',
    ';',
    '&&',
    '||',
    '|',
    '{',
    '}',
    'if',
    'fi',
    'done',
    'esac',
    'EOF',
    '<<E',
    '#',
    '$',
    '!',
    ' ',
    'x',
    '=',
    '[',
    '*',
  ]
  if (randomInt(2) === 0) return Array.from({ length: randomInt(12) }, () => words[randomInt(words.length)]).join(' ')
  return randomBytes(randomInt(200)).toString('latin1').replaceAll('\0', '')
}

for (const command of SHELLS) {
  const name = command.join(' ')
  describe(`framing with ${name}`, () => {
    let shell: Shell
    let starts = 0

    before(() => {
      if (spawnSync(command[0]!, ['-c', ':']).error) {
        execFileSync(
          'apt-get',
          ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', command[0]!],
          { stdio: 'ignore' },
        )
      }
      shell = new Shell({
        host: name,
        start: async () => {
          starts += 1
          return child(command)
        },
        killGroup: async () => {},
      })
    })
    after(() => shell.close())

    it('brings any text through quoting unchanged', async () => {
      const texts = Array.from(
        { length: ROUNDS },
        () => randomBytes(randomInt(300)).toString('latin1').replaceAll('\0', '') + nonsense(),
      )
      const replies = await shell.run(texts.map((text) => ({ script: `printf %s ${quote(text)}` })))
      expect(replies.map((reply) => reply.stdout.toString())).to.deep.equal(texts)
    })

    it('brings any bytes of output through unchanged', async () => {
      const outputs = Array.from({ length: ROUNDS }, () => randomBytes(randomInt(2000)))
      const octal = (bytes: Buffer) => [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
      const replies = await shell.run(
        outputs.map((bytes) => ({ script: `printf '${octal(bytes)}'; printf '${octal(bytes)}' >&2` })),
      )
      replies.forEach((reply, i) => {
        expect(reply.stdout.equals(outputs[i]!)).to.equal(true)
        expect(reply.stderr.equals(outputs[i]!)).to.equal(true)
      })
    })

    it('stays in step, whatever nonsense it is given', async () => {
      const before = starts
      for (let round = 0; round < ROUNDS; round += 1) {
        // `true ||` keeps nonsense from doing anything; its syntax still has to be read.
        const items = [{ script: `true || { ${nonsense()}\n}` }, { script: `echo ${round}` }]
        const replies = await shell.run(items, { timeout: 5000 })
        expect(replies[1]?.stdout.toString(), JSON.stringify(items)).to.equal(`${round}\n`)
      }
      expect(starts).to.equal(before)
    })

    it('passes megabytes of script', async () => {
      const text = randomBytes(1_500_000).toString('hex')
      const [reply, next] = await shell.run([{ script: `printf %s ${quote(text)}` }, { script: 'echo next' }])
      expect(reply!.stdout.toString() === text).to.equal(true)
      expect(next!.stdout.toString()).to.equal('next\n')
    })

    it('never shows the marker in a process list or to a command', async () => {
      const [reply] = await shell.run([{ script: 'set; env; cat /proc/$$/cmdline /proc/self/cmdline; ps ax -o args' }])
      expect(reply!.stdout.toString()).to.not.match(/tsplay-[0-9a-f]{32}/)
    })
  })
}

describe('FrameReader', () => {
  it('cuts the same, however the chunks fall', () => {
    const marker = newMarker()
    const parts = [Buffer.from('one'), Buffer.from(`two${marker.slice(0, 20)}`), Buffer.alloc(0), randomBytes(50)]
    const stream = Buffer.concat(parts.map((part, i) => Buffer.concat([part, Buffer.from(`${marker}${i}\n`)])))
    for (let size = 1; size <= stream.length; size += 1) {
      const frames: [number, string][] = []
      let open: Buffer[] = []
      const reader = new FrameReader(
        marker,
        (chunk) => open.push(Buffer.from(chunk)),
        (status) => {
          frames.push([status, Buffer.concat(open).toString('hex')])
          open = []
        },
      )
      for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size))
      expect(frames).to.deep.equal(parts.map((part, i) => [i, part.toString('hex')]))
    }
  })

  it('gives out what cannot be a marker at once', () => {
    const marker = newMarker()
    const seen: string[] = []
    const reader = new FrameReader(
      marker,
      (chunk) => seen.push(chunk.toString()),
      () => {},
    )
    reader.push(Buffer.from('50 % done\r'))
    reader.push(Buffer.from(`ts ${marker.slice(0, 5)}`))
    expect(seen.join('')).to.equal('50 % done\rts ')
  })
})
