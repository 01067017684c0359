import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Authority, issue } from '../../engine/pki/certificate.ts'
import { buildKubeconfig, writeKubeconfig } from '../../engine/pki/kubeconfig.ts'
import { parseSigningConfig, profileNamed } from '../../engine/pki/profiles.ts'
import { parseRequest } from '../../engine/pki/request.ts'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import cert from '../../modules/cert.ts'
import facts from '../../modules/cert-facts.ts'
import { runOn } from './harness.ts'

const DAY = 86_400_000
const key = { algo: 'ecdsa', size: 256 }

describe('cert-facts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-cert-facts-'))
  const at = (...parts: string[]) => join(folder, ...parts)
  const connection = new LocalConnection('here')
  let ca: Authority

  // Half a day more, so that a whole number of days is left while the specs run.
  const made = (CN: string, days: number, from = 0, by = ca) =>
    issue({
      request: parseRequest({ CN, key, hosts: ['localhost', '127.0.0.1'] }),
      ca: by,
      profile: profileNamed(
        parseSigningConfig({
          signing: { default: { expiry: `${days * 24 + 12}h`, usages: ['signing', 'client auth'] } },
        }),
      ),
      now: new Date(Date.now() + from * DAY),
    })
  const ask = (given: Record<string, unknown>, options: { checking?: boolean; memory?: HostMemory } = {}) =>
    runOn(facts, given, { connection, ...options })
  const found = async (given: Record<string, unknown>) =>
    (await ask(given)).result['certificates'] as Record<string, unknown>[]

  before(async () => {
    for (const name of ['pki/etcd', 'broken']) mkdirSync(at(name), { recursive: true })
    const authority = (CN: string) => issue({ request: parseRequest({ CN, key, ca: { expiry: '87600h' } }) })
    ca = await authority('Root')
    const other = await authority('Other')
    const [good, soon, gone, future, foreign] = await Promise.all([
      made('good', 200),
      made('soon', 10),
      made('gone', 5, -8),
      made('future', 100, 3),
      made('foreign', 50, 0, other),
    ])
    writeFileSync(at('pki/ca.crt'), ca.certPem)
    writeFileSync(at('pki/good.crt'), good.certPem)
    writeFileSync(at('pki/good.key'), good.keyPem)
    writeFileSync(at('pki/both.pem'), `${soon.keyPem}${soon.certPem}${ca.certPem}`)
    writeFileSync(at('pki/etcd/gone.crt'), gone.certPem)
    writeFileSync(at('pki/etcd/key.pem'), gone.keyPem)
    writeFileSync(at('future.crt'), future.certPem)
    writeFileSync(at('foreign.crt'), foreign.certPem)
    writeFileSync(
      at('admin.conf'),
      writeKubeconfig(
        buildKubeconfig({ cluster: 'k', server: 'https://a:6443', user: 'admin', caPem: ca.certPem, ...soon }),
      ),
    )
    writeFileSync(at('other.conf'), 'client-certificate-data is a word here: [')
    writeFileSync(at('broken/half.crt'), good.certPem.replace(/\n(.{64}\n){2}/, '\n'))
    execFileSync('openssl', ['x509', '-in', at('pki/good.crt'), '-outform', 'DER', '-out', at('good.cer')])
  })
  after(async () => {
    await connection.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('tells what openssl tells', async () => {
    const [one] = await found({ paths: [at('pki/good.crt')], ca_path: at('pki/ca.crt') })
    const said = (...words: string[]) =>
      execFileSync('openssl', ['x509', '-in', at('pki/good.crt'), '-noout', ...words], { encoding: 'utf8' })
        .trim()
        .replace(/^[^=]*=/, '')
    const date = (text: string) => `${new Date(text).toISOString().slice(0, 19)}Z`
    expect(one).to.deep.equal({
      path: at('pki/good.crt'),
      within: null,
      subject: said('-subject', '-nameopt', 'RFC2253'),
      issuer: said('-issuer', '-nameopt', 'RFC2253'),
      sans: ['DNS:localhost', 'IP:127.0.0.1'],
      is_ca: false,
      not_before: date(said('-startdate')),
      not_after: date(said('-enddate')),
      days_left: 200,
      validity: 'valid',
      serial_number: said('-serial'),
      fingerprint: said('-fingerprint', '-sha256'),
      chain_ok: true,
      chain_error: null,
    })
  })

  const places: [what: string, given: Record<string, unknown>, found: string[]][] = [
    [
      'a folder',
      { paths: ['pki'] },
      ['pki/both.pem CN=soon', 'pki/good.crt CN=good', 'pki/both.pem CN=Root', 'pki/ca.crt CN=Root'],
    ],
    [
      'folders below',
      { paths: ['pki/'], recurse: true, patterns: '*.crt' },
      ['pki/etcd/gone.crt CN=gone', 'pki/good.crt CN=good', 'pki/ca.crt CN=Root'],
    ],
    ['a wildcard', { paths: ['*/g*.crt', 'p*/*/*.crt'] }, ['pki/etcd/gone.crt CN=gone', 'pki/good.crt CN=good']],
    ['a kubeconfig', { paths: ['admin.conf'] }, ['admin.conf user admin CN=soon', 'admin.conf cluster k CN=Root']],
    ['DER', { paths: ['good.cer'] }, ['good.cer CN=good']],
    ['the same twice', { paths: ['pki/g*.crt', 'pki/good.crt'] }, ['pki/good.crt CN=good']],
    ['nothing', { paths: ['none/*.crt', 'pki/*.key'] }, []],
  ]
  for (const [what, { paths, ...given }, expected] of places) {
    it(`finds those of ${what}, the first to end first`, async () => {
      const all = await found({ ...given, paths: (paths as string[]).map((path) => `${folder}/${path}`) })
      const said = all.map(({ path, within, subject }) => [path, within, subject].filter(Boolean).join(' '))
      expect(said.map((text) => text.slice(folder.length + 1))).to.deep.equal(expected)
    })
  }

  it('warns of what ends soon, has ended, has not begun, or is signed by another', async () => {
    const { result, warnings } = await ask({
      paths: [at('*.crt'), at('pki')],
      recurse: true,
      ca_path: at('pki/ca.crt'),
    })
    expect(result).to.include({ changed: false, examined: 7, days_left: -3 })
    expect(warnings.map((text) => text.replaceAll(`${folder}/`, '').replace(/ \(.*Z\)| \d{4}-.*Z/, ''))).to.deep.equal([
      'pki/etcd/gone.crt ended 2 days ago.',
      'pki/both.pem ends in 10 days.',
      'foreign.crt: it is signed by CN=Other, which is not the authority given.',
      'future.crt is not valid before.',
    ])
  })

  it('fails for those that end too soon', async () => {
    const paths = [at('pki/good.crt'), at('admin.conf')]
    expect((await ask({ paths, fail_before: '10d' })).result.failed).to.equal(undefined)
    const { result } = await ask({ paths, fail_before: '11d' })
    expect(result.msg).to.match(/^\S*admin\.conf \(user admin\) ends in 10 days \(\d{4}-\S*Z\)$/)
    expect((await ask({ paths: [at('pki/etcd/gone.crt')], fail_before: '0' })).result.failed).to.equal(true)
  })

  it('fails where a named file holds none, and warns of a broken one that was found', async () => {
    expect((await ask({ paths: [at('pki/good.key')] })).result.msg).to.equal(
      `${at('pki/good.key')} holds no certificate`,
    )
    expect((await ask({ paths: [at('none.crt')] })).result.msg).to.equal(`${at('none.crt')} does not exist`)
    expect((await ask({ paths: [at('broken/half.crt')] })).result.msg).to.contain('cannot be read')
    const { result, warnings } = await ask({ paths: [at('broken')] })
    expect(result.failed).to.equal(undefined)
    expect(warnings).to.deep.equal([`A certificate in ${at('broken/half.crt')} cannot be read`])
    expect(result['unreadable']).to.deep.equal([{ path: at('broken/half.crt'), why: warnings[0] }])
  })

  it('has a table for people', async () => {
    const { result } = await ask({ paths: [at('pki/etcd/gone.crt'), at('good.cer')] })
    const table = (result['table'] as string[]).map((line) => line.replaceAll(`${folder}/`, ''))
    expect(table[0]).to.match(/^certificate +subject +ends +days left {2}state$/)
    expect(table[1]).to.match(/^pki\/etcd\/gone\.crt +CN=gone +\d{4}-\d\d-\d\dT[\d:]+Z +-3 {2}expired$/)
    expect(table[2]).to.match(/^good\.cer +CN=good +\d{4}-\d\d-\d\dT[\d:]+Z +200 {2}valid$/)
  })

  it('shows no private key, whatever happens', async () => {
    const everything = JSON.stringify(await ask({ paths: [folder], recurse: true, patterns: '*' }))
    expect(everything)
      .to.contain('CN=good')
      .and.not.to.match(/PRIVATE KEY|client-key-data/)
  })

  it('in a dry run knows the certificates that are not made yet, and fails for none of them', async () => {
    const memory = new HostMemory()
    const controller = { pkiFolder: at('controller') }
    const csr = { CN: 'new', key, ca: { expiry: '87600h' } }
    const given = { authority: 'new', csr, path: at('pki/new.crt') }
    await runOn(cert, given, { connection, memory, checking: true, controller })
    const { result } = await ask(
      { paths: [at('pki/new.crt'), at('good.cer')], fail_before: '1d' },
      { checking: true, memory },
    )
    expect(result).to.include({ changed: false, examined: 2 }).and.not.to.have.any.keys('may_change', 'failed')
    const [good, fresh] = result['certificates'] as Record<string, unknown>[]
    expect(good!['days_left']).to.equal(200)
    expect(JSON.stringify(fresh!['not_after'])).to.contain('unknown')
    expect((result['table'] as string[])[2]).to.match(/new\.crt +not known yet$/)
  })
})
