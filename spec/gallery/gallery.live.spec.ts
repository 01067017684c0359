import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { PASSWORD, users } from '../wire/host-users.ts'
import { freePort, needSshd, type Sshd, startSshd } from '../wire/sshd.ts'
import { liveFolder, type Mistake, mistakes, planted, record } from './mistake.ts'
import { suits, told } from './told.ts'

const recording = process.env['GALLERY_RECORD'] === '1'

describe('the gallery of mistakes, on a host', function () {
  this.timeout(60_000)
  let sshd: Sshd
  /** What stands for it in the cases, and what it is this time. */
  let places: readonly (readonly [string, string])[]

  before(async () => {
    needSshd()
    sshd = await startSshd('PasswordAuthentication yes', 'ed25519', users())
    const closed = await freePort()
    const fingerprint = (file: string) =>
      execFileSync('ssh-keygen', ['-lf', join(sshd.folder, file)], { encoding: 'utf8' }).split(' ')[1]!
    const other = join(sshd.folder, 'other')
    for (const [file, passphrase] of [
      ['other', ''],
      ['locked', planted],
    ] as const)
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', join(sshd.folder, file)])
    const otherHost = execFileSync('cut', ['-d', ' ', '-f', '1,2', `${other}.pub`], { encoding: 'utf8' }).trim()
    writeFileSync(join(sshd.folder, 'changed_hosts'), `[127.0.0.1]:${sshd.port} ${otherHost}\n`)
    writeFileSync(join(sshd.folder, 'no_hosts'), '')
    chmodSync(join(sshd.folder, 'client'), 0o600)
    places = [
      ['«folder»', sshd.folder],
      ['«port»', String(sshd.port)],
      ['«closed»', String(closed)],
      ['«host key»', fingerprint('host.pub')],
      ['«other key»', fingerprint('other.pub')],
      ['«password»', PASSWORD],
    ]
  })
  after(() => sshd?.stop())

  const all = mistakes(liveFolder)
  for (const mistake of all) {
    it(`${mistake.name}: ${mistake.title}`, async () => {
      const { status, said } = await told(placed(mistake))
      const lasting = places.reduce((text, [mark, value]) => text.replaceAll(value, mark), said)
      if (recording) record(mistake, lasting, liveFolder)
      else expect(lasting).to.equal(mistake.says)
      expect(status, said).to.equal(mistake.status)
      expect(said, 'a password').to.not.include(PASSWORD)
      suits(mistake, said)
    })
  }

  it('has every kind of trouble on the way to a host', () => expect(all.length).to.be.at.least(12))

  function placed(mistake: Mistake): Mistake {
    const fill = (text: string) => places.reduce((filled, [mark, value]) => filled.replaceAll(mark, value), text)
    const files = Object.entries(mistake.files).map(([path, text]) => [
      path,
      typeof text === 'string' ? fill(text) : text,
    ])
    return { ...mistake, words: mistake.words.map(fill), files: Object.fromEntries(files) }
  }
})
