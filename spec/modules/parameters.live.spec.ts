import { expect } from 'chai'
import { down, exec, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import type { HostOutcome, HostTask } from './on-host.ts'

const HOST = 'spec-params'

interface Try {
  readonly module: string
  readonly params: Record<string, unknown>
  /** Shell text that is run before. */
  readonly given?: string
  /** What a person looks at afterwards, and finds. */
  readonly look: string
  readonly found: string
}

const tries: Readonly<Record<string, Try>> = {
  'a file that is immutable': {
    module: 'copy',
    params: { dest: '/root/a', content: 'x\n', attributes: '+i' },
    look: 'lsattr -d /root/a | cut -c1-20 | tr -d -; rm -f /root/a || echo stays; chattr -i /root/a',
    found: 'ie\nstays',
  },
  'a flag taken away': {
    module: 'lineinfile',
    given: 'echo x >/root/b; chattr +dA /root/b',
    params: { path: '/root/b', line: 'x', attributes: '-A' },
    look: 'lsattr -d /root/b | cut -c1-20 | tr -d -',
    found: 'de',
  },
  'the flags of all that is in a folder': {
    module: 'file',
    given: 'mkdir -p /root/c/d; echo x >/root/c/d/e; chattr +d /root/c/d',
    params: { path: '/root/c', state: 'directory', recurse: true, attributes: '=A' },
    look: 'lsattr -d /root/c /root/c/d /root/c/d/e | cut -c1-20 | tr -d -',
    found: 'Ae\nAe\nAe',
  },
  'a file that is mounted, written into': {
    module: 'copy',
    given: 'echo old >/root/m; echo old >/root/under; mount --bind /root/under /root/m',
    params: { dest: '/root/m', content: 'new\n', mode: '0600', unsafe_writes: true },
    look: 'cat /root/under; stat -c %a /root/under; umount /root/m',
    found: 'new\n600',
  },
  'a user with a key pair, a private home, and a password that must be changed': {
    module: 'user',
    params: {
      name: 'runner',
      umask: '077',
      password_expire_max: 90,
      password_expire_min: 1,
      generate_ssh_key: true,
      ssh_key_type: 'ed25519',
    },
    look: 'cd /home/runner; stat -c "%n %a %U:%G" . .ssh .ssh/*; ssh-keygen -y -f .ssh/id_ed25519 | cut -c1-11; getent shadow runner | cut -d: -f4,5',
    found:
      '. 700 runner:runner\n.ssh 700 runner:runner\n.ssh/id_ed25519 600 runner:runner\n.ssh/id_ed25519.pub 644 runner:runner\nssh-ed25519\n1:90',
  },
  'a choice with a page of the manual, whose link moves': {
    module: 'alternatives',
    given:
      'for f in one two one.1 two.1; do echo $f >/srv/$f; done; for f in one two; do update-alternatives --quiet --install /srv/any any /srv/$f 10 --slave /srv/any.1 any.1 /srv/$f.1; done',
    params: {
      name: 'any',
      path: '/srv/two',
      priority: 30,
      subcommands: [{ name: 'any.1', link: '/srv/page.1', path: '/srv/two.1' }],
    },
    look: 'cat /srv/any /srv/page.1; ls /srv/any.1 2>&1; update-alternatives --query any | grep -c page.1; update-alternatives --quiet --remove-all any; rm /srv/*',
    found: "two\ntwo.1\nls: cannot access '/srv/any.1': No such file or directory\n1",
  },
  'a private key in a form for other programs': {
    module: 'openssh_keypair',
    params: { path: '/root/other', type: 'ecdsa', private_key_format: 'pkcs8' },
    look: 'head -n 1 /root/other; [ "$(ssh-keygen -y -f /root/other)" = "$(cat /root/other.pub)" ] && echo fits',
    found: '-----BEGIN PRIVATE KEY-----\nfits',
  },
  'files linked to those of the last backup': {
    module: 'synchronize',
    given: 'cp -a /usr/share/common-licenses /srv/last; rm -f /srv/last/GPL-2; mkdir /srv/now',
    params: {
      src: '/usr/share/common-licenses/',
      dest: '/srv/now',
      link_dest: ['/srv/last'],
      rsync_opts: ['--exclude=A*'],
    },
    look: 'cd /srv/now; stat -c "%n %h" GPL-2 GPL-3 LGPL; ls -d A* 2>/dev/null; diff -r /srv/now /srv/last | cut -c1-30; rm -r /srv/*',
    found:
      'GPL-2 1\nGPL-3 2\nLGPL 1\nOnly in /srv/last: Apache-2.0\nOnly in /srv/last: Artistic\nOnly in /srv/now: GPL-2',
  },
  'a time in a form of its own': {
    module: 'file',
    given: 'echo >/root/t',
    params: {
      path: '/root/t',
      state: 'touch',
      modification_time: '2024-05-06 07:08',
      modification_time_format: '%Y-%m-%d %H:%M',
      access_time: 'preserve',
    },
    look: 'date -r /root/t "+%F %T"',
    found: '2024-05-06 07:08:00',
  },
}

async function run(...tasks: HostTask[]): Promise<HostOutcome[]> {
  const words = [process.execPath, '--conditions=tsplay-source', '--import', 'tsx', 'spec/modules/on-host.ts', HOST]
  const { status, stdout, stderr } = await exec([...words, JSON.stringify(tasks)])
  expect(status, String(stderr)).to.equal(0)
  return JSON.parse(String(stdout))
}

describe('parameters on a host', function () {
  this.timeout(120_000)

  before(async function () {
    needsLab.call(this)
    await up([`${HOST}=192.168.1.87`], { downloads: false })
    await fresh(HOST, { downloads: false })
  })
  after(() => down([HOST]))

  for (const [what, { module, params, given, look, found }] of Object.entries(tries)) {
    it(`${module}: ${what}; a dry run foretells it, a second run has nothing to do`, async () => {
      if (given) expect((await ssh(HOST, [given])).status).to.equal(0)
      const [foretold, done, again] = await run(
        { module, params, checking: true },
        { module, params },
        { module, params },
      )
      expect(done!.problem).to.equal(undefined)
      expect(done!.result!['changed'], String(done!.result!['msg'])).to.equal(true)
      expect(foretold!.result!['diff']).to.deep.equal(done!.result!['diff'])
      expect(again!.result!['changed']).to.equal(false)
      expect(String((await ssh(HOST, [look])).stdout).trim()).to.equal(found)
    })
  }
})
