import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openBeside } from '../../engine/wire/own-file.ts'
import { quote } from '../../engine/wire/quote.ts'

const SHELLS: readonly (readonly string[])[] = [['dash'], ['bash', '--posix'], ['busybox', 'sh']]
/** Every sign that a shell may take for something, and letters of two, three and four bytes. */
const text = `${String.fromCodePoint(...Array.from({ length: 0x500 }, (_, index) => index + 1))}漢😀\\c %s\n'`

for (const words of SHELLS)
  describe(`a new file opened by ${words.join(' ')}`, () => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tsplay-own-'))
      mkdirSync(join(folder, 'in'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    /** Runs text in a subshell, as items of a batch are run, with the file open. */
    const run = (script: string, into = 'in', inside: readonly string[] = []) => {
      const [program = '', ...rest] = [
        ...inside,
        ...words,
        '-c',
        `( ${openBeside(quote(join(folder, into)))}\n${script}\n)`,
      ]
      const { status, stderr } = spawnSync(program, rest, { encoding: 'utf8', cwd: folder })
      return { status, said: stderr }
    }
    const take = 'mv -- "$tsplay_t" "$tsplay_from/taken" && tsplay_t='

    it('holds what was written into it, to the byte, for nobody else', () => {
      expect(run(`printf %s ${quote(text)} >&3; stat -c %a "$tsplay_t" >"$tsplay_from/mode"; ${take}`)).to.deep.equal({
        status: 0,
        said: '',
      })
      expect(readFileSync(join(folder, 'taken'), 'utf8')).to.equal(text)
      expect(readFileSync(join(folder, 'mode'), 'utf8')).to.equal('600\n')
      expect(readdirSync(join(folder, 'in'))).to.deep.equal([])
    })

    it('goes with the subshell when nobody took it', () => {
      expect(run('echo x >&3; exit 3').status).to.equal(3)
      expect(readdirSync(join(folder, 'in'))).to.deep.equal([])
    })

    it('is altered itself, whatever took its name', () => {
      writeFileSync(join(folder, 'victim'), 'secret', { mode: 0o600 })
      const swap = 'mv "$tsplay_t" "$tsplay_from/moved"; ln -s "$tsplay_from/victim" "$tsplay_t"'
      expect(run(`${swap}; chmod 0666 "$tsplay_a"; chown nobody "$tsplay_a"; echo new >&3`).status).to.equal(0)
      const { mode, uid } = statSync(join(folder, 'victim'))
      expect({ mode: mode & 0o777, uid, text: readFileSync(join(folder, 'victim'), 'utf8') }).to.deep.equal({
        mode: 0o600,
        uid: 0,
        text: 'secret',
      })
      const moved = statSync(join(folder, 'moved'))
      expect([moved.mode & 0o777, readFileSync(join(folder, 'moved'), 'utf8')]).to.deep.equal([0o666, 'new\n'])
      expect(moved.uid).to.be.greaterThan(0)
    })

    it('is never one that was there', () => {
      const script = openBeside(quote(join(folder, 'in')))
      const name = /tsplay_t=(\S+)/.exec(script)![1]!
      symlinkSync('../victim', join(folder, 'in', name))
      const [program = '', ...rest] = words
      const { status } = spawnSync(program, [...rest, '-c', `( ${script}\necho new >&3\n)`], { cwd: folder })
      // in a folder of its own then
      expect([status, readdirSync(folder)]).to.deep.equal([0, ['in']])
    })

    it('is in a folder of its own where there is no /proc', () => {
      const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh']
      const script = `echo new >&3; chmod 0644 "$tsplay_a"; echo "$PWD/$tsplay_t" >"$tsplay_from/path"; ${take}`
      expect(run(script, 'in', hidden)).to.deep.equal({ status: 0, said: '' })
      expect(readFileSync(join(folder, 'path'), 'utf8')).to.match(/\/in\/\.tsplay-\w{8}\/file\n$/)
      expect(readFileSync(join(folder, 'taken'), 'utf8')).to.equal('new\n')
      expect(statSync(join(folder, 'taken')).mode & 0o777).to.equal(0o644)
      expect(readdirSync(join(folder, 'in'))).to.deep.equal([])
    })

    it('says why it cannot be', () => {
      const { status, said } = run('echo new >&3', 'nowhere')
      expect(status).to.equal(1)
      expect(said).to.match(/^cannot write in \S+nowhere: (No such file or directory|can't cd to \S+)\n$/)
    })
  })
