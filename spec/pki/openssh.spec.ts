import { execFileSync, spawnSync } from 'node:child_process'
import { expect } from 'chai'
import {
  formatOfSshKey,
  generateSshKey,
  inspectSshKey,
  inspectSshPublic,
  type SshKeyRequest,
} from '../../engine/pki/openssh.ts'
import { complaint, complaintOf } from './complaint.ts'
import { Workbench } from './referee.ts'

describe('pki: SSH keys', function () {
  this.timeout(60_000)
  const bench = new Workbench()
  after(() => bench.clean())
  const keygen = (...words: string[]): string =>
    execFileSync('ssh-keygen', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()

  const requests: SshKeyRequest[] = [
    { type: 'ed25519', comment: 'tsplay on master 1' },
    { type: 'rsa' },
    { type: 'rsa', bits: 2048, comment: 'x' },
    { type: 'ecdsa' },
    { type: 'ecdsa', bits: 384 },
    { type: 'ecdsa', bits: 521, comment: 'x' },
    { type: 'ed25519', passphrase: 'ge heim', comment: 'x' },
  ]
  for (const request of requests) {
    it(`ssh-keygen reads ${JSON.stringify(request)}`, async () => {
      const made = await generateSshKey(request)
      expect(made.privateKey).to.match(
        /^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]*-----END OPENSSH PRIVATE KEY-----\n$/,
      )
      const file = bench.write(made.privateKey)
      expect(keygen('-y', '-P', request.passphrase ?? '', '-f', file)).to.equal(made.publicLine)
      const [bits, fingerprint] = keygen('-l', '-f', bench.write(`${made.publicLine}\n`)).split(' ')
      expect([String(made.bits), made.fingerprint]).to.deep.equal([bits, fingerprint])
      expect(made.comment).to.equal(request.comment ?? '')
      const { privateKey, ...facts } = made
      expect(
        await inspectSshKey(privateKey, request.passphrase ? { passphrase: request.passphrase } : {}),
      ).to.deep.equal(facts)
    })
  }

  for (const [format, type, label, passphrase] of [
    ['pkcs1', 'rsa', 'RSA PRIVATE KEY', undefined],
    ['pkcs1', 'rsa', 'RSA PRIVATE KEY', 'ge heim'],
    ['pkcs1', 'ecdsa', 'EC PRIVATE KEY', undefined],
    ['pkcs1', 'ecdsa', 'EC PRIVATE KEY', 'ge heim'],
    ['pkcs8', 'rsa', 'PRIVATE KEY', undefined],
    ['pkcs8', 'rsa', 'ENCRYPTED PRIVATE KEY', 'ge heim'],
    ['pkcs8', 'ecdsa', 'PRIVATE KEY', undefined],
    ['pkcs8', 'ed25519', 'PRIVATE KEY', undefined],
    ['pkcs8', 'ed25519', 'ENCRYPTED PRIVATE KEY', 'ge heim'],
  ] as const) {
    const sealed = passphrase === undefined ? {} : { passphrase }
    it(`${type} in ${format}${passphrase ? ', with a passphrase,' : ''} is read by others, and by us`, async () => {
      const made = await generateSshKey({ type, format, comment: 'a b', ...sealed })
      expect(made.privateKey).to.match(new RegExp(`^-----BEGIN ${label}-----\n`))
      expect(formatOfSshKey(made.privateKey)).to.equal(format)
      const { privateKey, ...facts } = made
      const bare = { ...facts, comment: '', publicLine: facts.publicLine.replace(/ a b$/, '') }
      expect(await inspectSshKey(privateKey, sealed)).to.deep.equal(bare)
      const file = bench.write(privateKey)
      // OpenSSH of Debian 12 reads no Ed25519 in PKCS#8; OpenSSL does.
      if (type === 'ed25519') execFileSync('openssl', ['pkey', '-noout', '-passin', `pass:${passphrase}`, '-in', file])
      else expect(keygen('-y', '-P', passphrase ?? '', '-f', file)).to.equal(bare.publicLine)
    })
  }

  it('no ed25519 in pkcs1', async () => {
    const said = await complaintOf(generateSshKey({ type: 'ed25519', format: 'pkcs1' }))
    expect(said).to.contain('An SSH key of the type ed25519 cannot be in the format pkcs1')
  })

  it('hundreds of keys are read', async () => {
    for (let round = 0; round < 300; round++) {
      const made = await generateSshKey({ type: round % 3 === 0 ? 'ecdsa' : 'ed25519' })
      const read = spawnSync('ssh-keygen', ['-y', '-P', '', '-f', bench.write(made.privateKey, 'many')], {
        encoding: 'utf8',
      })
      expect(read.stderr + read.stdout.trim(), `round ${round}`).to.equal(made.publicLine)
    }
  })

  it('Ed25519 keys keep all 32 bytes of their public half, which ssh2 alone cuts once in 256', async () => {
    for (let round = 0; round < 2000; round++) {
      const { publicLine } = await generateSshKey({ type: 'ed25519' })
      expect(Buffer.from(publicLine.split(' ')[1]!, 'base64')).to.have.length(4 + 11 + 4 + 32)
    }
  })

  it('keys that others made are read: OpenSSH, PKCS#1, SEC1, PKCS#8', async () => {
    for (const [type, bits, form] of [
      ['ed25519', 256, ''],
      ['rsa', 2048, 'PEM'],
      ['rsa', 2048, 'PKCS8'],
      ['ecdsa', 384, 'PEM'],
      ['ecdsa', 256, 'PKCS8'],
      ['rsa', 3072, ''],
    ] as const) {
      const file = `${bench.folder}/${type}-${bits}-${form}`
      keygen('-q', '-t', type, '-b', String(bits), '-N', '', '-C', 'c', '-f', file, ...(form ? ['-m', form] : []))
      const facts = await inspectSshKey(execFileSync('cat', [file], { encoding: 'utf8' }))
      expect(facts).to.deep.include({ type, bits })
      expect(keygen('-l', '-f', file)).to.contain(facts.fingerprint)
    }
  })

  it('what does not do is refused, without showing the key', async () => {
    expect(await complaintOf(generateSshKey({ type: 'rsa', bits: 1024 }))).to.equal(
      'An SSH key of the type rsa cannot have 1024 bits | Sizes for rsa are: 2048 to 16384.',
    )
    expect(await complaintOf(generateSshKey({ type: 'ecdsa', bits: 300 }))).to.match(/256, 384 or 521/)
    expect(await complaintOf(generateSshKey({ type: 'ed25519', bits: 512 }))).to.match(/256, or leave it out/)
    expect(await complaintOf(generateSshKey({ type: 'dsa' as 'rsa' }))).to.match(/no SSH key type "dsa"/)
    expect(await complaintOf(generateSshKey({ type: 'ed25519', comment: 'a\nb' }))).to.match(/line break/)
    const sealed = await generateSshKey({ type: 'ed25519', passphrase: 'geheim' })
    expect(await complaintOf(inspectSshKey(sealed.privateKey, { what: 'the key /root/.ssh/id' }))).to.match(
      /^The key \/root\/\.ssh\/id cannot be read \| It is encrypted/,
    )
    expect(await complaintOf(inspectSshKey(sealed.privateKey, { passphrase: 'wrong' }))).to.match(/It is encrypted/)
    const open = await generateSshKey({ type: 'ed25519' })
    const half = await complaintOf(inspectSshKey(open.privateKey.slice(0, 200)))
    expect(half).to.match(/is the file whole\?/)
    expect(half).not.to.contain(open.privateKey.split('\n')[2])
    expect(complaint(() => inspectSshPublic('ssh-ed25519 AAAA x'))).to.match(/is not a public key that SSH knows/)
    expect(complaint(() => inspectSshPublic('nothing'))).to.match(/is not a public key that SSH knows/)
  })
})
