import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { isUnknown } from '../../engine/base/unknown.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import cert from '../../modules/cert.ts'
import { runOn } from './harness.ts'

const CA = { CN: 'Spec CA', key: { algo: 'ecdsa', size: 256 }, names: [{ O: 'Spec' }], ca: { expiry: '87600h' } }
const CSR = { CN: 'spec', hosts: ['localhost', '127.0.0.1'], key: { algo: 'ecdsa', size: 256 } }
const CONFIG = {
  signing: {
    default: { expiry: '8760h' },
    profiles: {
      server: { expiry: '8760h', usages: ['signing', 'key encipherment', 'server auth'] },
      both: { expiry: '8760h', usages: ['signing', 'key encipherment', 'server auth', 'client auth'] },
    },
  },
}

describe('cert', () => {
  const connection = new LocalConnection('here')
  let folder: string
  let secrets: string[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-cert-'))
    mkdirSync(join(folder, 'host'))
    secrets = []
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  after(() => connection.close())

  const at = (...parts: string[]) => join(folder, ...parts)
  const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8')
  const mode = (...parts: string[]) => (statSync(at(...parts)).mode & 0o7777).toString(8)
  const run = (given: Record<string, unknown>, options: { checking?: boolean; memory?: HostMemory } = {}) =>
    runOn(cert, given, {
      connection,
      ...options,
      controller: { pkiFolder: at('pki'), secret: (text) => void secrets.push(text) },
    })
  const authority = (more: Record<string, unknown> = {}) => ({
    authority: 'spec',
    csr: CA,
    path: at('host/ca.crt'),
    ...more,
  })
  const leaf = (more: Record<string, unknown> = {}) => ({
    path: at('host/a.crt'),
    key_path: at('host/a.key'),
    ca: 'spec',
    csr: CSR,
    config: CONFIG,
    profile: 'server',
    ...more,
  })
  const verifies = () =>
    execFileSync('openssl', ['verify', '-CAfile', at('host/ca.crt'), at('host/a.crt')], { encoding: 'utf8' })

  it('makes an authority once, whose key stays on the controller', async () => {
    const first = (await run(authority())).result
    expect(first).to.include({ changed: true, subject: 'O=Spec, CN=Spec CA' })
    expect(first['reasons']).to.deep.equal(['the certificate is missing'])
    expect(readdirSync(at('host'))).to.deep.equal(['ca.crt'])
    expect(mode('pki')).to.equal('700')
    expect(mode('pki/spec.key')).to.equal('600')
    expect(mode('host/ca.crt')).to.equal('644')
    expect(read('host/ca.crt')).to.equal(read('pki/spec.crt'))
    const second = (await run(authority())).result
    expect(second).to.include({ changed: false, fingerprint: first['fingerprint'] })
    expect(second['reasons']).to.deep.equal([])
  })

  it('issues a certificate that openssl verifies, and leaves it as it is', async () => {
    await run(authority())
    const first = (await run(leaf())).result
    expect(verifies()).to.contain('OK')
    expect(mode('host/a.key')).to.equal('600')
    expect(readdirSync(at('pki')).sort()).to.deep.equal(['spec.crt', 'spec.key'])
    const before = read('host/a.crt')
    const second = (await run(leaf())).result
    expect(second.changed).to.equal(false)
    expect(read('host/a.crt')).to.equal(before)
    expect(second['fingerprint']).to.equal(first['fingerprint'])
    expect(first['sans']).to.deep.equal(['DNS:localhost', 'IP:127.0.0.1'])
    const serial = execFileSync('openssl', ['x509', '-noout', '-serial', '-in', at('host/a.crt')], { encoding: 'utf8' })
    expect(serial.trim()).to.equal(`serial=${first['serial_number']}`)
    expect(secrets.join()).to.contain(read('host/a.key').trim())
  })

  it('issues nothing and touches nothing in a dry run on a blank controller', async () => {
    const memory = new HostMemory()
    const first = (await run(authority(), { checking: true, memory })).result
    expect(first.changed).to.equal(true)
    expect(isUnknown(first['fingerprint'])).to.equal(true)
    const second = (await run(leaf(), { checking: true, memory })).result
    expect(second).to.include({ changed: true, subject: 'CN=spec' })
    expect(second['reasons']).to.deep.equal(['the certificate is missing'])
    // Another role asks for the same once more: by then it is there.
    expect((await run(authority(), { checking: true, memory })).result.changed).to.equal(false)
    expect(readdirSync(folder)).to.deep.equal(['host'])
    expect(readdirSync(at('host'))).to.deep.equal([])
  })

  it('issues again only for a reason, and says which', async () => {
    await run(authority())
    const cases: [string, () => void, Record<string, unknown>, RegExp][] = [
      ['made', () => undefined, {}, /^the certificate is missing$/],
      [
        'a name more',
        () => undefined,
        { csr: { ...CSR, hosts: [...CSR.hosts, 'more'] } },
        /^the SANs differ: added DNS:more$/,
      ],
      ['a name less', () => undefined, {}, /^the SANs differ: gone DNS:more$/],
      ['other usages', () => undefined, { profile: 'both' }, /^the usages differ: added client auth$/],
      ['back', () => undefined, {}, /^the usages differ: gone client auth$/],
      ['its key lost', () => unlinkSync(at('host/a.key')), {}, /^the private key is missing$/],
      [
        'another key',
        () =>
          execFileSync('openssl', ['ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', at('host/a.key')]),
        {},
        /^the private key does not fit the certificate$/,
      ],
      ['broken', () => writeFileSync(at('host/a.crt'), 'nonsense'), {}, /^the certificate is unreadable$/],
    ]
    for (const [what, harm, more, reason] of cases) {
      harm()
      const planned = (await run(leaf(more), { checking: true })).result
      const { result } = await run(leaf(more))
      expect((result['reasons'] as string[]).join(), what).to.match(reason)
      expect(planned['reasons']).to.deep.equal(result['reasons'])
      expect(verifies()).to.contain('OK')
    }
  })

  it('issues again when less than renew_before is left', async () => {
    await run(authority())
    const short = { signing: { default: { expiry: '240h', usages: ['signing', 'key encipherment', 'server auth'] } } }
    const asked = leaf({ config: short })
    delete (asked as { profile?: string }).profile
    await run({ ...asked, renew_before: '1d' })
    expect((await run({ ...asked, renew_before: '1d' })).result.changed).to.equal(false)
    expect((await run(leaf({ renew_before: '30d' }))).result['reasons']).to.satisfy(([first]: string[]) =>
      /^it expires in .*, which is within renew_before \(30 days\)$/.test(first!),
    )
    const endless = await run({ ...asked, renew_before: '30d' }).catch((thrown: Error) => thrown.message)
    expect(endless).to.equal('renew_before (30 days) is not shorter than the 10 days that the profile "default" gives')
  })

  it('puts modes right without a new certificate', async () => {
    await run(authority())
    await run(leaf())
    const before = read('host/a.crt')
    chmodSync(at('host/a.key'), 0o644)
    expect((await run(leaf())).result.diff).to.deep.equal([
      { path: `${at('host/a.key')} mode`, before: '0644', after: '0600' },
    ])
    expect(mode('host/a.key')).to.equal('600')
    expect(read('host/a.crt')).to.equal(before)
  })

  it('says what is missing, and what would be lost', async () => {
    expect((await run(leaf())).result.msg).to.equal(`There is no authority "spec" in the PKI folder ${at('pki')}.`)
    await run(authority())
    expect((await run(leaf({ path: at('host/no/a.crt') }))).result.msg).to.equal(
      `Destination folder ${at('host/no')} does not exist.`,
    )
    expect(existsSync(at('host/a.key'))).to.equal(false)
    rmSync(at('pki'), { recursive: true })
    const { result, hint } = await run(authority())
    expect(result.msg).to.contain('has no authority "spec"')
    expect(hint).to.contain('Bring spec.crt and spec.key into the PKI folder')
    expect(existsSync(at('pki'))).to.equal(false)
  })

  it('shows no key: not in results, differences, errors or steps', async () => {
    const shown: unknown[] = []
    const keys: string[] = []
    const keep = (ended: Awaited<ReturnType<typeof run>>) =>
      shown.push(
        ended.result,
        ended.warnings,
        ended.hint,
        ended.steps.map(({ name, show }) => [name, show]),
      )
    keep(await run(authority({ key_path: at('host/ca.key') })))
    keep(await run(leaf()))
    keys.push(read('host/a.key'), read('host/ca.key'))
    keep(await run(leaf({ csr: { ...CSR, hosts: ['other'] } })))
    writeFileSync(at('host/ca.key'), read('host/a.key'))
    keep(await run(authority({ key_path: at('host/ca.key') }), { checking: true }))
    keep(await run(authority({ key_path: at('host/ca.key') })))
    keys.push(read('host/a.key'), read('host/ca.key'))
    const text = JSON.stringify(shown)
    for (const line of keys
      .join('\n')
      .split('\n')
      .filter((part) => part !== '' && !part.startsWith('-----'))) {
      expect(text).not.to.contain(line)
    }
    expect(text).not.to.contain('BEGIN EC PRIVATE')
    expect(keys.every((key) => secrets.some((secret) => secret.trim() === key.trim()))).to.equal(true)
  })
})
