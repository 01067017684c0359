import { expect } from 'chai'
import { down, exec, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import type { HostOutcome, HostTask } from './on-host.ts'

const HOST = 'spec-sys-1'
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKnM3tJsvPZUGRoCXxRkrSgMPGmS8rVMUwGmbNqlAYZT ops'
const SLEEPER = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'

async function run(...tasks: HostTask[]): Promise<HostOutcome[]> {
  const words = [
    process.execPath,
    '--conditions=tsplay-source',
    '--import',
    'tsx',
    'spec/modules/on-host.ts',
    HOST,
    JSON.stringify(tasks),
  ]
  const { status, stdout, stderr } = await exec(words)
  expect(status, String(stderr)).to.equal(0)
  return JSON.parse(String(stdout))
}

const said = async (words: string) => String((await ssh(HOST, [words])).stdout).trim()

/** What each module should do on a blank host, and what a person then finds there. */
const tables: [title: string, module: string, params: Record<string, unknown>, look: string, found: string][] = [
  [
    'two packages',
    'package',
    { name: ['ipset', 'conntrack'] },
    "dpkg-query -W -f '${db:Status-Abbrev}' ipset conntrack",
    'ii ii',
  ],
  ['a package removed', 'apt', { name: 'ipset', state: 'absent', purge: true }, 'command -v ipset; echo gone', 'gone'],
  ['a group', 'group', { name: 'readers', gid: 4711 }, 'getent group readers', 'readers:x:4711:'],
  ['a group with another number', 'group', { name: 'readers', gid: 4712 }, 'getent group readers', 'readers:x:4712:'],
  [
    'a user',
    'user',
    { name: 'keeper', uid: 2001, groups: ['readers'], shell: '/bin/sh', comment: 'The Keeper' },
    'id -Gn keeper',
    'keeper readers',
  ],
  [
    'a user in another group',
    'user',
    { name: 'keeper', groups: ['adm'], append: true },
    'id -Gn keeper',
    'keeper adm readers',
  ],
  [
    'a password',
    'user',
    { name: 'keeper', password: '$6$salt$hash' },
    'getent shadow keeper | cut -d: -f2',
    '$6$salt$hash',
  ],
  [
    'a locked password',
    'user',
    { name: 'keeper', password_lock: true },
    'getent shadow keeper | cut -d: -f2',
    '!$6$salt$hash',
  ],
  [
    'an authorized key',
    'authorized_key',
    { user: 'keeper', key: KEY, exclusive: true },
    'cat ~keeper/.ssh/authorized_keys; stat -c "%a %U" ~keeper/.ssh ~keeper/.ssh/authorized_keys',
    `${KEY}\n700 keeper\n600 keeper`,
  ],
  [
    'a hashed host',
    'known_hosts',
    { name: 'other', key: `other ${KEY}`, hash_host: true, path: '/etc/ssh/ssh_known_hosts' },
    'ssh-keygen -F other -f /etc/ssh/ssh_known_hosts | tail -n 1 | cut -d" " -f2-',
    KEY.replace(' ops', ''),
  ],
  [
    'a limit',
    'pam_limits',
    { domain: '*', limit_type: 'soft', limit_item: 'nofile', value: '655360' },
    'tail -n 1 /etc/security/limits.conf',
    '*\tsoft\tnofile\t655360',
  ],
  [
    'a mount',
    'mount',
    { path: '/mnt/s', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1m', state: 'mounted' },
    'stat -f -c %T /mnt/s; tail -n 1 /etc/fstab',
    'tmpfs\ntmpfs /mnt/s tmpfs size=1m 0 0',
  ],
  ['no mount', 'mount', { path: '/mnt/s', state: 'absent' }, 'ls -d /mnt/s 2>/dev/null; grep -c mnt/s /etc/fstab', '0'],
  ['swap off at boot', 'swap', {}, 'grep sda2 /etc/fstab', '# /dev/sda2 none swap sw 0 0'],
  ['a name', 'hostname', { name: 'other-name' }, 'cat /etc/hostname; uname -n', 'other-name\nother-name'],
  ['the name again', 'hostname', { name: HOST }, 'cat /etc/hostname; uname -n', `${HOST}\n${HOST}`],
  [
    'kernel settings',
    'sysctl',
    {
      sysctl_file: '/etc/sysctl.d/k8s.conf',
      ignore_missing: true,
      settings: { 'net.ipv4.ip_forward': 1, 'vm.swappiness': 1, 'fs.may_detach_mounts': 1 },
    },
    'cat /etc/sysctl.d/k8s.conf /proc/sys/net/ipv4/ip_forward',
    'net.ipv4.ip_forward = 1\n1',
  ],
  [
    'a running service',
    'systemd',
    { name: 'sleeper', state: 'started', enabled: true },
    'systemctl is-active sleeper; systemctl is-enabled sleeper',
    'active\nenabled',
  ],
  [
    'a stopped service',
    'systemd',
    { name: 'sleeper', state: 'stopped', enabled: false },
    'systemctl is-active sleeper; systemctl is-enabled sleeper',
    'inactive\ndisabled',
  ],
  ['a masked service', 'systemd', { name: 'cron', masked: true }, 'systemctl is-enabled cron', 'masked'],
  [
    'no user',
    'user',
    { name: 'keeper', state: 'absent', remove: true },
    'getent passwd keeper; ls -d /home/keeper 2>/dev/null; echo none',
    'none',
  ],
]

describe("modules for a host's system, on a host", function () {
  this.timeout(120_000)
  before(async function () {
    needsLab.call(this)
    await up([`${HOST}=192.168.1.151`])
    await fresh(HOST)
    await ssh(HOST, [`printf '%s\\n' '/dev/sda2 none swap sw 0 0' >>/etc/fstab`])
    await run({ module: 'copy', params: { dest: '/etc/systemd/system/sleeper.service', content: SLEEPER } })
  })
  after(() => down([HOST]))

  for (const [title, module, params, look, found] of tables) {
    it(`${module}: ${title}; dry run, run and second run agree`, async () => {
      const [planned, done, again] = await run(
        { module, params, checking: true },
        { module, params },
        { module, params },
      )
      expect(done?.problem, 'the audit too').to.equal(undefined)
      expect([planned?.result?.changed, done?.result?.changed, again?.result?.changed]).to.deep.equal([
        true,
        true,
        false,
      ])
      expect(planned?.steps).to.deep.equal(done?.steps)
      expect(planned?.result?.diff).to.deep.equal(module === 'known_hosts' ? planned?.result?.diff : done?.result?.diff)
      expect(again?.steps).to.deep.equal([])
      expect(await said(look)).to.equal(found)
    })
  }

  it('sees a unit whose file a dry run would write, and starts it in the dry run', async () => {
    const unit = { dest: '/etc/systemd/system/later.service', content: SLEEPER }
    const [, started, again] = await run(
      { module: 'copy', params: unit, checking: true },
      { module: 'systemd', params: { name: 'later', state: 'started', enabled: true }, checking: true, after: true },
      { module: 'systemd', params: { name: 'later', state: 'started', enabled: true }, checking: true, after: true },
    )
    expect(started?.steps).to.deep.equal(['enable later.service', 'start later.service'])
    expect(again?.result?.changed).to.equal(false)
    expect(await said('ls /etc/systemd/system/later.service 2>&1')).to.contain('No such file')
  })

  it('knows in a dry run what a package would bring, but not which users its scripts make', async () => {
    const [, brought, account, there, user] = await run(
      { module: 'package', params: { name: ['haproxy'] }, checking: true },
      { module: 'systemd', params: { name: 'haproxy', state: 'started' }, checking: true, after: true },
      { module: 'group', params: { name: 'haproxy' }, checking: true, after: true },
      { module: 'systemd', params: { name: 'ssh', state: 'started' }, checking: true, after: true },
      { module: 'authorized_key', params: { user: 'root', key: KEY }, checking: true, after: true },
    )
    expect(brought?.result).to.include({ changed: false }).and.not.have.property('may_change')
    expect(account?.result?.may_change).to.equal('rests on what the package haproxy would bring')
    expect(there?.result?.changed).to.equal(false)
    expect(user?.result?.changed).to.equal(true)
  })

  it('has systemd read a changed unit before it restarts it', async () => {
    const name = { name: 'reread', state: 'restarted' }
    const outcomes = await run(
      { module: 'copy', params: { dest: '/etc/systemd/system/reread.service', content: SLEEPER } },
      { module: 'systemd', params: { name: 'reread', state: 'started' } },
      {
        module: 'copy',
        params: { dest: '/etc/systemd/system/reread.service', content: SLEEPER.replace('infinity', '98765') },
      },
      { module: 'systemd', params: name, checking: true },
      { module: 'systemd', params: name },
    )
    const steps = ['have systemd read its unit files again', 'restart reread.service']
    expect(outcomes.slice(3).map((one) => one.steps)).to.deep.equal([steps, steps])
    expect(await said('pgrep -f "sleep 98765" >/dev/null && echo runs')).to.equal('runs')
  })

  it('tells the journal of a service that does not start', async () => {
    const broken = '[Service]\nType=notify\nExecStart=/bin/sh -c "echo no config found; exit 4"\n'
    const [, failed] = await run(
      { module: 'copy', params: { dest: '/etc/systemd/system/broken.service', content: broken } },
      { module: 'systemd', params: { name: 'broken', state: 'started' } },
    )
    expect(failed?.problem?.code).to.equal('step-failed')
    expect(failed?.problem?.message).to.match(
      /^Could not start broken\.service: broken\.service failed on start \(result exit-code, exit status 4\)\nits journal:\n[\s\S]*no config found/,
    )
  })

  it('says what does not exist, with what is near', async () => {
    const [unit, name] = await run(
      { module: 'systemd', params: { name: 'sshh', state: 'started' } },
      { module: 'apt', params: { name: 'haproxi', update_cache: true } },
    )
    expect([unit?.result?.msg, unit?.hint]).to.deep.equal([
      'This host has no unit sshh.service.',
      'Did you mean "ssh"?',
    ])
    const said = [name?.result?.msg ?? name?.problem?.message, name?.hint].join(' ')
    expect(said).to.match(/haproxi/)
  })

  it('names settings and modules that a container cannot have, without ever changing', async () => {
    const [settings, modules, strict] = await run(
      {
        module: 'sysctl',
        params: {
          sysctl_file: '/etc/sysctl.d/k8s.conf',
          ignore_missing: true,
          settings: { 'net.ipv4.ip_forward': 1, 'vm.swappiness': 1, 'fs.may_detach_mounts': 1 },
        },
      },
      { module: 'kmod', params: { name: ['ip_vs_nonsense'], persistent: 'present', ignore_missing: true } },
      { module: 'sysctl', params: { name: 'fs.may_detach_mounts', value: '1' } },
    )
    expect(settings?.result?.left_out).to.deep.equal({
      'vm.swappiness': 'read-only in a container (systemd-nspawn)',
      'fs.may_detach_mounts': 'the kernel has no such setting',
    })
    expect(settings?.result?.changed).to.equal(false)
    expect(Object.keys(modules?.result?.left_out as object)).to.deep.equal(['ip_vs_nonsense'])
    expect(modules?.result?.changed).to.equal(false)
    expect(strict?.result?.msg).to.equal('The kernel has no setting fs.may_detach_mounts.')
  })

  it('waits for another package manager, and says which one it waited for', async () => {
    const hold =
      "perl -MFcntl -e 'open F,q(+<),q(/var/lib/dpkg/lock-frontend); my $l=pack(q(s s x4 q q i x4),F_WRLCK,0,0,0,0); fcntl(F,F_SETLK,$l) or die; sleep 25' >/dev/null 2>&1 &"
    await ssh(HOST, [hold])
    const [impatient, patient] = await run(
      { module: 'apt', params: { name: 'ipset', lock_timeout: 0 } },
      { module: 'apt', params: { name: 'ipset', lock_timeout: 90 } },
    )
    expect(impatient?.problem?.message).to.match(
      /still at work after 0 seconds:\n[\s\S]*It is held by process \d+ \(perl\)/,
    )
    expect(patient?.result?.changed).to.equal(true)
  })

  it('gathers facts in one round trip', async () => {
    const [facts] = await run({ module: 'setup', params: {} })
    expect(facts?.trips).to.equal(1)
    const values = facts?.result?.ansible_facts as Record<string, Record<string, unknown>>
    expect(values).to.include({
      ansible_os_family: 'Debian',
      ansible_distribution: 'Debian',
      ansible_service_mgr: 'systemd',
      ansible_pkg_mgr: 'apt',
      ansible_virtualization_type: 'container',
      ansible_virtualization_role: 'guest',
      ansible_hostname: HOST,
    })
    expect(values.ansible_default_ipv4).to.include({
      address: '192.168.1.151',
      gateway: '192.168.1.1',
      netmask: '255.255.255.0',
      network: '192.168.1.0',
    })
  })
})
