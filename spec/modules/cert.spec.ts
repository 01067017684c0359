import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
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
  const authority = (more: Record<string, unknown> = {}) => ({ authority: 'spec', csr: CA, path: at('host/ca.crt'), ...more })
  const leaf = (more: Record<string, unknown> = {}) => ({
    path: at('host/a.crt'),
    key_path: at('host/a.key'),
    ca: 'spec',
    csr: CSR,
    config: CONFIG,
    profile: 'server',
    ...more,
  })
  const verifies = () => execFileSync('openssl', ['verify', '-CAfile', at('host/ca.crt'), at('host/a.crt')], { encoding: 'utf8' })

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
})
