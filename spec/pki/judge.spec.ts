import { expect } from 'chai'
import { type Authority, issue } from '../../engine/pki/certificate.ts'
import { inspect } from '../../engine/pki/inspect.ts'
import { reasonsToReissue } from '../../engine/pki/judge.ts'
import { parseSigningConfig, profileNamed } from '../../engine/pki/profiles.ts'
import { parseRequest } from '../../engine/pki/request.ts'
import { signing } from './article.ts'
import { Workbench } from './referee.ts'

const day = 86_400_000
const key = { algo: 'ecdsa', size: 256 }
const asked = { CN: 'kube-etcd', key, hosts: ['localhost', '127.0.0.1'], names: [{ O: 'etcd' }] }
const config = parseSigningConfig(signing)
const server = profileNamed(config, 'server')

describe('pki: whether a certificate must be issued again', () => {
  let ca: Authority
  let leaf: Authority
  before(async () => {
    ca = await issue({ request: parseRequest({ CN: 'etcd', key, ca: { expiry: '175200h' } }) })
    leaf = await issue({ request: parseRequest(asked), ca, profile: server })
  })
  const judge = (other: Partial<Parameters<typeof reasonsToReissue>[0]> = {}): string[] =>
    reasonsToReissue({
      ...leaf,
      request: parseRequest(asked),
      profile: server,
      caCertPem: ca.certPem,
      renewBefore: 30 * day,
      ...other,
    })
  const requested = (other: object) => judge({ request: parseRequest({ ...asked, ...other }) })

  it('keeps a good one, whatever the order of hosts and usages, and however addresses are written', () => {
    expect(judge()).to.deep.equal([])
    expect(requested({ hosts: ['127.0.0.1', 'localhost', 'localhost'] })).to.deep.equal([])
    expect(judge({ profile: { ...server, usages: [...server.usages].reverse() } })).to.deep.equal([])
    expect(judge({ keyPem: leaf.keyPem.replaceAll('\n', '\r\n') })).to.deep.equal([])
  })

  it('says when it is missing, in part or whole', () => {
    expect(judge({ certPem: null })).to.deep.equal(['the certificate is missing'])
    expect(judge({ keyPem: null })).to.deep.equal(['the private key is missing'])
  })

  it('does not judge a key that is out of sight', () => {
    const { keyPem: _, ...certificate } = leaf
    expect(
      reasonsToReissue({ ...certificate, request: parseRequest(asked), profile: server, renewBefore: 0 }),
    ).to.deep.equal([])
  })

  it('says when it is unreadable', () => {
    expect(judge({ certPem: leaf.certPem.slice(0, 200) })).to.deep.equal(['the certificate is unreadable'])
    expect(judge({ certPem: '' })).to.deep.equal(['the certificate is unreadable'])
    expect(judge({ keyPem: 'nonsense' })).to.deep.equal(['the private key is unreadable'])
  })

  it('says how soon it ends', () => {
    const end = inspect(leaf.certPem).notAfter.getTime()
    expect(judge({ now: new Date(end - 12.5 * day) })).to.deep.equal([
      'it expires in 12 days, which is within renew_before (30 days)',
    ])
    expect(judge({ now: new Date(end - 31 * day) })).to.deep.equal([])
    expect(judge({ now: new Date(end + 3_600_000) })).to.deep.equal(['it expired 1 hour ago'])
    expect(judge({ now: new Date(end - 1000), renewBefore: 0 })).to.deep.equal([])
  })

  it('says which names came and went', () => {
    expect(requested({ hosts: ['localhost', '10.0.0.1', 'a@b'] })).to.deep.equal([
      'the SANs differ: added email:a@b, IP:10.0.0.1; gone IP:127.0.0.1',
    ])
  })

  it('says how the subject differs', () => {
    expect(requested({ names: [{ O: 'etc' }] })).to.deep.equal([
      'the subject differs: it is O=etcd, CN=kube-etcd, asked for is O=etc, CN=kube-etcd',
    ])
  })

  it('says which usages came and went', () => {
    expect(judge({ profile: profileNamed(config, 'peer') })).to.deep.equal(['the usages differ: added client auth'])
  })

  it('says when the key is of another kind', () => {
    expect(requested({ key: { algo: 'rsa', size: 2048 } })).to.deep.equal([
      'the key type differs: it is ecdsa 256, asked for is rsa 2048',
    ])
    expect(requested({ key: { algo: 'ecdsa', size: 384 } })).to.deep.equal([
      'the key type differs: it is ecdsa 256, asked for is ecdsa 384',
    ])
  })

  it('says when another authority signed it, also one of the same name', async () => {
    const other = await issue({ request: parseRequest({ CN: 'kubernetes', key }) })
    expect(judge({ caCertPem: other.certPem })).to.deep.equal([
      'it is not signed by the given authority: CN=etcd signed it, not CN=kubernetes',
    ])
    const namesake = await issue({ request: parseRequest({ CN: 'etcd', key }) })
    expect(judge({ caCertPem: namesake.certPem })).to.deep.equal([
      'it is not signed by the given authority: another key named CN=etcd signed it',
    ])
  })

  it('keeps it when its authority was renewed with the same key', async () => {
    const renewed = await issue({ request: parseRequest({ CN: 'etcd', key }), keyPem: ca.keyPem })
    expect(renewed.keyPem).to.equal(ca.keyPem)
    expect(judge({ caCertPem: renewed.certPem })).to.deep.equal([])
  })

  it('says when the key does not fit', async () => {
    const other = await issue({ request: parseRequest(asked), ca, profile: server })
    expect(judge({ keyPem: other.keyPem })).to.deep.equal(['the private key does not fit the certificate'])
  })

  it('says when it is no authority, or one of another kind', async () => {
    const reasons = (request: object, certPem: string) =>
      reasonsToReissue({ certPem, request: parseRequest(request), renewBefore: 0 })
    expect(reasons({ CN: 'etcd', key }, ca.certPem)).to.deep.equal([])
    expect(reasons({ CN: 'etcd', key, ca: { pathlen: 1 } }, ca.certPem)).to.deep.equal([
      'it is an authority, asked for is an authority with path length 1',
    ])
    expect(reasons({ ...asked }, leaf.certPem)).to.include('it is no authority, asked for is an authority')
  })

  it('says everything at once', () => {
    expect(requested({ CN: 'x', hosts: [], key: { algo: 'ed25519' } })).to.have.length(3)
  })
})

