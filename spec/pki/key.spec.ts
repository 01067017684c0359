import { createPublicKey } from 'node:crypto'
import { inspect as show } from 'node:util'
import { expect } from 'chai'
import { Problem } from '../../engine/base/problem.ts'
import { issue } from '../../engine/pki/certificate.ts'
import { fits, generateKey, keyPem, kindOfKey, loadKey, publicPem } from '../../engine/pki/key.ts'
import { parseSigningConfig, profileNamed } from '../../engine/pki/profiles.ts'
import { type KeyRequest, parseRequest } from '../../engine/pki/request.ts'
import { complaint } from './complaint.ts'
import { Workbench } from './referee.ts'

const kinds: [KeyRequest, string][] = [
  [{ algo: 'rsa', size: 2048 }, 'RSA PRIVATE KEY'],
  [{ algo: 'ecdsa', size: 256 }, 'EC PRIVATE KEY'],
  [{ algo: 'ecdsa', size: 384 }, 'EC PRIVATE KEY'],
  [{ algo: 'ecdsa', size: 521 }, 'EC PRIVATE KEY'],
  [{ algo: 'ed25519', size: 256 }, 'PRIVATE KEY'],
]

describe('pki: private keys', () => {
  const bench = new Workbench()
  after(() => bench.clean())

  for (const [request, label] of kinds) {
    it(`${request.algo} ${request.size} is written as "${label}", and read back from every form openssl writes`, async () => {
      const key = await generateKey(request)
      const text = keyPem(key)
      expect(text).to.match(new RegExp(`^-----BEGIN ${label}-----\n[^]+\n-----END ${label}-----\n$`))
      expect(kindOfKey(loadKey(text))).to.deep.equal(request)
      const file = bench.write(text)
      expect(bench.openssl('pkey', '-in', file, '-pubout')).to.equal(publicPem(key))
      const forms = [bench.openssl('pkey', '-in', file)]
      if (request.algo !== 'ed25519') forms.push(bench.openssl('pkey', '-in', file, '-traditional'))
      for (const form of forms) {
        expect(createPublicKey(loadKey(form)).equals(createPublicKey(key))).to.equal(true)
      }
      const sealed = bench.openssl('pkcs8', '-topk8', '-in', file, '-passout', 'pass:geheim')
      expect(kindOfKey(loadKey(sealed, 'it', 'geheim'))).to.deep.equal(request)
      expect(complaint(() => loadKey(sealed, 'the key of x'))).to.match(
        /^The key of x is encrypted \| Give its passphrase/,
      )
      expect(complaint(() => loadKey(sealed, 'the key of x', 'wrong'))).to.match(
        /cannot be read \| Is the passphrase right\?/,
      )
    })
  }

  it('reads the label that cfssl gives Ed25519 keys', async () => {
    const text = keyPem(await generateKey({ algo: 'ed25519', size: 256 }))
    expect(kindOfKey(loadKey(text.replaceAll('PRIVATE KEY', 'Ed25519 PRIVATE KEY'))).algo).to.equal('ed25519')
  })

  it('does not hold the process up while it makes one', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    await generateKey({ algo: 'rsa', size: 4096 })
    clearInterval(timer)
    expect(ticks).to.be.greaterThan(2)
  }).timeout(60_000)

  it('fits its own certificate only', async () => {
    const one = await issue({ request: parseRequest({ CN: 'a', key: { algo: 'ed25519' } }) })
    const other = await issue({ request: parseRequest({ CN: 'a', key: { algo: 'ed25519' } }) })
    expect(fits(one.keyPem, one.certPem)).to.equal(true)
    expect(fits(other.keyPem, one.certPem)).to.equal(false)
  })

  it('says what was given instead of a key', async () => {
    const { certPem, keyPem: text } = await issue({ request: parseRequest({ CN: 'a' }) })
    expect(complaint(() => loadKey(certPem))).to.match(/This is a certificate/)
    expect(complaint(() => loadKey(publicPem(loadKey(text))))).to.match(/This is a public key/)
    expect(complaint(() => loadKey('-----BEGIN OPENSSH PRIVATE KEY-----\nx\n'))).to.match(/This is a key for SSH/)
    expect(complaint(() => loadKey(text.slice(0, 90)))).to.match(/Is the file whole\?/)
    expect(complaint(() => loadKey(''))).to.match(/cannot be read/)
  })
})

describe('pki: no error shows a private key', () => {
  it('whatever goes wrong', async () => {
    const request = parseRequest({ CN: 'a', key: { algo: 'ecdsa', size: 256 } })
    const ca = await issue({ request })
    const other = await issue({ request })
    const leaf = await issue({ request, ca })
    const whitelist = profileNamed(
      parseSigningConfig({ signing: { default: { expiry: '1h', usages: ['signing'], name_whitelist: '^b$' } } }),
    )
    const broken = ca.keyPem.replace(/\n(.{20})/, '\n!!!$1')
    const attempts: (() => Promise<unknown>)[] = [
      () => issue({ request, ca: { certPem: ca.certPem, keyPem: other.keyPem } }),
      () => issue({ request, ca: { certPem: ca.certPem, keyPem: broken } }),
      () => issue({ request, ca: { certPem: ca.keyPem, keyPem: ca.certPem } }),
      () => issue({ request, ca: leaf }),
      () => issue({ request, ca, keyPem: broken }),
      () => issue({ request, ca, keyPem: ca.keyPem.slice(0, 120) }),
      () => issue({ request, ca, profile: whitelist }),
      () => issue({ request, ca, now: new Date('2200-01-01') }),
      () => issue({ request: parseRequest({ CN: 'a', ca: {} }), ca }),
    ]
    const bodies = [ca.keyPem, other.keyPem].flatMap((text) =>
      text.split('\n').filter((line) => line !== '' && !line.startsWith('--')),
    )
    for (const attempt of attempts) {
      const thrown = await attempt().then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(thrown, attempt.toString()).to.be.instanceOf(Problem)
      expect((thrown as Problem).hint).to.be.a('string')
      const everything = show(thrown, { depth: 10, showHidden: true })
      for (const body of bodies) expect(everything).not.to.contain(body.slice(0, 24))
    }
  })
})
