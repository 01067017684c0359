import { expect } from 'chai'
import { parseAttributes } from './layers.ts'
import { parseFiles } from './machine-files.ts'
import { isMark } from './marks.ts'
import { parsePolicy } from './packages.ts'
import { parseOsRelease, parseTargets } from './sources.ts'
import { statusTable } from './status.ts'

describe('what the lab reads of other programs', () => {
  it('apt-get indextargets: each source once', () => {
    const line = 'http://mirror.example/debian/|bookworm|main'
    expect(parseTargets(`${line}\n${line}\ncdrom:[x]/|bookworm|main\n`)).to.deep.equal([
      { uri: 'http://mirror.example/debian/', suite: 'bookworm', component: 'main' },
    ])
  })

  it('os-release: with and without quotes', () => {
    const text = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\n'
    expect(parseOsRelease(text)).to.include({ ID: 'debian', PRETTY_NAME: 'Debian GNU/Linux 12 (bookworm)' })
  })

  it('apt-cache policy: the packages that can be had', () => {
    const text = `jq:\n  Installed: (none)\n  Candidate: 1.6\n  Version table:\n     1.6 500\ngone:\n  Installed: (none)\n  Candidate: (none)\n`
    expect(parsePolicy(text)).to.deep.equal(['jq'])
  })

  it('getfattr: paths with odd characters', () => {
    const text = '# file: /up/etc/a\\040b\ntrusted.overlay.opaque="y"\n\n# file: /up/srv\ntrusted.overlay.opaque="y"\n'
    expect([...parseAttributes(text, '/up')]).to.deep.equal(['/etc/a b', '/srv'])
  })

  it('find: a folder is the same whenever it was written, a file is not', () => {
    const list = (time: string) => parseFiles(`d|0:0 755|4096|${time}||/etc\0f|0:0 644|3|${time}||/etc/a|b\0`)
    const [one, other] = [list('1.0'), list('2.0')]
    expect(one.get('/etc')).to.deep.equal(other.get('/etc'))
    expect(one.get('/etc/a|b')?.digest).not.to.equal(other.get('/etc/a|b')?.digest)
  })
})

describe('a mark of logging in', () => {
  for (const path of ['/var/log/wtmp', '/var/log/journal/1/system.journal', '/var/lib/sudo/lectured/1000', '/run/x']) {
    it(`is ${path}`, () => expect(isMark(path)).to.equal(true))
  }
  for (const path of ['/etc/hosts', '/var/log/apt/term.log', '/root/.ssh/known_hosts', '/tmp/left', '/var/lib/etcd']) {
    it(`is not ${path}`, () => expect(isMark(path)).to.equal(false))
  }
})

describe('the table of `lab status`', () => {
  it('has a line for each host', () => {
    const since = new Date('2026-01-02T03:04:05Z')
    const rows = [
      { name: 'a', address: '192.168.1.9', kind: 'container', since, services: 'ssh' },
      { name: 'longer', address: '192.168.1.10', kind: '', since: undefined, services: '' },
    ]
    expect(statusTable(rows)).to.equal(
      'HOST    ADDRESS       UP SINCE             KIND       SERVICES\n' +
        'a       192.168.1.9   2026-01-02 03:04:05  container  ssh\n' +
        'longer  192.168.1.10  down                 -\n',
    )
  })
})
