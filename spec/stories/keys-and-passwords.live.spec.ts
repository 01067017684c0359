import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { down, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { hosts, inventory, look, Stage, upWords } from './stage.ts'

const address = hosts['story-2']

describe('live stories: host keys and passwords', function () {
  this.timeout(60_000)
  const stage = new Stage({
    'hosts.ini': inventory({ ansible_user: 'root' }, ['story-1', 'story-2']),
    'admin.ini': inventory({ ansible_user: 'admin' }, ['story-2']),
    'site.yml': '- hosts: all\n  tasks:\n    - name: Say who\n      command: id -un\n      changed_when: false\n',
    'root.yml':
      '- hosts: all\n  become: true\n  tasks:\n    - name: Say who\n      command: id -un\n      register: who\n    - debug: {msg: "I am {{who.stdout}}"}\n',
    'right.txt': 'lab-sudo\n',
    'wrong.txt': 'Tr0ub4dor&3\n',
  })
  before(async function () {
    needsLab.call(this)
    await up(upWords('story-1', 'story-2'))
  })
  after(async () => {
    stage.end()
    await down(['story-1', 'story-2'])
  })

  describe('a host key', () => {
    let known: string
    let env: { HOME: string }
    const fingerprints = (file: string) =>
      execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).match(/SHA256:\S+/g) ?? []
    before(() => {
      env = { HOME: stage.home() }
      known = join(env.HOME, '.ssh', 'known_hosts')
    })

    it('that has changed stops that host: both fingerprints, what to do, exit 4; the others go on', async () => {
      const other = join(stage.folder, 'other')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
      const lines = readFileSync(known, 'utf8').split('\n')
      const [, key] = readFileSync(`${other}.pub`, 'utf8').match(/^(\S+ \S+)/) ?? []
      const mine = lines.filter((line) => !line.includes(address))
      writeFileSync(known, [...mine.filter(Boolean), `${address} ${key}`, ''].join('\n'))
      const { status, all } = await stage.play(['run', 'site.yml', '-i', 'hosts.ini'], { env })
      expect(status).to.equal(4)
      expect(all).to.include(`the key of story-2 (${address}) has changed: it shows ssh-ed25519 SHA256:`)
      expect(all).to.include(fingerprints(`${other}.pub`)[0])
      const own = await look('story-2', 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')
      expect(all).to.include(/SHA256:\S+/.exec(own)?.[0])
      expect(all).to.include(`ssh-keygen -f ${known} -R ${address}`)
      expect(all).to.match(/ok: \[story-1\]/)
      expect(all).to.match(/story-2 .*unreachable=1/)
    })

    it('that is unknown stops too, and --host-keys accept-new remembers it', async () => {
      const lines = readFileSync(known, 'utf8').split('\n')
      writeFileSync(known, lines.filter((line) => !line.includes(address)).join('\n'))
      const words = ['run', 'site.yml', '-i', 'hosts.ini', '-l', 'story-2']
      const strict = await stage.play(words, { env })
      expect(strict.status).to.equal(4)
      expect(strict.all).to.include(`the key of story-2 (${address}) is not known: ssh-ed25519 SHA256:`)
      expect(strict.all).to.include('--host-keys accept-new')
      expect(readFileSync(known, 'utf8')).to.not.include(address)
      const accepting = await stage.play([...words, '--host-keys', 'accept-new'], { env })
      expect(accepting.status, accepting.all).to.equal(0)
      expect(readFileSync(known, 'utf8')).to.include(`${address} ssh-ed25519 `)
      expect((await stage.play(words, { env })).status).to.equal(0)
    })
  })

  describe('sudo', () => {
    const root = ['run', 'root.yml', '-i', 'admin.ini']

    it('with a wrong password is told clearly, exits 2, and the password is nowhere', async () => {
      const asked = await stage.play([...root, '-K', '-vvv'], { input: 'Tr0ub4dor&3\n' })
      const read = await stage.play([...root, '--become-password-file', 'wrong.txt', '-vvv'])
      for (const { status, all } of [asked, read]) {
        expect(status, all).to.equal(2)
        expect(all).to.include('sudo on story-2 does not accept the password given for becoming root')
        // However it is wrapped.
        expect(all.replaceAll(/\s+/g, ' ')).to.include('check -K or `ansible_become_password`')
        expect(all).to.not.include('Tr0ub4dor')
      }
      expect(asked.stderr).to.include('BECOME password: ')
    })

    it('without a password says that one is needed and how to give it', async () => {
      const { status, all } = await stage.play(root)
      expect(status).to.equal(2)
      expect(all).to.include('sudo on story-2 asks for a password to become root, and none was given')
      expect(all).to.include('Give it with -K')
    })

    it('with the right one runs commands, copies 5 MB, fills templates and fetches; again changes nothing', async () => {
      const big = randomBytes(5 * 1024 * 1024)
      stage.write({
        'work.yml': `- hosts: all
  become: true
  tasks:
    - {name: who, command: id -un, register: who, changed_when: false}
    - assert: {that: who.stdout == "root"}
    - copy: {src: big.bin, dest: /root/big.bin, mode: '0600'}
    - template: {src: a.hbs, dest: /root/a.conf, mode: '0640', group: adm}
    - fetch: {src: /root/big.bin, dest: back/, flat: true}
    - fetch: {src: /etc/shadow, dest: shadow.txt, flat: true}
`,
        'templates/a.hbs': 'to {{inventory_hostname}}\n',
      })
      writeFileSync(join(stage.folder, 'big.bin'), big)
      const words = ['run', 'work.yml', '-i', 'admin.ini', '--become-password-file', 'right.txt']
      const first = await stage.play(words)
      expect(first.status, first.all).to.equal(0)
      expect(readFileSync(join(stage.folder, 'back/big.bin')).equals(big)).to.equal(true)
      expect(readFileSync(join(stage.folder, 'shadow.txt'), 'utf8')).to.match(/^root:/)
      expect(await look('story-2', 'stat -c "%U %G %a %s" /root/big.bin /root/a.conf; cat /root/a.conf')).to.equal(
        'root root 600 5242880\nroot adm 640 11\nto story-2',
      )
      expect(await look('story-2', 'ls -A /root /tmp | grep tsplay || true')).to.equal('')
      const second = await stage.play(['run', 'work.yml', '-i', 'admin.ini', '-K'], { input: 'lab-sudo\n' })
      expect(second.status, second.all).to.equal(0)
      expect(second.all).to.match(/story-2 .*changed=0/)
      expect(first.all + second.all).to.not.include('lab-sudo')
    })

    it('asks `deploy` nothing, and its login may be by password for `admin`', async () => {
      const deploy = await stage.play(['run', 'root.yml', '-i', 'admin.ini', '-e', 'ansible_user=deploy'])
      expect(deploy.status, deploy.all).to.equal(0)
      expect(deploy.stdout).to.include('I am root')
      // A home without a key: the password is all there is.
      const HOME = stage.home()
      for (const name of ['id_ed25519', 'id_ed25519.pub'])
        if (existsSync(join(HOME, '.ssh', name))) execFileSync('rm', [join(HOME, '.ssh', name)])
      const words = ['run', 'site.yml', '-i', 'admin.ini']
      const refused = await stage.play(words, { env: { HOME, SSH_AUTH_SOCK: '' } })
      expect(refused.status).to.equal(4)
      expect(refused.all).to.match(/admin/)
      const given = await stage.play([...words, '-k', '-vvv'], {
        env: { HOME, SSH_AUTH_SOCK: '' },
        input: 'lab-sudo\n',
      })
      expect(given.status, given.all).to.equal(0)
      const wrong = await stage.play([...words, '-e', 'ansible_password=wr0ng-pass'], {
        env: { HOME, SSH_AUTH_SOCK: '' },
      })
      expect(wrong.status).to.equal(4)
      expect(wrong.all).to.include('Check the password (-k or `ansible_password`)')
      expect(given.all + wrong.all).to.not.match(/lab-sudo|wr0ng-pass/)
    })
  })
})