describe('pki: what a certificate says', () => {
  const bench = new Workbench()
  after(() => bench.clean())

  for (const kind of [{ algo: 'ed25519' }, { algo: 'ecdsa', size: 521 }, { algo: 'rsa', size: 2048 }]) {
    it(`is read as openssl reads it: ${kind.algo}`, async () => {
      const ca = await issue({ request: parseRequest({ CN: 'root', key: kind, ca: { pathlen: 200 } }) })
      const hosts = ['b.example', '10.0.0.1', '2001:db8::7', 'a@b.c', 'spiffe://cluster/ns/x']
      const { certPem } = await issue({
        request: parseRequest({ CN: 'Ünï, "q"', key: kind, hosts, names: [{ O: 'a+b', E: 'x@y.z' }] }),
        ca,
        profile: server,
      })
      const facts = inspect(certPem)
      const show = (...words: string[]) => bench.openssl('x509', '-in', bench.write(certPem), '-noout', ...words).trim()
      expect(facts.subjectText).to.equal('O=a\\+b, CN=Ünï\\, \\"q\\", E=x@y.z')
      expect(facts.issuerText).to.equal('CN=root')
      expect(facts.sans).to.deep.equal([
        'DNS:b.example',
        'email:a@b.c',
        'IP:10.0.0.1',
        'IP:2001:db8::7',
        'URI:spiffe://cluster/ns/x',
      ])
      expect(facts.usages).to.deep.equal(['digital signature', 'key encipherment', 'server auth'])
      expect([facts.keyType, facts.keySize]).to.deep.equal([kind.algo, kind.size ?? 256])
      expect(show('-serial')).to.equal(`serial=${facts.serial}`)
      expect(show('-fingerprint', '-sha256')).to.equal(`sha256 Fingerprint=${facts.fingerprint}`)
      expect(show('-ext', 'subjectKeyIdentifier')).to.contain(facts.subjectKeyId)
      expect(show('-ext', 'authorityKeyIdentifier')).to.contain(facts.authorityKeyId)
      expect(facts.authorityKeyId).to.equal(inspect(ca.certPem).subjectKeyId)
      expect(inspect(ca.certPem)).to.deep.include({ isCa: true, pathlen: 200 })
      expect(facts.isCa).to.equal(false)
      expect(bench.verify(certPem, ca.certPem)).to.equal('OK')
    })
  }

  it('is read of certificates that others made, of version 1 and with strange parts too', () => {
    const keyFile = bench.write('', 'odd.key')
    const out = bench.write('', 'odd.crt')
    bench.openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      keyFile,
      '-out',
      out,
      '-days',
      '2',
      '-subj',
      '/DC=org/CN=odd',
      '-addext',
      'subjectAltName=otherName:1.2.3.4;UTF8:x,DNS:d,RID:1.2.3',
      '-addext',
      'extendedKeyUsage=1.3.6.1.4.1.311.20.2.2,clientAuth',
    )
    const facts = inspect(bench.openssl('x509', '-in', out))
    expect(facts.subjectText).to.equal('0.9.2342.19200300.100.1.25=org, CN=odd')
    expect(facts.sans).to.deep.equal(['other', 'DNS:d', 'other'])
    expect(facts.usages).to.deep.equal(['1.3.6.1.4.1.311.20.2.2', 'client auth'])
    const csr = bench.write('', 'v1.csr')
    bench.openssl('req', '-new', '-key', keyFile, '-out', csr, '-subj', '/CN=old')
    const old = bench.openssl('x509', '-req', '-in', csr, '-signkey', keyFile, '-days', '1')
    expect(inspect(old)).to.deep.include({
      subjectText: 'CN=old',
      sans: [],
      usages: [],
      isCa: false,
      subjectKeyId: undefined,
    })
  })
})
