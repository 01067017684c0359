import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Authority } from '../../engine/pki/certificate.ts'
import { inspect } from '../../engine/pki/inspect.ts'
import { loadKey, publicPem } from '../../engine/pki/key.ts'
import { withLock } from '../../engine/pki/lock.ts'
import { parseSigningConfig, profileNamed } from '../../engine/pki/profiles.ts'
import { parseRequest } from '../../engine/pki/request.ts'
import {
  ensureAuthority,
  ensureCertificate,
  ensureKeyPair,
  peekAuthority,
  peekCertificate,
  peekKeyPair,
} from '../../engine/pki/store.ts'
import { signing } from './article.ts'
import { complaintOf } from './complaint.ts'
import { Workbench } from './referee.ts'

const day = 86_400_000
const key = { algo: 'ecdsa', size: 256 }
const request = parseRequest({ CN: 'kubernetes', key, ca: { expiry: '87600h' } })

describe('pki: the folder of authorities', function () {
  this.timeout(30_000)
  const bench = new Workbench()
  let folder = ''
  let count = 0
  beforeEach(() => {
    folder = join(bench.folder, `pki-${++count}`, 'deep')
  })
  after(() => bench.clean())

  const file = (name: string): string => join(folder, name)
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)
  const ensure = (other: Parameters<typeof ensureAuthority>[3] = {}) =>
    ensureAuthority(folder, 'kubernetes', request, other)

  it('makes an authority once, for its owner alone, and leaves nothing else behind', async () => {
    const made = await ensure()
    expect(made).to.deep.include({ created: true, reasons: ['the certificate is missing'] })
    expect(readFileSync(file('kubernetes.crt'), 'utf8')).to.equal(made.certPem)
    expect(readFileSync(file('kubernetes.key'), 'utf8')).to.equal(made.keyPem)
    expect([folder, file('kubernetes.crt'), file('kubernetes.key')].map(mode)).to.deep.equal(['700', '600', '600'])
    expect(readdirSync(folder).sort()).to.deep.equal(['kubernetes.crt', 'kubernetes.key'])
    const before = statSync(file('kubernetes.crt')).mtimeMs
    expect(await ensure()).to.deep.equal({ certPem: made.certPem, keyPem: made.keyPem, created: false, reasons: [] })
    expect(statSync(file('kubernetes.crt')).mtimeMs).to.equal(before)
  })

  it('keeps to its modes under a lax umask', async () => {
    const umask = process.umask(0)
    try {
      await ensure()
      await ensureKeyPair(folder, 'sa')
    } finally {
      process.umask(umask)
    }
    for (const name of readdirSync(folder)) expect(mode(file(name)), name).to.equal('600')
    expect(mode(folder)).to.equal('700')
  })

  it('peeks without making anything', async () => {
    expect(await peekAuthority(folder, 'kubernetes', request)).to.deep.equal({
      certPem: null,
      keyPem: null,
      reasons: ['the certificate is missing'],
    })
    expect(await peekKeyPair(folder, 'sa')).to.deep.include({ reasons: ['the key pair is missing'] })
    expect(existsSync(folder)).to.equal(false)
    const made = await ensure()
    expect(await peekAuthority(folder, 'kubernetes', request)).to.deep.equal({
      certPem: made.certPem,
      keyPem: made.keyPem,
      reasons: [],
    })
    expect(readdirSync(folder)).to.have.length(2)
  })

  it('renews with the same key, so that what it signed stays good', async () => {
    const first = await ensure()
    const profile = profileNamed(parseSigningConfig(signing), 'server')
    const leaf = await ensureCertificate(folder, 'apiserver', parseRequest({ CN: 'a', key }), { ca: first, profile })
    const late = new Date(Date.now() + 3640 * day)
    const second = await ensure({ now: late, renewBefore: 30 * day })
    expect(second.created).to.equal(true)
    expect(second.reasons[0]).to.match(/^it expires in \d+ days, which is within renew_before \(30 days\)$/)
    expect(second.keyPem).to.equal(first.keyPem)
    expect(inspect(second.certPem).notAfter.getTime()).to.be.greaterThan(late.getTime() + 3600 * day)
    expect(
      bench.openssl('verify', '-no_check_time', '-CAfile', bench.write(second.certPem), bench.write(leaf.certPem)),
    ).to.match(/OK/)
    expect(
      (await peekCertificate(folder, 'apiserver', parseRequest({ CN: 'a', key }), { ca: second, profile })).reasons,
    ).to.deep.equal([])
  })

  it('makes a new key when another kind is asked for, and keeps the old one', async () => {
    const first = await ensure()
    const second = await ensureAuthority(
      folder,
      'kubernetes',
      parseRequest({ CN: 'kubernetes', key: { algo: 'ed25519' }, ca: { expiry: '87600h' } }),
    )
    expect(second.reasons).to.deep.equal(['the key type differs: it is ecdsa 256, asked for is ed25519'])
    expect(readFileSync(file('kubernetes.key.old'), 'utf8')).to.equal(first.keyPem)
    expect(mode(file('kubernetes.key.old'))).to.equal('600')
  })

  it('goes on with the key when only the certificate is gone', async () => {
    const first = await ensure()
    rmSync(file('kubernetes.crt'))
    const second = await ensure()
    expect(second.keyPem).to.equal(first.keyPem)
    expect(second.certPem).not.to.equal(first.certPem)
  })

  it('never puts a new authority in the place of one whose key is lost or wrong', async () => {
    const first = await ensure()
    rmSync(file('kubernetes.key'))
    expect(await complaintOf(ensure())).to.match(/has no private key: .*kubernetes\.key is missing \| Bring the right/)
    const other = await ensureAuthority(folder, 'other', request)
    writeFileSync(file('kubernetes.key'), other.keyPem, { mode: 0o600 })
    expect(await complaintOf(ensure())).to.match(/kubernetes\.key is not the private key of CN=kubernetes/)
    writeFileSync(file('kubernetes.key'), first.keyPem.slice(0, 100), { mode: 0o600 })
    const said = await complaintOf(ensure())
    expect(said).to.match(/The private key .*kubernetes\.key cannot be read/)
    expect(said).not.to.contain(first.keyPem.split('\n')[1]!.slice(0, 20))
    expect(readFileSync(file('kubernetes.crt'), 'utf8')).to.equal(first.certPem)
  })

  it('refuses a key that others may read, also when peeking', async () => {
    await ensure()
    for (const open of [0o644, 0o640, 0o604, 0o660]) {
      chmodSync(file('kubernetes.key'), open)
      const expected = new RegExp(
        `kubernetes\\.key is open to others \\(mode 0${open.toString(8)}\\) \\| Run: chmod 600 `,
      )
      expect(await complaintOf(ensure())).to.match(expected)
      expect(await complaintOf(peekAuthority(folder, 'kubernetes', request))).to.match(expected)
    }
    chmodSync(file('kubernetes.key'), 0o400)
    expect((await ensure()).created).to.equal(false)
  })

  it('refuses a folder that others may write in, and names that lead out of it', async () => {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o777)
    expect(await complaintOf(ensure())).to.match(
      /Others may write in the PKI folder .* \(mode 0777\) \| Run: chmod 700/,
    )
    for (const name of ['../ca', 'a/b', '.hidden', '', 'a b']) {
      expect(await complaintOf(ensureAuthority(folder, name, request))).to.match(/cannot be the name of a file/)
    }
  })

  it('says in words when the folder cannot be made', async () => {
    const blocked = bench.write('a file')
    expect(await complaintOf(ensureAuthority(join(blocked, 'pki'), 'ca', request))).to.match(
      /cannot be made: a part of the path is not a folder/,
    )
  })

  it('writes nothing at all, not even a lock, when there is nothing to do', async () => {
    await ensure()
    await ensureKeyPair(folder, 'sa')
    writeFileSync(
      file('.kubernetes.lock'),
      JSON.stringify({ pid: 1, host: 'elsewhere.example', started: '1', token: 't' }),
    )
    const before = statSync(folder).mtimeMs
    await ensure()
    await ensureKeyPair(folder, 'sa')
    expect(statSync(folder).mtimeMs).to.equal(before)
  })

  it('signs what several hosts share, and issues it anew when its authority is another', async () => {
    const profile = profileNamed(parseSigningConfig(signing), 'server')
    const asked = parseRequest({ CN: 'apiserver', key, hosts: ['kubernetes'] })
    const ca: Authority = await ensure()
    const made = await ensureCertificate(folder, 'apiserver', asked, { ca, profile })
    expect(bench.verify(made.certPem, ca.certPem)).to.equal('OK')
    expect((await ensureCertificate(folder, 'apiserver', asked, { ca, profile })).created).to.equal(false)
    const other = await ensureAuthority(folder, 'etcd', parseRequest({ CN: 'etcd', key }))
    const again = await ensureCertificate(folder, 'apiserver', asked, { ca: other, profile })
    expect(again.reasons).to.deep.equal([
      'it is not signed by the given authority: CN=kubernetes signed it, not CN=etcd',
    ])
    expect(again.keyPem).not.to.equal(made.keyPem)
    rmSync(file('apiserver.key'))
    expect((await ensureCertificate(folder, 'apiserver', asked, { ca: other, profile })).reasons).to.deep.equal([
      'the private key is missing',
    ])
  })

  it('makes the service-account pair as openssl does, once', async () => {
    const made = await ensureKeyPair(folder, 'sa')
    expect(made.created).to.equal(true)
    expect(made.privatePem).to.match(/^-----BEGIN RSA PRIVATE KEY-----\n/)
    expect(bench.openssl('rsa', '-in', file('sa.key'), '-pubout')).to.equal(readFileSync(file('sa.pub'), 'utf8'))
    expect(bench.openssl('rsa', '-in', file('sa.key'), '-traditional')).to.equal(made.privatePem)
    expect(made.publicPem).to.equal(publicPem(loadKey(made.privatePem)))
    expect(await ensureKeyPair(folder, 'sa')).to.deep.equal({ ...made, created: false, reasons: [] })
    rmSync(file('sa.pub'))
    const again = await ensureKeyPair(folder, 'sa')
    expect(again).to.deep.equal({ ...made, reasons: ['the public key is missing'] })
    writeFileSync(file('sa.pub'), publicPem(loadKey((await ensureKeyPair(folder, 'other')).privatePem)))
    expect((await ensureKeyPair(folder, 'sa')).reasons).to.deep.equal(['the public key does not fit the private key'])
    rmSync(file('sa.key'))
    expect(await complaintOf(ensureKeyPair(folder, 'sa'))).to.match(/sa\.pub has no private key/)
  })

  it('takes a pair that openssl made', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    bench.openssl('genrsa', '-out', file('sa.key'), '2048')
    bench.openssl('rsa', '-in', file('sa.key'), '-pubout', '-out', file('sa.pub'))
    expect((await ensureKeyPair(folder, 'sa')).created).to.equal(false)
  })

  it('is made once, however many ask at once in one process', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => ensure()))
    expect(all.filter(({ created }) => created)).to.have.length(1)
    expect(new Set(all.map(({ keyPem }) => keyPem)).size).to.equal(1)
  })

  it('is made once, however many processes ask at once, also with a stale lock in the way', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const gone = spawnSync('true').pid
    writeFileSync(file('.kubernetes.lock'), JSON.stringify({ pid: gone, host: hostname(), started: '1', token: 'old' }))
    const script = bench.write(
      `import { ensureAuthority } from ${JSON.stringify(new URL('../../engine/pki/store.ts', import.meta.url).href)}
       import { parseRequest } from ${JSON.stringify(new URL('../../engine/pki/request.ts', import.meta.url).href)}
       const made = await ensureAuthority(process.argv[2], 'kubernetes', parseRequest({ CN: 'kubernetes', key: { algo: 'rsa', size: 2048 } }))
       console.log(JSON.stringify([made.created, made.keyPem]))`,
      'ensure.mts',
    )
    const tsx = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href
    const runs = Array.from({ length: 5 }, () => {
      const child = spawn(process.execPath, ['--import', tsx, script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
      let text = ''
      child.stdout.on('data', (chunk) => {
        text += chunk
      })
      return new Promise<[boolean, string]>((resolve, reject) =>
        child.on('close', (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`status ${code}`)))),
      )
    })
    const all = await Promise.all(runs)
    expect(all.filter(([created]) => created)).to.have.length(1)
    expect(new Set(all.map(([, text]) => text)).size).to.equal(1)
    expect(readdirSync(folder).sort()).to.deep.equal(['kubernetes.crt', 'kubernetes.key'])
  }).timeout(60_000)

  describe('its lock', () => {
    const lockOf = (holder: object): string => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file('.x.lock'), JSON.stringify(holder))
      return file('.x.lock')
    }

    it('is held one after the other, and given back after a failure', async () => {
      mkdirSync(folder, { recursive: true })
      let inside = 0
      const work = async () => {
        expect(++inside).to.equal(1)
        await new Promise((resolve) => setTimeout(resolve, 5))
        inside--
      }
      await Promise.all(Array.from({ length: 8 }, () => withLock(file('.x.lock'), work)))
      const failed = await withLock(file('.x.lock'), async () => Promise.reject(new Error('no'))).catch(
        (error: Error) => error.message,
      )
      expect(failed).to.equal('no')
      expect(readdirSync(folder)).to.deep.equal([])
    })

    it('waits for a live holder, then says who it is', async () => {
      const live = {
        pid: process.ppid,
        host: hostname(),
        token: 't',
        started: readFileSync(`/proc/${process.ppid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[19],
      }
      const path = lockOf(live)
      expect(await complaintOf(withLock(path, async () => 1, 200))).to.match(
        new RegExp(`is held by process ${process.ppid} on .* \\| Wait until`),
      )
      expect(readFileSync(path, 'utf8')).to.equal(JSON.stringify(live))
      expect(readdirSync(folder)).to.deep.equal(['.x.lock'])
    })

    it('is taken over when its pid belongs to another process by now', async () => {
      const path = lockOf({ pid: process.ppid, host: hostname(), started: '1', token: 't' })
      expect(await withLock(path, async () => 'done', 1000)).to.equal('done')
    })

    it('is never taken from another machine', async () => {
      const path = lockOf({ pid: 1, host: 'elsewhere.example', started: '1', token: 't' })
      expect(await complaintOf(withLock(path, async () => 1, 200))).to.match(/held by process 1 on elsewhere\.example/)
    })
  })

  it('refuses what is no certificate, and leaves what a link leads to alone', async () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const elsewhere = bench.write('untouched')
    symlinkSync(elsewhere, file('kubernetes.crt'))
    await ensureKeyPair(folder, 'kubernetes', { algo: 'ecdsa', size: 256 })
    expect(await complaintOf(ensure())).to.match(/kubernetes\.crt cannot be read/)
    expect(readFileSync(elsewhere, 'utf8')).to.equal('untouched')
  })
})
