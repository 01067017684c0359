import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { compileExpression } from '../../engine/lang/expression.ts'
import { layer, Variables } from '../../engine/lang/variables.ts'
import { outcome, textPlace } from './shown.ts'

describe('reads on the controller', () => {
  let folder: string
  let secrets: string[]
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const read = (text: string, how: { ahead?: boolean; check?: boolean; role?: boolean } = {}) => {
    const controller = {
      ahead: how.ahead ?? false,
      check: how.check ?? false,
      secret: (secret: string) => void secrets.push(secret),
      renderFile: (path: string) => readFileSync(path, 'utf8').toUpperCase(),
    }
    const values = { playbook_dir: folder, ...(how.role ? { role_path: join(folder, 'roles/r') } : {}), name: 'x' }
    const scope = new Variables([layer(0, 'spec', values)], { controller: () => controller })
    const found = outcome(() => compileExpression(text, textPlace(text)).evaluate(scope))
    return typeof found === 'string' ? found.replaceAll(folder, 'F') : found
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-lookups-'))
    secrets = []
    write('files/a.txt', 'playbook a  \n\n')
    write('roles/r/files/a.txt', 'role a\n')
    write('roles/r/own.txt', 'own\n')
    write('templates/t.hbs', 'text')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('file looks in the role first, then in the playbook, and trims the end', () => {
    expect(read("file('a.txt')")).to.equal('playbook a')
    expect(read("file('a.txt', false)")).to.equal('playbook a  \n\n')
    expect(read("file('a.txt')", { role: true })).to.equal('role a')
    expect(read("file('own.txt')", { role: true })).to.equal('own')
    expect(read("lookup('file', 'a.txt', 'roles/r/own.txt')")).to.equal('playbook a,own')
    expect(read("query('ansible.builtin.file', 'a.txt')")).to.deep.equal(['playbook a'])
  })

  it('a file that is not there is an error while a task runs, and unknown before and in check mode', () => {
    const told = `expression 1:1 "file('no.txt')": file: there is no file "no.txt" | Looked for in F/files, F.`
    expect(read("file('no.txt')")).to.equal(told)
    expect(read("file('no.txt')", { ahead: true })).to.equal('unknown: the file "no.txt", not there yet')
    expect(read("file('no.txt')", { check: true })).to.equal('unknown: the file "no.txt", not there yet')
    expect(read("first_found('no.txt', 'nor.txt')", { ahead: true })).to.match(
      /^unknown: the first of "no.txt", "nor.txt"/,
    )
    expect(read("default(file('no.txt'), 'x')")).to.equal(told.replace('1:1', '1:9'))
  })

  it('pipe and lines run when a task does, in the folder of the playbook', () => {
    expect(read("pipe('touch ran; pwd')")).to.equal('F')
    expect(existsSync(join(folder, 'ran'))).to.equal(true)
    expect(read("lines('ls files templates')")).to.deep.equal(['files:', 'a.txt', '', 'templates:', 't.hbs'])
    expect(read("pipe('touch not; pwd')", { ahead: true })).to.equal(
      'unknown: the output of "touch not; pwd" on the controller',
    )
    expect(existsSync(join(folder, 'not'))).to.equal(false)
    expect(read("pipe('echo oops >&2; exit 4')")).to.equal(
      `expression 1:1 "pipe('echo oops >&2; exit 4')": pipe: "echo oops >&2; exit 4" ended with status 4 | oops`,
    )
  })

  it('password makes a file that only its owner may read, and keeps it', () => {
    const made = read("password('keys/db')") as string
    expect(made).to.match(/^[A-Za-z0-9.,:_-]{20}$/)
    expect(readFileSync(join(folder, 'keys/db'), 'utf8')).to.equal(`${made}\n`)
    expect(statSync(join(folder, 'keys/db')).mode & 0o777).to.equal(0o600)
    expect(statSync(join(folder, 'keys')).mode & 0o777).to.equal(0o700)
    expect(read("lookup('password', 'keys/db length=5')")).to.equal(made)
    expect(secrets).to.deep.equal([made, made])
  })

  it('password takes length, characters and a hash, by name or in its text', () => {
    expect(read("password('a', 8, 'digits')")).to.match(/^\d{8}$/)
    expect(read("password('b length=9 chars=ascii_lowercase,X')")).to.match(/^[a-zX]{9}$/)
    expect(read("password('c', with({'length': 4, 'chars': ['hexdigits', '!']}))")).to.match(/^[0-9a-fA-F!]{4}$/)
    const hash = read("password('d', with({'encrypt': 'sha512_crypt'}))") as string
    expect(hash).to.match(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/)
    expect(readFileSync(join(folder, 'd'), 'utf8')).to.match(/^\S{20} salt=[./0-9A-Za-z]{16}\n$/)
    expect(read("password('d encrypt=sha512_crypt')")).to.equal(hash)
    expect(read("password('e', with({'seed': 'web1'}))")).to.equal(read("password('f', with({'seed': 'web1'}))"))
    expect(read("password('/dev/null')")).to.not.equal(read("password('/dev/null')"))
  })

  it('password makes nothing before a run and in check mode', () => {
    for (const how of [{ ahead: true }, { check: true }]) {
      expect(read("password('keys/db')", how)).to.equal('unknown: the password to be made in F/keys/db')
      expect(existsSync(join(folder, 'keys'))).to.equal(false)
    }
    write('keys/db', 'kept\n')
    expect(read("password('keys/db')", { check: true })).to.equal('kept')
  })

  it('fileglob, first_found, template, vars and env', () => {
    write('files/b.txt', '')
    expect(read("fileglob('*.txt')")).to.deep.equal([`${folder}/files/a.txt`, `${folder}/files/b.txt`])
    expect(read("fileglob('*.nope')")).to.deep.equal([])
    expect(read("lookup('fileglob', '*.txt')")).to.equal('F/files/a.txt,F/files/b.txt')
    expect(read("first_found('no.txt', 'b.txt')")).to.equal('F/files/b.txt')
    expect(read("first_found('t.hbs')")).to.equal('F/templates/t.hbs')
    expect(read("first_found({'files': ['a.txt'], 'paths': ['no', 'roles/r/files']})")).to.equal(
      'F/roles/r/files/a.txt',
    )
    expect(read("first_found('no', with({'skip': true}))")).to.equal(null)
    expect(read("template('t.hbs')")).to.equal('TEXT')
    expect(read("vars('na' + 'me')")).to.equal('x')
    expect(read("lookup('vars', 'nam', with({'default': 5}))")).to.equal(5)
    process.env['TSPLAY_SPEC_NAME'] = 'set'
    expect(read("env('TSPLAY_SPEC_NAME')")).to.equal('set')
    expect(read("lookup('env', 'TSPLAY_SPEC_NAME', 'TSPLAY_NO_SUCH_NAME')")).to.equal('set,')
    delete process.env['TSPLAY_SPEC_NAME']
  })
})
