import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import keypair from '../../modules/keypair.ts'
import { runOn } from './harness.ts'

describe('keypair', () => {
  const connection = new LocalConnection('here')
  let folder: string
  let secrets: string[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-keypair-'))
    for (const host of ['one', 'two']) mkdirSync(join(folder, host))
    secrets = []
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  after(() => connection.close())

  const at = (...parts: string[]) => join(folder, ...parts)
  const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8')
  const run = (
    host: string,
    more: Record<string, unknown> = {},
    options: { checking?: boolean; memory?: HostMemory } = {},
  ) =>
    runOn(
      keypair,
      { name: 'sa', private_path: at(host, 'sa.key'), public_path: at(host, 'sa.pub'), ...more },
      {
        connection,
        ...options,
        controller: { pkiFolder: at('pki'), secret: (text) => void secrets.push(text) },
      },
    )

  it('is the same on all hosts, and stays', async () => {
    const [first, second] = await Promise.all([run('one'), run('two')])
    expect([first.result.changed, second.result.changed]).to.deep.equal([true, true])
    expect(read('one/sa.key')).to.equal(read('two/sa.key'))
    expect(read('one/sa.pub')).to.equal(
      execFileSync('openssl', ['rsa', '-in', at('one/sa.key'), '-pubout'], { encoding: 'utf8', stdio: 'pipe' }),
    )
    expect((statSync(at('one/sa.key')).mode & 0o7777).toString(8)).to.equal('600')
    expect(secrets.join()).to.contain(read('one/sa.key').trim())
    expect((await run('one')).result.changed).to.equal(false)
  })

  it('makes nothing in a dry run, anywhere', async () => {
    const memory = new HostMemory()
    expect((await run('one', {}, { checking: true, memory })).result).to.include({ changed: true })
    expect(() => statSync(at('pki'))).to.throw('ENOENT')
    expect(() => statSync(at('one/sa.key'))).to.throw('ENOENT')
    // Asked for again in the same dry run, it is there.
    expect((await run('one', {}, { checking: true, memory })).result.changed).to.equal(false)
  })

  it('puts a public key right that is another one', async () => {
    await run('one')
    const right = read('one/sa.pub')
    execFileSync('sh', [
      '-c',
      'openssl genrsa 2048 2>/dev/null | openssl rsa -pubout >"$0" 2>/dev/null',
      at('one/sa.pub'),
    ])
    const { result } = await run('one')
    expect(result['reasons']).to.deep.equal(['the public key on the host is another one'])
    expect(read('one/sa.pub')).to.equal(right)
  })

  it('refuses to replace a pair whose private key is not on the controller', async () => {
    await run('one')
    rmSync(at('pki'), { recursive: true })
    const { result, hint } = await run('one')
    expect(result.failed).to.equal(true)
    expect(result.msg).to.contain('has no key pair "sa"')
    expect(hint).to.contain('what the old one signed is then worth nothing')
  })

  it('refuses another kind than the pair has', async () => {
    await run('one')
    const { result } = await run('one', { size: 4096 })
    expect(result.msg).to.match(/is rsa 2048, asked for is rsa 4096\.$/)
  })
})
