import { expect } from 'chai'
import { parseDuration, sayDuration } from '../../engine/pki/duration.ts'
import { parseSigningConfig, profileNamed } from '../../engine/pki/profiles.ts'
import { parseRequest } from '../../engine/pki/request.ts'
import { authorities, leaves, signing } from './article.ts'
import { complaint } from './complaint.ts'

describe('pki: a certificate request', () => {
  it('reads the article, as text or as a map', () => {
    const text = JSON.stringify(authorities.kubernetes)
    expect(parseRequest(text)).to.deep.equal(parseRequest(authorities.kubernetes))
    expect(parseRequest(text)).to.deep.include({ CN: 'kubernetes', key: { algo: 'rsa', size: 2048 }, hosts: [] })
    expect(parseRequest(text).ca).to.deep.equal({ expiry: 87_600 * 3_600_000, pathlen: undefined })
    for (const { request } of Object.values(leaves)) expect(parseRequest(request).notes).to.deep.equal([])
  })

  it('takes what cfssl takes when nothing is said', () => {
    expect(parseRequest({ CN: 'x' }).key).to.deep.equal({ algo: 'ecdsa', size: 256 })
    expect(parseRequest({ CN: 'x', key: { algo: 'ed25519' } }).key).to.deep.equal({ algo: 'ed25519', size: 256 })
    expect(parseRequest({ CN: 'x', ca: {} }).ca?.expiry).to.equal(43_800 * 3_600_000)
  })

  it('says what has no effect', () => {
    const { notes } = parseRequest({ CN: 'x', names: [{ O: 'o', SerialNumber: '1' }] }, 'ca-csr.json')
    expect(notes).to.have.length(1)
    expect(notes[0]).to.match(/^SerialNumber in names\[0\] of ca-csr\.json has no effect/)
  })

  const wrong: [string, unknown, RegExp][] = [
    [
      'an unknown field',
      { CN: 'x', host: ['a'] },
      /csr\.json has no field "host" \| Did you mean "hosts"\? Fields are: CN, hosts/,
    ],
    ['an unknown name part', { names: [{ OO: 'x' }] }, /names\[0\] of csr\.json has no field "OO"/],
    ['a field twice', { CN: 'x', cn: 'y' }, /has the field "CN" twice/],
    [
      'an unknown algorithm',
      { key: { algo: 'ecdas', size: 256 } },
      /algorithm "ecdas".* \| Did you mean "ecdsa"\? Algorithms are: rsa, ecdsa, ed25519/,
    ],
    ['a weak rsa key', { key: { algo: 'rsa', size: 1024 } }, /size 1024.* rsa \| Sizes for rsa are: 2048 to 8192/],
    ['an rsa key without size', { key: { algo: 'rsa' } }, /has no size/],
    ['a curve nobody has', { key: { algo: 'ecdsa', size: 300 } }, /Sizes for ecdsa are: 256, 384 or 521/],
    [
      'a size as text',
      { key: { algo: 'rsa', size: '2048' } },
      /size of key of csr\.json is not a whole number but the text "2048"/,
    ],
    ['hosts as text', { hosts: 'a' }, /hosts of csr\.json is not a list/],
    ['a number among hosts', { hosts: ['a', 5] }, /hosts\[1\] of csr\.json is not a text/],
    ['an empty host', { hosts: ['a', ''] }, /hosts\[1\] of csr\.json is empty/],
    [
      'an expiry without unit',
      { ca: { expiry: '87600' } },
      /expiry of ca of csr\.json is "87600", which is not a length of time \| Write a number with a unit \(ns, us, ms, s, m, h\)/,
    ],
    ['an expiry in days, which cfssl refuses too', { ca: { expiry: '365d' } }, /"d" is no unit of time/],
    ['a list', [], /csr\.json is not a map but a list/],
    ['nothing', null, /csr\.json is not a map but nothing/],
    ['broken JSON', '{"CN": "x",}', /csr\.json is not well-formed JSON/],
  ]
  for (const [what, input, message] of wrong) {
    it(`refuses ${what}`, () => expect(complaint(() => parseRequest(input, 'csr.json'))).to.match(message))
  }

  it('never quotes a text that is no JSON: it may be a key', () => {
    expect(complaint(() => parseRequest('-----BEGIN PRIVATE KEY-----\nMIIEsecret'))).not.to.contain('MIIE')
  })
})

