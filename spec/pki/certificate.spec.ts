import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { issue } from '../../engine/pki/certificate.ts'
import { content, decode, encode, parts } from '../../engine/pki/der.ts'
import { parseSigningConfig, profileNamed } from '../../engine/pki/profiles.ts'
import { parseRequest } from '../../engine/pki/request.ts'
import { extendedUsages, keyUsages } from '../../engine/pki/usage.ts'
import { authorities, leaves, signing } from './article.ts'
import { complaintOf } from './complaint.ts'
import { needCfssl, type Pair, Workbench } from './referee.ts'

const ecdsa = { algo: 'ecdsa', size: 256 }

/** The fields of the signed part in hexadecimal; of serial number and times only what type they are. */
function signedParts(certPem: string): string[] {
  const fields = parts(parts(decode(new X509Certificate(certPem).raw))[0])
  return fields.map((field, index) => {
    if (index === 1) return `serial ${field.type}`
    if (index === 4)
      return parts(field)
        .map((moment) => `time ${moment.type} ${content(moment).length}`)
        .join()
    return encode(field).toString('hex')
  })
}

describe('pki: a certificate has the facts that cfssl gives it', function () {
  this.timeout(120_000)
  const bench = new Workbench()
  const made = new Map<string, Pair>()
  let small: Pair

  before(async function () {
    needCfssl(this)
    for (const [name, request] of Object.entries(authorities)) made.set(name, bench.cfssl(request))
    small = await issue({ request: parseRequest({ CN: 'small', key: ecdsa }) })
  })
  after(() => bench.clean())

  const ours = async (
    request: object,
    by?: { ca: Pair; config?: object; profile?: string },
    keyPem?: string,
  ): Promise<Pair> =>
    issue({
      ...(keyPem ? { keyPem } : {}),
      request: parseRequest(request),
      ...(by ? { ca: by.ca } : {}),
      ...(by?.config ? { profile: profileNamed(parseSigningConfig(by.config), by.profile) } : {}),
    })

  const same = async (request: object, by?: { ca: Pair; config?: object; profile?: string }) => {
    const [mine, theirs] = [await ours(request, by), bench.cfssl(request, by)]
    expect(bench.facts(mine.certPem)).to.equal(bench.facts(theirs.certPem))
    // With one key for both, all that is signed is the same to the byte, but for serial number and times.
    const twin = await ours(request, by, theirs.keyPem)
    expect(signedParts(twin.certPem)).to.deep.equal(signedParts(theirs.certPem))
    expect(bench.lifetime(mine.certPem)).to.equal(bench.lifetime(theirs.certPem))
    expect(mine.keyPem.split('\n')[0]).to.equal(theirs.keyPem.split('\n')[0])
    return { mine: mine.certPem, theirs }
  }

  for (const [name, request] of Object.entries(authorities)) {
    it(`the article's authority ${name}`, async () => {
      const { mine } = await same(request)
      expect(bench.verify(mine, mine)).to.equal('OK')
    })
  }

  for (const [name, { ca, profile, request }] of Object.entries(leaves)) {
    it(`the article's ${name}, by profile ${profile}`, async () => {
      const by = { ca: made.get(ca)!, config: signing, profile }
      expect(bench.verify((await same(request, by)).mine, by.ca.certPem)).to.equal('OK')
    })
  }

  for (const [algo, size] of [
    ['rsa', 2048],
    ['rsa', 3072],
    ['rsa', 4096],
    ['ecdsa', 256],
    ['ecdsa', 384],
    ['ecdsa', 521],
  ] as const) {
    it(`an authority with a key of ${algo} ${size}, and what it signs: digest by the authority's key`, async () => {
      const key = { algo, size }
      const { theirs } = await same({ CN: 'root', key })
      await same({ CN: 'leaf', key: ecdsa, hosts: ['leaf'] }, { ca: theirs })
    })
  }

  const hostLists: Record<string, string[]> = {
    names: ['localhost', 'a.example', '*.example', 'a.example'],
    'IPv4 addresses': ['127.0.0.1', '255.255.255.255'],
    'IPv6 addresses': ['::1', 'fe80::1:2', '2001:db8:0:0:1::', '::ffff:10.0.0.1', '1:2:3:4:5:6:7.8.9.10'],
    'what only looks like an address': [
      '010.0.0.1',
      '1.2.3',
      'fe80::1%eth0',
      '1.2.3.4.5',
      'host:80',
      '10.0.0.0/8',
      '::1::',
    ],
    'e-mail addresses': [
      'a@b',
      'first.last+tag@example.com',
      'Bob <bob@example.com>',
      '"quoted name"@example.com',
      '"a\\\\"b"@c',
      'Bob Dot. <b@c>',
    ],
    'what only looks like e-mail': ['a@', '@b', 'a b@c', 'a..b@c', 'x@y@z', 'a@b.', 'bob@example.com>'],
    'all at once, sorted by kind': ['x@y', 'b.example', '10.1.1.1', 'a.example', '::2', 'u@v'],
  }
  for (const [what, hosts] of Object.entries(hostLists)) {
    it(`alternative names: ${what}`, async () => {
      for (const host of hosts) await same({ CN: 'one', key: ecdsa, hosts: [host] }, { ca: small })
      await same({ CN: 'all', key: ecdsa, hosts }, { ca: small })
    })
  }

  it('alternative names: an authority keeps addresses only', () =>
    same({ CN: 'ca', key: ecdsa, hosts: ['a', 'b@c', '10.0.0.1'] }))

  it('alternative names: critical when there is no subject', async () => {
    const { mine } = await same({ key: ecdsa, hosts: ['a', '10.0.0.1'] }, { ca: small })
    expect(bench.facts(mine)).to.match(/Alternative Name: critical/)
  })

  const subjects: Record<string, object> = {
    'UTF-8': { CN: '证书', names: [{ C: 'CN', ST: '北京市', L: 'Zürich', O: 'Ærø & Söhne', OU: '🔑' }] },
    'every printable sign': {
      CN: "az AZ 09 ' ( ) + , - . / : = ?",
      names: [{ O: 'a*b' }, { O: 'a&b' }, { O: 'a@b' }, { O: 'a_b' }],
    },
    'several names': {
      CN: 'x',
      names: [
        { C: 'DE', O: 'zz', OU: 'u1' },
        { C: 'AT', O: 'a', OU: 'u2' },
        { O: 'mm', L: 'Graz' },
      ],
    },
    'a serial number': { CN: 'x', serialnumber: '4711', names: [{ O: 'o', SerialNumber: 'left out by cfssl' }] },
    'fields in another case': { cn: 'lower', NAMES: [{ o: 'org', c: 'FR' }] },
    'no CN': { names: [{ O: 'org' }] },
    'the subject of its authority': { CN: 'small' },
  }
  for (const [what, subject] of Object.entries(subjects)) {
    it(`a subject with ${what}`, () => same({ ...subject, key: ecdsa, hosts: ['h'] }, { ca: small }))
  }

  for (const usage of [
    ...Object.keys(keyUsages),
    ...Object.keys(extendedUsages),
    'signing',
    's/mime',
    'content committment',
  ]) {
    it(`the usage "${usage}"`, () => {
      // Debian's cfssl spells this one with two t only.
      const theirs = usage === 'content commitment' ? 'content committment' : usage
      const config = { signing: { default: { expiry: '1h', usages: [theirs] } } }
      return same({ CN: 'u', key: ecdsa, hosts: ['u'] }, { ca: small, config })
    })
  }

  it('all usages together, some twice', () => {
    const usages = [
      ...Object.keys(keyUsages).filter((usage) => usage !== 'content commitment'),
      ...Object.keys(extendedUsages),
      'client auth',
      'signing',
    ]
    return same(
      { CN: 'u', key: ecdsa, hosts: ['u'] },
      { ca: small, config: { signing: { default: { expiry: '1h', usages } } } },
    )
  })

  const profiles: Record<string, object> = {
    'an authority below': { ca_constraint: { is_ca: true } },
    'an authority below, path length 3': { ca_constraint: { is_ca: true, max_path_len: 3, max_path_len_zero: true } },
    'an authority below, path length 0': { ca_constraint: { is_ca: true, max_path_len: 0, max_path_len_zero: true } },
    'addresses of services': {
      ocsp_url: 'http://ocsp.example',
      crl_url: 'http://crl.example/ca.crl',
      issuer_urls: ['http://a.example/1', 'http://a.example/2'],
    },
    'no OCSP check': { ocsp_no_check: true },
    policies: {
      policies: [
        { id: '1.2.3.4' },
        {
          id: '2.23.140.1.2.1',
          qualifiers: [
            { type: 'id-qt-cps', value: 'http://cps.example' },
            { type: 'id-qt-unotice', value: 'hört' },
          ],
        },
      ],
    },
    backdate: { backdate: '1h30m' },
    'fixed times': { not_before: '2020-01-02T03:04:05Z', not_after: '2051-01-02T03:04:05+01:00' },
    'an end after 2049': { expiry: '876000h' },
    'an expiry of parts': { expiry: '1h30m10.5s500ms' },
  }
  for (const [what, profile] of Object.entries(profiles)) {
    it(`a profile with ${what}`, () => {
      const config = {
        signing: {
          default: { expiry: '8760h' },
          profiles: { p: { expiry: '100h', usages: ['cert sign', 'server auth'], ...profile } },
        },
      }
      return same({ CN: 'p', key: ecdsa, hosts: ['p', '10.0.0.1', 'a@b'] }, { ca: small, config, profile: 'p' })
    })
  }

  for (const [what, ca] of [
    ['pathlen 2', { pathlen: 2 }],
    ['pathlenzero', { pathlenzero: true }],
    ['both', { pathlen: 1, pathlenzero: true }],
    ['nothing', {}],
  ] as const) {
    it(`an authority that asks for ${what}`, () => same({ CN: 'ca', key: ecdsa, ca }))
  }

  it('begins five minutes ago, to the minute, and is not cut at the end of its authority', async () => {
    const at = new Date('2026-11-23T10:00:29.900Z')
    const ca = await issue({ request: parseRequest({ CN: 'short', key: ecdsa, ca: { expiry: '1h' } }), now: at })
    const leaf = new X509Certificate(
      (await issue({ request: parseRequest({ CN: 'l', key: ecdsa }), ca, now: at })).certPem,
    )
    expect(leaf.validFrom).to.equal('Nov 23 09:55:00 2026 GMT')
    const later = await issue({
      request: parseRequest({ CN: 'l', key: ecdsa }),
      ca: small,
      now: new Date('2026-11-23T10:00:30Z'),
    })
    expect(new X509Certificate(later.certPem).validFrom).to.equal('Nov 23 09:56:00 2026 GMT')
    expect(new X509Certificate(leaf.raw).validTo).to.equal('Nov 23 09:55:00 2027 GMT')
  })

  it('has a serial number of its own, positive, of up to 20 bytes', async () => {
    const serials = new Set<string>()
    for (let round = 0; round < 20; round++) {
      const { certPem } = await issue({ request: parseRequest({ CN: 'x', key: ecdsa }), ca: small })
      const shown = bench.openssl('x509', '-in', bench.write(certPem), '-noout', '-serial').trim()
      expect(shown).to.match(/^serial=[0-9A-F]{30,40}$/)
      serials.add(shown)
    }
    expect(serials.size).to.equal(20)
  })

  describe('what would be worth nothing is not signed', () => {
    const request = parseRequest({ CN: 'leaf', key: ecdsa })
    const authority = (other: object = {}): Promise<Pair> =>
      issue({ request: parseRequest({ CN: 'root', key: ecdsa, ...other }) })
    const below = profileNamed(
      parseSigningConfig({
        signing: { default: { expiry: '1h', usages: ['cert sign'], ca_constraint: { is_ca: true } } },
      }),
    )
    const cases: [string, () => Promise<unknown>, RegExp][] = [
      [
        'by a key that is not the authority’s',
        async () => issue({ request, ca: { ...(await authority()), keyPem: small.keyPem } }),
        /^The private key does not fit the certificate of the authority CN=root \| Give the key/,
      ],
      [
        'by what is no authority',
        async () => issue({ request, ca: await issue({ request, ca: small }) }),
        /^CN=leaf is not an authority: its certificate says CA:FALSE \| Sign with/,
      ],
      [
        'by an authority that has expired',
        async () => issue({ request, ca: small, now: new Date('2999-01-01') }),
        /^The authority CN=small expired on .* \| Renew it first/,
      ],
      [
        'an authority below one that allows none',
        async () => issue({ request, ca: await authority({ ca: { pathlenzero: true } }), profile: below }),
        /^The authority CN=root allows no authority below it \(path length 0\)/,
      ],
      [
        'a request for an authority, by another',
        async () => issue({ request: parseRequest({ CN: 'x', ca: {} }), ca: small }),
        /^The request for x has a "ca" section, which is for self-signed authorities only/,
      ],
      [
        'with a key of another kind than asked for',
        async () =>
          issue({ request: parseRequest({ CN: 'x', key: { algo: 'ed25519' } }), ca: small, keyPem: small.keyPem }),
        /^The private key given for x is of the kind ecdsa 256, asked for is ed25519/,
      ],
      [
        'an authority without a name',
        async () => issue({ request: parseRequest({ names: [{ O: ' ' }] }) }),
        /has no subject/,
      ],
      [
        'a name that a certificate cannot hold',
        async () => issue({ request: parseRequest({ CN: 'x', hosts: ['büro.example'] }), ca: small }),
        /^The host "büro.example" has letters.* \| Write the name in its ASCII form/,
      ],
    ]
    for (const [what, work, message] of cases) {
      it(what, async () => expect(await complaintOf(work())).to.match(message))
    }
  })
})
