import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import cert from '../../modules/cert.ts'
import kubeconfig from '../../modules/kubeconfig.ts'
import { runOn } from './harness.ts'

const KEY = { algo: 'ecdsa', size: 256 }
const CA = { CN: 'Spec CA', key: KEY, ca: { expiry: '87600h' } }
const ADMIN = { CN: 'admin', key: KEY, names: [{ O: 'system:masters' }] }

describe('kubeconfig', () => {
  const connection = new LocalConnection('here')
  let folder: string
  let secrets: string[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-kubeconfig-'))
    mkdirSync(join(folder, 'host'))
    secrets = []
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  after(() => connection.close())

  const at = (...parts: string[]) => join(folder, ...parts)
  const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8')
  const run = (
    module: typeof cert,
    given: Record<string, unknown>,
    options: { checking?: boolean; memory?: HostMemory } = {},
  ) =>
    runOn(module, given, {
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
  const admin = (more: Record<string, unknown> = {}) => ({
    path: at('host/admin.conf'),
    cluster: 'spec',
    server: 'https://127.0.0.1:6443',
    ca: 'spec',
    user: 'admin',
    client_cert: { csr: ADMIN, ca: 'spec' },
    ...more,
  })
  const embedded = () => {
    const user = parse(read('host/admin.conf')).users[0].user
    return Buffer.from(user['client-certificate-data'], 'base64').toString()
  }

  it('is written once, with a client certificate that the authority signed', async () => {
    await run(cert, authority())
    const first = (await run(kubeconfig, admin())).result
    expect(first).to.include({ changed: true, context: 'admin@spec' })
    expect(first['reasons']).to.deep.equal(['the kubeconfig is missing'])
    expect((statSync(at('host/admin.conf')).mode & 0o7777).toString(8)).to.equal('600')
    writeFileSync(at('client.crt'), embedded())
    expect(
      execFileSync('openssl', ['verify', '-CAfile', at('host/ca.crt'), at('client.crt')], { encoding: 'utf8' }),
    ).to.contain('OK')
    const text = read('host/admin.conf')
    const second = (await run(kubeconfig, admin())).result
    expect(second).to.include({ changed: false, not_after: first['not_after'] })
    expect(second['reasons']).to.deep.equal([])
    expect(read('host/admin.conf')).to.equal(text)
  })

  it('keeps the client certificate when only the server changes, and shows no key', async () => {
    await run(cert, authority())
    await run(kubeconfig, admin())
    const certificate = embedded()
    const { result } = await run(kubeconfig, admin({ server: 'https://127.0.0.1:7443' }))
    expect(result['reasons']).to.deep.equal([
      'server of the cluster spec is "https://127.0.0.1:6443", not "https://127.0.0.1:7443"',
    ])
    expect(embedded()).to.equal(certificate)
    const diff = JSON.stringify(result.diff)
    expect(diff).to.contain('127.0.0.1:7443')
    const data = parse(read('host/admin.conf')).users[0].user['client-key-data']
    expect(diff).not.to.contain(data.slice(0, 40))
    expect(secrets).to.include(data)
  })

  it('gets a new client certificate when what is asked for differs', async () => {
    await run(cert, authority())
    await run(kubeconfig, admin())
    const certificate = embedded()
    const { result } = await run(kubeconfig, admin({ client_cert: { csr: { ...ADMIN, names: [{ O: 'viewers' }] } } }))
    expect((result['reasons'] as string[]).join()).to.match(/^of the client certificate: the subject differs/)
    expect(embedded()).not.to.equal(certificate)
  })

  it('stays byte for byte while it is equal in effect', async () => {
    await run(cert, authority())
    await run(kubeconfig, admin())
    writeFileSync(at('host/admin.conf'), `# ours\n${read('host/admin.conf')}`)
    expect((await run(kubeconfig, admin())).result.changed).to.equal(false)
    expect(read('host/admin.conf')).to.match(/^# ours/)
  })

  it('makes nothing in a dry run on a blank controller', async () => {
    const memory = new HostMemory()
    await run(cert, authority(), { checking: true, memory })
    expect((await run(kubeconfig, admin(), { checking: true, memory })).result.changed).to.equal(true)
    const fromFile = admin({ ca_path: at('host/ca.crt'), path: at('host/b.conf') })
    delete (fromFile as { ca?: string }).ca
    expect((await run(kubeconfig, fromFile, { checking: true, memory })).result.changed).to.equal(true)
    expect(() => statSync(at('pki'))).to.throw('ENOENT')
  })

  it('takes certificates of the host', async () => {
    await run(cert, authority())
    await run(cert, { ca: 'spec', csr: ADMIN, path: at('host/admin.crt'), key_path: at('host/admin.key') })
    const { ca: _, client_cert: __, ...rest } = admin()
    const given = {
      ...rest,
      ca_path: at('host/ca.crt'),
      client_certificate_path: at('host/admin.crt'),
      client_key_path: at('host/admin.key'),
    }
    expect((await run(kubeconfig, given)).result.changed).to.equal(true)
    expect(embedded()).to.equal(read('host/admin.crt'))
    expect((await run(kubeconfig, given)).result.changed).to.equal(false)
    rmSync(at('host/ca.crt'))
    expect((await run(kubeconfig, given)).result.msg).to.equal(`${at('host/ca.crt')} does not exist on the host.`)
  })

  it('says that the authority is not there', async () => {
    expect((await run(kubeconfig, admin())).result.msg).to.equal(
      `There is no authority "spec" in the PKI folder ${at('pki')}.`,
    )
  })
})