describe('pki: a signing configuration', () => {
  it('reads the article', () => {
    const config = parseSigningConfig(JSON.stringify(signing))
    expect([...config.profiles.keys()]).to.deep.equal(['server', 'client', 'peer', 'kubernetes', 'etcd'])
    expect(profileNamed(config, 'peer')).to.deep.include({
      usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'],
      expiry: 87_600 * 3_600_000,
      isCa: false,
    })
  })

  it('does without a default, as cfssl: a year, servers and clients', () => {
    expect(profileNamed(parseSigningConfig({ signing: { profiles: {} } }))).to.deep.include({
      usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'],
      expiry: 8760 * 3_600_000,
    })
  })

  it('names the profiles there are when one is unknown, where cfssl would silently take the default', () => {
    const config = parseSigningConfig(signing)
    expect(complaint(() => profileNamed(config, 'sever'))).to.equal(
      'There is no signing profile "sever" | Did you mean "server"? Profiles are: server, client, peer, kubernetes, etcd.',
    )
    expect(complaint(() => profileNamed(config, 'toString'))).to.match(/no signing profile "toString"/)
    expect(complaint(() => profileNamed(config))).to.match(
      /default signing profile has no usages.*Name a profile: server/,
    )
  })

  const profile = (part: object) => ({ signing: { profiles: { p: { expiry: '1h', usages: ['signing'], ...part } } } })
  const wrong: [string, unknown, RegExp][] = [
    [
      'an unknown usage',
      profile({ usages: ['signing', 'server aut'] }),
      /profile "p" of ca-config\.json has the usage "server aut".*Did you mean "server auth"\? Usages are: any, cert sign, client auth/,
    ],
    [
      'a usage of another kind',
      profile({ usages: ['signing', 7] }),
      /usages\[1\] of the profile "p" of ca-config\.json is not a text/,
    ],
    ['a usage named as every object has one', profile({ usages: ['constructor'] }), /usage "constructor"/],
    ['no usages', profile({ usages: [] }), /profile "p" of ca-config\.json has no usages/],
    ['no expiry', profile({ expiry: undefined }), /expiry of the profile "p" of ca-config\.json is ""/],
    ['a negative expiry', profile({ expiry: '-1h' }), /is not positive/],
    ['an unknown field', profile({ expirry: '1h' }), /no field "expirry" \| Did you mean "expiry"/],
    ['a remote signer', profile({ remote: 'elsewhere' }), /has "remote", which is for a signing service/],
    [
      'an end before the beginning',
      profile({ not_before: '2030-01-01T00:00:00Z', not_after: '2029-01-01T00:00:00Z' }),
      /ends before it begins/,
    ],
    ['a moment that is none', profile({ not_after: 'tomorrow' }), /"tomorrow", which is not a moment/],
    ['a policy that is none', profile({ policies: [{ id: 'x' }] }), /not an object identifier/],
    ['no signing section', {}, /has no "signing" section/],
  ]
  for (const [what, input, message] of wrong) {
    it(`refuses ${what}`, () => expect(complaint(() => parseSigningConfig(input, 'ca-config.json'))).to.match(message))
  }
})

describe('pki: a length of time', () => {
  const lengths: [string, number][] = [
    ['87600h', 315_360_000_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['2m3.5s', 123_500],
    ['300ms', 300],
    ['1500us', 1.5],
    ['1µs', 0.001],
    ['0', 0],
    ['-2h', -7_200_000],
    ['+1s', 1000],
  ]
  for (const [written, expected] of lengths) {
    it(`${written} is ${expected} ms`, () => expect(parseDuration(written, 'it')).to.be.closeTo(expected, 1e-9))
  }
  for (const written of ['', 'h', '1', '1 h', '1h ', '1d', '1hh', '.h', '1.2.3h', '--1h', '2562048h', 'constructor']) {
    it(`${JSON.stringify(written)} is none`, () =>
      expect(complaint(() => parseDuration(written, 'it'))).to.match(/^it is /))
  }
  it('may be in days and weeks where cfssl does not read it', () => {
    expect(parseDuration('30d', 'it', { days: true })).to.equal(30 * 86_400_000)
    expect(parseDuration('1w1d', 'it', { days: true })).to.equal(8 * 86_400_000)
  })
  it('is said in words', () => {
    expect([86_400_000 * 12.9, 86_400_000, 7_200_000, 59_000].map(sayDuration)).to.deep.equal([
      '12 days',
      '1 day',
      '2 hours',
      '59 seconds',
    ])
  })
})
