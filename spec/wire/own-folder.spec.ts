import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { batchText } from '../../engine/wire/framing.ts'
import { dropKept, keptName, MAKE_KEPT, makeOwn } from '../../engine/wire/own-folder.ts'
import { quote } from '../../engine/wire/quote.ts'

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash', '--posix'], ['busybox', 'sh']]

/** How a shell comes to its end. */
const endings: readonly [title: string, end: (shell: ChildProcessWithoutNullStreams) => void][] = [
  ['nothing more is to do', ({ stdin }) => stdin.end()],
  ['it leaves', ({ stdin }) => stdin.write('exit 3\n')],
  [
    'nobody listens any more',
    ({ stdin, stdout }) => {
      stdout.destroy()
      stdin.write('while :; do echo more; done\n')
    },
  ],
]

for (const [program = '', ...words] of SHELLS) {
  describe(`what ${[program, ...words].join(' ')} keeps`, () => {
    for (const [title, end] of endings) {
      it(`stays until ${title}`, async () => {
        const name = keptName()
        const folder = join(tmpdir(), name)
        const shell = spawn(program, words, { env: { ...process.env, TMPDIR: tmpdir() } })
        const text = async (script: string) => {
          shell.stdin.write(`${script}\n`)
          return String((await once(shell.stdout, 'data'))[0])
        }
        shell.stdin.write(dropKept(name))
        expect(await text(`( ${MAKE_KEPT}; echo first >"$__tsplay_kept/said"; stat -c %a "$__tsplay_kept" )`)).to.equal(
          '700\n',
        )
        expect(await text(`( ${MAKE_KEPT}; cat "$__tsplay_kept/said" )`), 'for a later text').to.equal('first\n')
        expect(await text('( exit 4 ); echo $?'), 'after one that left').to.equal('4\n')
        expect(existsSync(folder)).to.equal(true)
        const ended = once(shell, 'exit')
        end(shell)
        await ended
        expect(existsSync(folder)).to.equal(false)
      })
    }
  })

  describe(`what a text in ${[program, ...words].join(' ')} made for the time being`, () => {
    const ways: readonly [title: string, end: (shell: ChildProcessWithoutNullStreams) => void][] = [
      ['is told to end', ({ pid }) => process.kill(-pid!, 'SIGTERM')],
      ['talks to nobody any more', ({ stdout }) => stdout.destroy()],
    ]
    for (const [title, end] of ways)
      it(`goes when it ${title}`, async () => {
        const folder = mkdtempSync(join(tmpdir(), 'tsplay-own-'))
        const shell = spawn(program, words, { detached: true })
        const talk = 'while :; do sleep 0.1; echo more; done'
        shell.stdin.write(batchText('m:', [{ script: `${makeOwn(quote(folder))}\n${talk}` }], false))
        await once(shell.stdout, 'data')
        shell.stdout.resume()
        expect(readdirSync(folder)).to.have.length(1)
        // The text may end later than its shell.
        const ended = once(shell, 'close')
        shell.stderr.resume()
        end(shell)
        shell.stdin.end()
        await ended
        expect(readdirSync(folder)).to.deep.equal([])
        rmdirSync(folder)
      })
  })
}
