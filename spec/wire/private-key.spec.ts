import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type LoadedKey, loadKey } from '../../engine/wire/private-key.ts'

describe('a private key with a passphrase', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-keys-'))
  after(() => rmSync(folder, { recursive: true }))
  const made = (name: string, words: readonly string[]) => {
    const file = join(folder, name)
    execFileSync('ssh-keygen', ['-q', '-N', 'open sesame', '-f', file, ...words])
    return file
  }
  const publicPart = (loaded: LoadedKey) =>
    'key' in loaded ? loaded.key.getPublicSSH().toString('base64') : JSON.stringify(loaded)

  const kinds: Readonly<Record<string, readonly string[]>> = {
    ed25519: ['-t', 'ed25519'],
    RSA: ['-t', 'rsa', '-b', '2048'],
    'ECDSA, 256 bits': ['-t', 'ecdsa', '-b', '256'],
    'ECDSA, 521 bits': ['-t', 'ecdsa', '-b', '521'],
    'RSA in PEM': ['-t', 'rsa', '-b', '2048', '-m', 'PEM'],
    'RSA in PKCS#8': ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
  }
  for (const [kind, words] of Object.entries(kinds))
    it(`is opened: ${kind}`, async () => {
      const file = made(kind.replaceAll(/\W/g, '-'), words)
      const loaded = await loadKey(file, async () => 'open sesame')
      expect(publicPart(loaded)).to.equal(readFileSync(`${file}.pub`, 'utf8').split(' ')[1])
      if ('key' in loaded) expect(loaded.key.verify(Buffer.from('a'), loaded.key.sign(Buffer.from('a')))).to.equal(true)
    })

  it('is opened while hosts go on', async () => {
    const file = made('slow', ['-t', 'ed25519', '-a', '200'])
    let turns = 0
    const count = setInterval(() => turns++, 1)
    const loaded = await loadKey(file, async () => 'open sesame')
    clearInterval(count)
    expect(loaded).to.have.property('key')
    // Opened in this thread it would have been a turn or two.
    expect(turns).to.be.above(20)
  })

  it('says that a passphrase is wrong, and not which', async () => {
    const file = made('wrong', ['-t', 'ed25519'])
    const loaded = await loadKey(file, async () => 'open barley')
    expect(loaded).to.deep.equal({ unusable: 'the passphrase does not open it' })
  })
})
