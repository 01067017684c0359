import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { encrypt } from '../../engine/vault/aes256.ts'
import { readSealedText, writeSealedText } from '../../engine/vault/sealed-text.ts'
import { Vault } from '../../engine/vault/vault.ts'

/** Made by ansible-vault (core 2.14), with what went into it. */
interface Recorded {
  readonly files: readonly { title: string; password: string; label?: string; plain: string; sealed: string }[]
  readonly string: { password: string; name: string; plain: string; yaml: string }
}

const recorded = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as Recorded

describe('sealed texts', () => {
  for (const { title, password, label, plain, sealed } of recorded.files) {
    it(`of ansible-vault are opened: ${title}`, async () => {
      const one = { label: label ?? 'default', password }
      expect(new Vault([one]).openBytes(sealed).toString('base64')).to.equal(plain)
      const ahead = new Vault([{ label: 'wrong', password: 'wrong' }, one])
      await ahead.openAhead([sealed, sealed])
      expect(ahead.isOpen(sealed)).to.equal(true)
      expect(ahead.openBytes(sealed).toString('base64')).to.equal(plain)
    })

    it(`are written byte for byte as ansible-vault's, given its salt: ${title}`, async () => {
      const { salt } = readSealedText(sealed)
      expect(writeSealedText(await encrypt(Buffer.from(plain, 'base64'), password, label, salt))).to.equal(sealed)
    })
  }

  it('have a salt of their own each time', async () => {
    const vault = new Vault([{ label: 'default', password: 'geheim' }])
    const [one, two] = [await vault.seal('same'), await vault.seal('same')]
    expect(one).to.not.equal(two)
    expect([vault.open(one), vault.open(two)]).to.deep.equal(['same', 'same'])
  })

  it('may be indented, and have the line ends of Windows', () => {
    const { sealed, password, plain } = recorded.files[0]!
    const vault = new Vault([{ label: 'default', password }])
    const moved = sealed.replaceAll('\n', '\r\n    ')
    expect(vault.openBytes(moved).toString('base64')).to.equal(plain)
  })

  const { sealed, password } = recorded.files[0]!
  const lines = sealed.split('\n')
  const changed = (line: number, from: RegExp, to: string) =>
    lines.map((text, index) => (index === line ? text.replace(from, to) : text)).join('\n')
  const wrong: [title: string, text: string, says: RegExp][] = [
    ['another password', sealed, /^the vault password "default" does not open this sealed text$/],
    ['no header', 'geheim', /damaged: it does not begin with \$ANSIBLE_VAULT/],
    ['an old version', changed(0, /1\.1/, '1.0'), /of version "1\.0" cannot be read: 1\.1 and 1\.2 are known/],
    ['another cipher', changed(0, /AES256/, 'ROT13'), /the cipher "ROT13" cannot be read: only AES256/],
    ['a header alone', lines[0]!, /damaged: its body was cut off/],
    ['a strange character', changed(2, /^../, 'zz'), /damaged: its body has a "z", which is no hexadecimal digit/],
    ['an odd number of digits', `${sealed.trim().slice(0, -1)}`, /damaged: its body was cut off/],
    ['a line lost in the middle', [...lines.slice(0, 3), ...lines.slice(4)].join('\n'), /damaged|does not open/],
    ['the last line lost', lines.slice(0, -2).join('\n'), /damaged: its content was cut off/],
    ['a digit changed', changed(4, /.$/, lines[4]!.endsWith('1') ? '2' : '1'), /damaged|does not open/],
  ]
  for (const [title, text, says] of wrong) {
    it(`say what is wrong with them: ${title}`, async () => {
      const vault = new Vault([{ label: 'default', password: title === 'another password' ? 'wrong' : password }])
      const told = () => {
        try {
          return `opened: ${vault.open(text)}`
        } catch (thrown) {
          if (!(thrown instanceof Problem)) throw thrown
          expect(thrown.code).to.equal('vault')
          expect(thrown.hint).to.be.a('string')
          return thrown.message
        }
      }
      const first = told()
      expect(first).to.match(says)
      expect(first).to.not.contain(password)
      await vault.openAhead([text])
      expect(told()).to.equal(first)
    })
  }

  it('without any password ask for one', () => {
    expect(() => new Vault().open(recorded.files[1]!.sealed)).to.throw(
      'this is sealed, and no vault password was given (its label is "dev")',
    )
  })

  it('are tried with the password of their label first, then with all others', () => {
    const labelled = recorded.files[1]!
    const others = ['a', 'b'].map((label) => ({ label, password: label }))
    const vault = new Vault([...others, { label: 'c', password: labelled.password }])
    expect(vault.openBytes(labelled.sealed).toString('base64')).to.equal(labelled.plain)
    expect(() => new Vault(others).open(labelled.sealed)).to.throw(
      'none of the vault passwords (a, b) opens this sealed text (its label is "dev")',
    )
  })
})
