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
  const run = (module: typeof cert, given: Record<string, unknown>, options: { checking?: boolean; memory?: HostMemory } = {}) =>
    runOn(module, given, { connection, ...options, controller: { pkiFolder: at('pki'), secret: (text) => void secrets.push(text) } })
  const authority = (more: Record<string, unknown> = {}) => ({ authority: 'spec', csr: CA, path: at('host/ca.crt'), ...more })
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
    expect(execFileSync('openssl', ['verify', '-CAfile', at('host/ca.crt'), at('client.crt')], { encoding: 'utf8' })).to.contain('OK')
    const text = read('host/admin.conf')
    const second = (await run(kubeconfig, admin())).result
    expect(second).to.include({ changed: false, not_after: first['not_after'] })
    expect(second['reasons']).to.deep.equal([])
    expect(read('host/admin.conf')).to.equal(text)
  })
})
