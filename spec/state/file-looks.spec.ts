import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import type { ReadKind } from '../../engine/state/read.ts'
import { content } from '../../engine/state/reads/content.ts'
import { digest } from '../../engine/state/reads/digest.ts'
import { fileFlags } from '../../engine/state/reads/file-flags.ts'
import { fileType } from '../../engine/state/reads/file-type.ts'
import { stat } from '../../engine/state/reads/stat.ts'
import { batchText } from '../../engine/wire/framing.ts'

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash', '--posix'], ['busybox', 'sh']]
const awkward = "line\nend 'quoted' $(touch pwned) *"

for (const words of SHELLS)
  describe(`looks at files in ${words.join(' ')}`, () => {
    let folder: string
    let socket: Server
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'tsplay-looks-'))
      chmodSync(folder, 0o755)
      const at = (name: string) => join(folder, name)
      mkdirSync(at('folder'))
      mkdirSync(at('closed'), { mode: 0o700 })
      for (const name of ['file', 'closed/file', awkward]) writeFileSync(at(name), `of ${name}`)
      symlinkSync('file', at('to-file'))
      symlinkSync('folder', at('to-folder'))
      symlinkSync('nowhere', at('to-nothing'))
      spawnSync('mkfifo', [at('pipe')])
      socket = createServer().listen(at('socket'))
      await new Promise((resolve) => socket.once('listening', resolve))
    })
    after(() => {
      socket.close()
      rmSync(folder, { recursive: true })
    })

    /** Asks as nobody, in the way a batch is sent. */
    function ask<A, T>(kind: ReadKind<A, T>, asks: readonly A[]): (T | string)[] {
      const items = kind.items(asks).map((script) => ({ script, builtins: kind.builtins?.(script) ?? false }))
      const input = batchText('marker:', items, false)
      const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', ...words]
      const { stdout, stderr } = spawnSync('setpriv', nobody, { input, cwd: folder, env: { PATH: process.env.PATH } })
      const parts = (bytes: Buffer) => bytes.toString('latin1').split(/marker:(\d+)\n/)
      const [out, err] = [parts(stdout), parts(stderr)]
      const replies = items.map((_, index) => ({
        status: Number(out[2 * index + 1]),
        stdout: Buffer.from(out[2 * index]!, 'latin1'),
        stderr: Buffer.from(err[2 * index]!, 'latin1'),
      }))
      return kind.parse(replies, asks).map((one) => (one instanceof Problem ? one.message : (one as T)))
    }
    const at = (name: string) => join(folder, name)
    const denied = (name: string) => `Cannot look at ${at(name)}: Permission denied`

    it('tells what a path leads to', () => {
      const kinds: Readonly<Record<string, string | null>> = {
        file: 'file',
        folder: 'directory',
        'to-file': 'file',
        'to-folder': 'directory',
        'to-nothing': null,
        pipe: 'fifo',
        socket: 'socket',
        none: null,
        'none/deeper/still': null,
        'file/below': null,
        closed: 'directory',
        'closed/file': denied('closed/file'),
        'closed/none/deeper': denied('closed/none/deeper'),
        [awkward]: 'file',
      }
      const answers = ask(fileType, Object.keys(kinds).map(at))
      expect(Object.fromEntries(Object.keys(kinds).map((name, index) => [name, answers[index]]))).to.deep.equal(kinds)
      expect(ask(fileType, ['/dev/null', 'file', 'none', 'none/deeper'])).to.deep.equal(['char', 'file', null, null])
    })

    it('has one stat for all, and one more for links', () => {
      const names = ['file', 'to-file', 'to-folder', 'to-nothing', 'none', 'closed/file', awkward]
      const asks = names.flatMap((name) => [{ path: at(name) }, { path: at(name), follow: true }])
      const said = ask(stat, asks).map((one) =>
        one === null || typeof one === 'string'
          ? one
          : `${one.type}${one.target === undefined ? '' : ` to ${one.target}`}`,
      )
      expect(names.map((name, index) => [name, said[2 * index], said[2 * index + 1]])).to.deep.equal([
        ['file', 'file', 'file'],
        ['to-file', 'link to file', 'file'],
        ['to-folder', 'link to folder', 'directory'],
        ['to-nothing', 'link to nowhere', null],
        ['none', null, null],
        ['closed/file', denied('closed/file'), denied('closed/file')],
        [awkward, 'file', 'file'],
      ])
    })

    it('digests what can be, and says where it may not', () => {
      const names = ['file', 'to-file', 'folder', 'pipe', 'socket', 'none', 'none/deeper', 'to-nothing', 'closed/file']
      const asks = [...names, awkward].map((name) => ({ path: at(name), algorithm: 'md5' as const }))
      const [file, link, ...others] = ask(digest, asks)
      expect(file).to.match(/^[0-9a-f]{32}$/)
      expect(link).to.equal(file)
      expect(others.slice(0, -1)).to.deep.equal([
        null,
        null,
        null,
        null,
        null,
        null,
        `Cannot read ${at('closed/file')}: Permission denied`,
      ])
      expect(others.at(-1)).to.match(/^[0-9a-f]{32}$/)
    })

    it('has the flags of files, whatever their names', () => {
      const answers = ask(fileFlags, ['none', awkward, 'to-file', 'file'].map(at))
      expect([answers[0], answers[2]]).to.deep.equal([null, null])
      // A file system without flags has none for either.
      expect(Object.keys((answers[1] as object | null) ?? {})).to.deep.equal(
        Object.keys((answers[3] as object | null) ?? {}),
      )
    })

    it('reads what is there', () => {
      const text = (one: unknown) => (Buffer.isBuffer(one) ? one.toString() : one)
      const pipe = `Cannot read ${at('pipe')}: it is a pipe`
      expect(ask(content, ['file', 'none', 'to-nothing', awkward, 'pipe'].map(at)).map(text)).to.deep.equal([
        'of file',
        null,
        null,
        `of ${awkward}`,
        pipe,
      ])
    })
  })
