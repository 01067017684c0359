import { createHash, randomBytes } from 'node:crypto'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { down, powerOff, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { inventory, look, recap, Stage, statuses, upWords } from './stage.ts'

describe('live stories: trouble on the way', function () {
  this.timeout(60_000)
  const stage = new Stage({ 'hosts.ini': inventory({ ansible_user: 'root' }, ['story-1', 'story-2', 'story-3']) })
  before(async function () {
    needsLab.call(this)
    await up(upWords('story-1', 'story-2', 'story-3'))
  })
  after(async () => {
    stage.end()
    await down(['story-1', 'story-2', 'story-3'])
  })
  const left = (host: 'story-1' | 'story-2') =>
    look(host, 'find /root /tmp /opt /srv /mnt -name "*tsplay*" 2>/dev/null; true')

  describe('on the host', () => {
    it('a full disk: said so, the old file stands, nothing is left', async () => {
      writeFileSync(join(stage.folder, 'big.bin'), randomBytes(4 * 1024 * 1024))
      writeFileSync(join(stage.folder, 'middle.bin'), randomBytes(100 * 1024))
      stage.write({
        'full.yml': `- hosts: story-1
  tasks:
    - {name: large, copy: {src: big.bin, dest: /mnt/small/big.bin}, ignore_errors: true}
    - {name: middle, copy: {src: middle.bin, dest: /mnt/tiny/big.bin}}
`,
      })
      await look(
        'story-1',
        `mkdir -p /mnt/small /mnt/tiny; mount -t tmpfs -o size=1m none /mnt/small; mount -t tmpfs -o size=8k none /mnt/tiny
         echo old >/mnt/small/big.bin; echo old >/mnt/tiny/big.bin`,
      )
      const { status, all } = await stage.play(['run', 'full.yml', '-i', 'hosts.ini'])
      expect(status, all).to.equal(2)
      expect(all.match(/No space left on device/g)?.length, all).to.be.at.least(2)
      expect(all.match(/The disk is full .*: free some space/g)?.length, all).to.equal(2)
      expect(await look('story-1', 'cat /mnt/*/big.bin; ls -A /mnt/small /mnt/tiny')).to.equal(
        'old\nold\n/mnt/small:\nbig.bin\n\n/mnt/tiny:\nbig.bin',
      )
    })

    it('a checksum that does not match: both are told, the old file stands, nothing is left', async () => {
      const wrong = createHash('sha256').update('something else').digest('hex')
      stage.write({
        'get.yml': `- hosts: story-1
  tasks:
    - get_url:
        url: http://192.168.1.1/debian/Packages
        dest: /opt/packages
        checksum: sha256:${wrong}
`,
      })
      await look(
        'story-1',
        'command -v curl || { apt-get -q update && apt-get -qy install curl; } >/dev/null 2>&1; echo old >/opt/packages',
      )
      const { status, all } = await stage.play(['run', 'get.yml', '-i', 'hosts.ini'])
      expect(status, all).to.equal(2)
      expect(all).to.match(/checksum/i)
      expect(all).to.include(wrong)
      expect(await look('story-1', 'cat /opt/packages')).to.equal('old')
      expect(await left('story-1')).to.equal('')
    })

    it('no rights: denied, with the hint at become', async () => {
      stage.write({
        'denied.yml': `- hosts: story-1
  tasks:
    - {name: write, copy: {content: mine, dest: /etc/mine.conf}, ignore_errors: true}
    - {name: mode, file: {path: /etc/hostname, mode: '0666'}, ignore_errors: true}
    - {name: folder, file: {path: /opt/mine, state: directory}}
`,
      })
      const { status, all } = await stage.play([
        'run',
        'denied.yml',
        '-i',
        'hosts.ini',
        '-u',
        'deploy',
        '-e',
        'ansible_user=deploy',
      ])
      expect(status, all).to.equal(2)
      expect(all.match(/Permission denied|Operation not permitted/g)?.length, all).to.be.at.least(3)
      expect(all.match(/become: true/g)?.length, all).to.equal(3)
    })
  })

  describe('interrupted', () => {
    it('Ctrl-C lets the step end, begins no other, tells where it stopped and exits 99', async () => {
      stage.write({
        'slow.yml': `- hosts: story-1, story-2
  tasks:
    - {name: slowly, shell: "sleep 3; echo done >/tmp/slow"}
    - {name: never, file: {path: /tmp/never, state: touch}}
`,
      })
      const playing = stage.begin(['run', 'slow.yml', '-i', 'hosts.ini', '-vvv'])
      await playing.said(/begins: \[story-2\]/)
      await new Promise((resolve) => setTimeout(resolve, 1000))
      playing.child.kill('SIGINT')
      const { status, all } = await playing.ended
      expect(status, all).to.equal(99)
      expect(all).to.include('Interrupted: waiting for running steps to end. Press Ctrl-C again to abandon them.')
      expect(all).to.include('  story-1: slowly\n')
      expect(all).to.include('  story-2: slowly\n')
      expect(all).to.match(/story-1 .*changed=1/)
      expect(await look('story-1', 'cat /tmp/slow; ls /tmp/never 2>&1 || true')).to.match(/^done\n.*No such file/)
    })

    it('a second Ctrl-C abandons within seconds; a large file is not half there', async () => {
      writeFileSync(join(stage.folder, 'huge.bin'), '')
      truncateSync(join(stage.folder, 'huge.bin'), 256 * 1024 * 1024)
      stage.write({
        'huge.yml': `- hosts: story-1, story-2
  tasks:
    - {name: send, copy: {src: huge.bin, dest: /opt/huge.bin}, when: inventory_hostname == "story-1"}
    - {name: hang, shell: "sleep 345", when: inventory_hostname == "story-2"}
`,
      })
      await look('story-1', 'echo old >/opt/huge.bin')
      const playing = stage.begin(['run', 'huge.yml', '-i', 'hosts.ini'])
      await look(
        'story-1',
        'for i in $(seq 200); do ls /opt/.tsplay-*/file 2>/dev/null && exit; sleep 0.1; done; exit 1',
      )
      playing.child.kill('SIGINT')
      await playing.said(/Interrupted: waiting/)
      const asked = Date.now()
      playing.child.kill('SIGINT')
      const { status, all } = await playing.ended
      expect(Date.now() - asked).to.be.below(5000)
      expect(status, all).to.equal(99)
      expect(all).to.include('  story-1: send\n')
      expect(await look('story-1', 'cat /opt/huge.bin')).to.equal('old')
      expect(await look('story-2', 'pgrep -fx "sleep 345" || true'), 'what was abandoned is ended there').to.equal('')
      expect(await left('story-1')).to.equal('')
    })

    it('a second Ctrl-C waits no longer for a host that does not answer', async () => {
      const mute = 'import socket,time; s=socket.socket(); s.bind(("",2222)); s.listen(5); time.sleep(50)'
      await look('story-1', `nohup python3 -c '${mute}' >/dev/null 2>&1 & sleep 1`)
      const words = ['run', 'slow.yml', '-i', 'hosts.ini', '-l', 'story-1', '-e', 'ansible_port=2222', '-vvv']
      const playing = stage.begin(words)
      await playing.said(/begins: \[story-1\]/)
      playing.child.kill('SIGINT')
      await playing.said(/Interrupted: waiting/)
      const asked = Date.now()
      playing.child.kill('SIGINT')
      const { status, all } = await playing.ended
      expect(Date.now() - asked).to.be.below(5000)
      expect(status, all).to.equal(99)
      expect(all).to.include('connecting to story-1 was abandoned because the run was interrupted')
    })

    it('SIGTERM is heard as Ctrl-C is', async () => {
      const playing = stage.begin(['run', 'slow.yml', '-i', 'hosts.ini', '-l', 'story-1', '-vvv'])
      await playing.said(/begins: \[story-1\]/)
      playing.child.kill('SIGTERM')
      const { status, all } = await playing.ended
      expect(status, all).to.equal(99)
      expect(all).to.match(/\n {2}story-1: slowly\n/)
    })
  })

  describe('hosts that are gone', () => {
    it('one lost in the middle is unreachable; the others finish', async () => {
      stage.write({
        'lost.yml': `- hosts: all
  tasks:
    - {name: wait, shell: sleep 6}
    - {name: after, command: hostname, changed_when: false}
`,
      })
      const playing = stage.begin(['run', 'lost.yml', '-i', 'hosts.ini', '-vvv'])
      await playing.said(/begins: \[story-3\]/)
      await new Promise((resolve) => setTimeout(resolve, 1500))
      await powerOff('story-3')
      const { status, all } = await playing.ended
      expect(status, all).to.equal(4)
      expect(all).to.match(/unreachable: \[story-3\]: the connection to story-3 was lost/)
      expect(all).to.match(/ok: \[story-1\]/)
      expect(all).to.match(/story-1 .*ok=2 .*unreachable=0/)
      expect(all).to.match(/story-3 .*unreachable=1/)
    })

    it('one that is down is said once, exit 4; the others go on', async () => {
      const { status, events, all } = await stage.events(['run', 'lost.yml', '-i', 'hosts.ini', '-T', '3'])
      expect(status, all).to.equal(4)
      expect(statuses(events).filter((line) => line.includes('story-3'))).to.deep.equal(['wait: story-3 unreachable'])
      expect(recap(events)).to.have.nested.property('story-2.ok', 2)
      expect(recap(events)).to.have.nested.property('story-3.unreachable', 1)
    })
  })
})
