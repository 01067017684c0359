import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { Vault } from '../../engine/vault/vault.ts'

const texts: [title: string, bytes: Buffer][] = [
  ['text', Buffer.from('api_token: üñ→ 0123456789\n')],
  ['nothing but a line feed', Buffer.from('\n')],
  ['a whole block', Buffer.alloc(32, 'x')],
  ['bytes that are no text', Buffer.from([0, 255, 128, 10, 13, 0])],
  ['much', Buffer.alloc(300_000, 'line\n')],
]

describe('the vault and ansible-vault', function () {
  this.timeout(120_000)
  let cwd = ''

  before(function () {
    // In CI the referee must be there; elsewhere recorded.json stands for it.
    if (!process.env.CI && spawnSync('ansible-vault', ['--version']).error) this.skip()
    cwd = mkdtempSync(join(tmpdir(), 'tsplay-vault-spec-'))
    writeFileSync(join(cwd, 'pass'), 'pass wörd\n')
  })
  after(() => cwd && rmSync(cwd, { recursive: true }))

  const ansibleVault = (...words: string[]) =>
    execFileSync('ansible-vault', words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })

  for (const label of ['default', 'dev']) {
    const vault = new Vault([{ label, password: 'pass wörd' }])
    const id = ['--vault-id', label === 'default' ? 'pass' : `${label}@pass`]

    for (const [title, bytes] of texts) {
      it(`open what the other sealed, label ${label}: ${title}`, async () => {
        const file = join(cwd, 'file')
        writeFileSync(file, await vault.seal(bytes))
        ansibleVault('decrypt', ...id, 'file')
        expect(readFileSync(file).equals(bytes)).to.equal(true)
        ansibleVault('encrypt', ...id, 'file')
        const theirs = readFileSync(file, 'utf8')
        expect(vault.openBytes(theirs).equals(bytes)).to.equal(true)
        expect(theirs.split('\n')[0]).to.equal((await vault.seal('x')).split('\n')[0])
      })
    }
  }

  it('open a value of ansible-vault encrypt_string', () => {
    const said = ansibleVault('encrypt_string', '--vault-id', 'pass', 's3cret', '--name', 'word').toString()
    const vault = new Vault([{ label: 'default', password: 'pass wörd' }])
    const read = parse(said, { customTags: [{ tag: '!vault', resolve: (text: string) => vault.open(text) }] })
    expect(read).to.deep.equal({ word: 's3cret' })
  })
})
