import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Problem } from '../../engine/base/problem.ts'
import { type HostKeyChecking, HostKeys } from '../../engine/wire/host-key.ts'
import { fingerprint, keyType, knownName, namesMatch, parseKnownHosts } from '../../engine/wire/known-hosts.ts'

describe('known hosts', () => {
  let folder: string
  let file: string
  const key = (name: string) => Buffer.from(readFileSync(join(folder, `${name}.pub`), 'utf8').split(' ')[1]!, 'base64')
  const line = (names: string, name: string) => `${names} ${readFileSync(join(folder, `${name}.pub`), 'utf8').trim()}\n`

  before(() => {
    folder = mkdtempSync('/tmp/tsplay-known-')
    file = join(folder, 'known_hosts')
    for (const [name, type] of [
      ['a', 'ed25519'],
      ['b', 'ed25519'],
      ['r', 'rsa'],
    ] as const) {
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(folder, name)])
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  const keys = (checking: HostKeyChecking = 'strict', port = 22, files = [file]) =>
    HostKeys.read({ host: 'web1', address: '10.0.0.1', port, checking, files })
  const problem = async (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (thrown: Problem) => thrown,
    )

  it('shows fingerprints as ssh-keygen does', () => {
    const said = execFileSync('ssh-keygen', ['-lf', join(folder, 'a.pub')]).toString()
    expect(said).to.include(fingerprint(key('a')))
    expect(keyType(key('r'))).to.equal('ssh-rsa')
  })

  it('names hosts as OpenSSH does', () => {
    expect(knownName('Web1', 22)).to.equal('web1')
    expect(knownName('10.0.0.1', 2222)).to.equal('[10.0.0.1]:2222')
  })

  it('matches lists, wildcards and refusals', () => {
    expect(namesMatch('a,web*,!web2', 'web1')).to.equal(true)
    expect(namesMatch('a,web*,!web2', 'web2')).to.equal(false)
    expect(namesMatch('10.0.0.?', '10.0.0.1')).to.equal(true)
    expect(namesMatch('10.0.0.?', '10x0.0.1')).to.equal(false)
    expect(namesMatch('[10.0.0.1]:2222', '[10.0.0.1]:2222')).to.equal(true)
    expect(namesMatch('*', 'any')).to.equal(true)
  })

  it('reads names that ssh-keygen hashed', async () => {
    writeFileSync(file, line('10.0.0.1', 'a') + line('[10.0.0.1]:2222', 'b'))
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
    expect(readFileSync(file, 'utf8')).to.not.include('10.0.0.1')
    await (await keys()).check(key('a'))
    await (await keys('strict', 2222)).check(key('b'))
    expect((await problem((await keys('strict', 2222)).check(key('a'))))?.code).to.equal('host-key')
  })

  it('passes over what is no line of a host', () => {
    expect(parseKnownHosts('# note\n\nhost\nhost ssh-rsa\n@other h ssh-rsa AAAA\n', 'f')).to.deep.equal([])
  })

  it('stops at an unknown key and says how to make it known', async () => {
    writeFileSync(file, line('10.0.0.2', 'a'))
    const stop = await problem((await keys('strict', 2222)).check(key('a')))
    expect(stop?.code).to.equal('host-key')
    expect(stop?.message).to.equal(
      `the key of web1 ([10.0.0.1]:2222) is not known: ssh-ed25519 ${fingerprint(key('a'))}`,
    )
    expect(stop?.hint).to.include(`ssh-keyscan -H -p 2222 10.0.0.1 >> ${file}`).and.to.include('accept-new')
  })

  it('stops at a changed key with both fingerprints, the place, and how to forget the old one', async () => {
    writeFileSync(file, `# mine\n${line('10.0.0.1', 'a')}`)
    for (const checking of ['strict', 'accept-new'] as const) {
      const stop = await problem((await keys(checking)).check(key('b')))
      expect(stop?.message)
        .to.include(fingerprint(key('a')))
        .and.to.include(fingerprint(key('b')))
        .and.to.include(`${file}:2`)
      expect(stop?.hint).to.include(`ssh-keygen -f ${file} -R 10.0.0.1`)
    }
    expect(readFileSync(file, 'utf8')).to.equal(`# mine\n${line('10.0.0.1', 'a')}`)
  })

  it('takes another type of key than the known one for a change, too', async () => {
    writeFileSync(file, line('10.0.0.1', 'r'))
    const known = await keys('accept-new')
    expect(known.algorithms().slice(0, 3)).to.deep.equal(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'])
    expect((await problem(known.check(key('a'))))?.message).to.include('has changed')
  })

  it('remembers a new host once, in a private file, after an unfinished line', async () => {
    const fresh = join(folder, 'new', 'known_hosts')
    await (await keys('accept-new', 22, [fresh])).check(key('a'))
    expect(readFileSync(fresh, 'utf8')).to.equal(`10.0.0.1 ssh-ed25519 ${key('a').toString('base64')}\n`)
    expect(statSync(fresh).mode & 0o777).to.equal(0o600)
    await (await keys('accept-new', 22, [fresh])).check(key('a'))
    writeFileSync(fresh, 'other ssh-rsa AAAA')
    await (await keys('accept-new', 22, [fresh])).check(key('a'))
    expect(readFileSync(fresh, 'utf8').split('\n').slice(0, 2)).to.deep.equal([
      'other ssh-rsa AAAA',
      `10.0.0.1 ssh-ed25519 ${key('a').toString('base64')}`,
    ])
  })

  it('refuses a revoked key even where it is known, and a certificate authority clearly', async () => {
    writeFileSync(file, `${line('10.0.0.1', 'a')}@revoked * ${line('', 'a').trim()}\n`)
    expect((await problem((await keys('accept-new')).check(key('a'))))?.message)
      .to.include('revoked')
      .and.to.include(`${file}:2`)
    writeFileSync(file, `@cert-authority *.0.0.1 ${line('', 'b').trim()}\n`)
    expect((await problem((await keys('accept-new')).check(key('a'))))?.message).to.include('certificate authority')
  })

  it('checks nothing when told so, and reads several files', async () => {
    writeFileSync(file, line('10.0.0.1', 'a'))
    await (await keys('off')).check(key('b'))
    await (await keys('strict', 22, [join(folder, 'none'), file])).check(key('a'))
  })
})
