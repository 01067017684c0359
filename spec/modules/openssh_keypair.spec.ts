import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Unknown } from '../../engine/base/unknown.ts'
import type { HostMemory } from '../../engine/state/host-memory.ts'
import { LocalConnection } from '../../engine/wire/local.ts'
import keypair from '../../modules/openssh_keypair.ts'
import { runOn } from './harness.ts'

describe('openssh_keypair', () => {
  const connection = new LocalConnection('here')
  let folder: string
  let secrets: string[]
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-openssh-'))
    secrets = []
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  after(() => connection.close())

  const at = (...parts: string[]) => join(folder, ...parts)
  const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8')
  const mode = (...parts: string[]) => (statSync(at(...parts)).mode & 0o7777).toString(8)
  const run = (more: Record<string, unknown> = {}, options: { checking?: boolean; memory?: HostMemory } = {}) =>
    runOn(
      keypair,
      { path: at('id'), type: 'ed25519', ...more },
      { connection, ...options, controller: { secret: (text) => void secrets.push(text) } },
    )
  const keygen = (...words: string[]) => execFileSync('ssh-keygen', words, { encoding: 'utf8' })

  it('makes a pair that ssh-keygen reads, and leaves it', async () => {
    const { result } = await run({ comment: 'root@here' })
    expect(result).to.include({ changed: true, type: 'ed25519', size: 256, filename: at('id'), comment: 'root@here' })
    expect([mode('id'), mode('id.pub')]).to.deep.equal(['600', '644'])
    expect(keygen('-y', '-f', at('id')).trim()).to.equal(`${result['public_key']} root@here`)
    expect(keygen('-l', '-f', at('id.pub'))).to.contain(String(result['fingerprint']))
    const again = (await run({ comment: 'root@here' })).result
    expect(again).to.include({ changed: false, fingerprint: result['fingerprint'], public_key: result['public_key'] })
    expect(secrets.join()).to.contain(read('id').trim())
  })

  it('knows nothing of the key in a dry run, and makes none', async () => {
    const { result } = await run({}, { checking: true })
    expect(result.changed).to.equal(true)
    expect(result['public_key']).to.be.instanceOf(Unknown).with.property('fresh', true)
    expect(existsSync(at('id'))).to.equal(false)
  })

  it('makes .ssh, closed to others, and no other folder', async () => {
    await run({ path: at('home/.ssh/id') }).then(
      () => expect(mode('home/.ssh')).to.equal('700'),
      (thrown) => expect.fail(String(thrown)),
    )
    expect((await run({ path: at('nowhere/id') })).result.msg).to.equal(
      `Destination folder ${at('nowhere')} does not exist.`,
    )
  })

  it('replaces a pair of another kind, unless told to keep it or to fail', async () => {
    keygen('-q', '-t', 'ecdsa', '-N', '', '-f', at('id'))
    const old = read('id')
    expect((await run({ regenerate: 'never' })).result).to.include({ changed: false, type: 'ecdsa' })
    expect((await run({ regenerate: 'fail' })).result.msg).to.contain('it is of the type ecdsa, asked for is ed25519')
    expect(read('id')).to.equal(old)
    expect((await run()).result).to.include({ changed: true, type: 'ed25519' })
  })

  it('makes a pair in the format that is asked for, and leaves any where none is', async () => {
    const first = (await run({ type: 'ecdsa', private_key_format: 'pkcs8' })).result
    expect(read('id')).to.match(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(keygen('-y', '-f', at('id')).trim()).to.equal(first['public_key'])
    expect((await run({ type: 'ecdsa', private_key_format: 'pkcs8' })).result.changed).to.equal(false)
    expect((await run({ type: 'ecdsa' })).result.changed).to.equal(false)
    const fails = await run({ type: 'ecdsa', private_key_format: 'ssh', regenerate: 'fail' })
    expect(fails.result.msg).to.contain('it is in the format pkcs8, asked for is ssh')
    const anew = (await run({ type: 'ecdsa', private_key_format: 'pkcs1' })).result
    expect(anew.changed).to.equal(true)
    expect(read('id')).to.match(/^-----BEGIN EC PRIVATE KEY-----\n/)
  })

  it('leaves a key it cannot read, unless told otherwise', async () => {
    keygen('-q', '-t', 'ed25519', '-N', 'open sesame', '-f', at('id'))
    const { result, hint } = await run()
    expect(result.msg).to.contain('it has another passphrase, or is broken')
    expect(hint).to.contain('full_idempotence')
    expect((await run({ passphrase: 'open sesame' })).result.changed).to.equal(false)
    expect((await run({ regenerate: 'full_idempotence' })).result.changed).to.equal(true)
  })

  it('makes the public key again, with another comment too', async () => {
    const first = (await run({ comment: 'one' })).result
    writeFileSync(at('id.pub'), 'nonsense\n')
    expect((await run({ comment: 'one' })).result).to.include({ changed: true, public_key: first['public_key'] })
    expect((await run({ comment: 'two' })).result).to.include({ changed: true, comment: 'two' })
    expect(read('id.pub')).to.equal(`${first['public_key']} two\n`)
    expect((await run({ comment: 'two' })).result.changed).to.equal(false)
    expect((await run()).result.changed).to.equal(false)
  })

  it('makes a new one each time it is forced', async () => {
    const first = (await run()).result
    const second = (await run({ force: true })).result
    expect(second.changed).to.equal(true)
    expect(second['fingerprint']).to.not.equal(first['fingerprint'])
  })

  it('removes both halves', async () => {
    await run()
    expect((await run({ state: 'absent' })).result.changed).to.equal(true)
    expect([existsSync(at('id')), existsSync(at('id.pub'))]).to.deep.equal([false, false])
    expect((await run({ state: 'absent' })).result.changed).to.equal(false)
  })
})
