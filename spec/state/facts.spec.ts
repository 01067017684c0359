import { spawnSync } from 'node:child_process'
import { hostname, release } from 'node:os'
import { expect } from 'chai'
import { factGroupsOf, factsOf } from '../../engine/state/facts/gather.ts'
import { factGroups, factsScript } from '../../engine/state/facts/script.ts'

const ALL = new Set(factGroups)

/** The script's answer as a host would print it, from files and sections. */
function answer(files: Record<string, string>, sections: Record<string, string> = {}): Record<string, never> {
  const lines = Object.entries(files).flatMap(([path, text]) => text.split('\n').map((line) => `${path}:${line}`))
  const parts = Object.entries({ files: lines.join('\n'), ...sections }).map(([name, text]) => `\x1e${name}\n${text}\n`)
  return factsOf(Buffer.from(parts.join('')), ALL) as Record<string, never>
}

const distributions: [string, Record<string, string>, Record<string, string>, string][] = [
  [
    'Debian 12',
    {
      '/etc/os-release':
        'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian',
      '/etc/debian_version': '12.11',
    },
    {
      distribution: 'Debian',
      distribution_version: '12.11',
      distribution_major_version: '12',
      distribution_release: 'bookworm',
      os_family: 'Debian',
      pkg_mgr: 'apt',
    },
    'apt-get\nlsb_release',
  ],
  [
    'Debian 12 without lsb_release, where Ansible knows no point release',
    { '/etc/os-release': 'VERSION_ID="12"\nID=debian', '/etc/debian_version': '12.11' },
    { distribution: 'Debian', distribution_version: '12', distribution_major_version: '12' },
    'apt-get',
  ],
  [
    'Debian testing',
    { '/etc/os-release': 'VERSION_CODENAME=trixie\nID=debian', '/etc/debian_version': 'trixie/sid' },
    { distribution: 'Debian', distribution_version: 'NA', distribution_release: 'trixie', os_family: 'Debian' },
    'apt-get',
  ],
  [
    'Ubuntu 22.04',
    {
      '/etc/os-release':
        'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian',
      '/etc/debian_version': 'bookworm/sid',
    },
    {
      distribution: 'Ubuntu',
      distribution_version: '22.04',
      distribution_major_version: '22',
      distribution_release: 'jammy',
      os_family: 'Debian',
    },
    'apt-get',
  ],
  [
    'Rocky 9',
    {
      '/etc/os-release':
        'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"',
      '/etc/redhat-release': 'Rocky Linux release 9.3 (Blue Onyx)',
    },
    {
      distribution: 'Rocky',
      distribution_version: '9.3',
      distribution_major_version: '9',
      distribution_release: 'Blue Onyx',
      os_family: 'RedHat',
      pkg_mgr: 'dnf',
    },
    'dnf\nyum',
  ],
  [
    'CentOS 7',
    {
      '/etc/os-release': 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nVERSION_ID="7"',
      '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)',
    },
    {
      distribution: 'CentOS',
      distribution_version: '7.9',
      distribution_major_version: '7',
      distribution_release: 'Core',
      os_family: 'RedHat',
      pkg_mgr: 'yum',
    },
    'yum',
  ],
  [
    'CentOS Stream 9',
    {
      '/etc/os-release': 'NAME="CentOS Stream"\nVERSION="9"\nID="centos"\nVERSION_ID="9"',
      '/etc/centos-release': 'CentOS Stream release 9',
    },
    { distribution: 'CentOS', distribution_version: '9', distribution_release: 'Stream', os_family: 'RedHat' },
    'dnf',
  ],
  [
    'Alpine',
    { '/etc/os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1', '/etc/alpine-release': '3.19.1' },
    {
      distribution: 'Alpine',
      distribution_version: '3.19.1',
      distribution_major_version: '3',
      os_family: 'Alpine',
      pkg_mgr: 'apk',
    },
    'apk',
  ],
]

describe('facts', () => {
  for (const [title, files, expected, commands] of distributions) {
    it(`know ${title}`, () => expect(answer(files, { commands })).to.include(expected))
  }

  it('know the addresses', () => {
    const facts = answer(
      {
        '/sys/class/net/eth0/address': '02:00:c0:a8:01:97',
        '/sys/class/net/eth0/mtu': '1500',
        '/sys/class/net/eth0/type': '1',
        '/sys/class/net/eth0/operstate': 'up',
        '/sys/class/net/lo/address': '00:00:00:00:00:00',
        '/sys/class/net/lo/mtu': '65536',
        '/sys/class/net/lo/type': '772',
      },
      {
        route4: '8.8.8.8 via 192.168.1.1 dev eth0 src 192.168.1.26 uid 0 \n    cache ',
        addresses: [
          '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536',
          '    inet 127.0.0.1/8 scope host lo',
          '2: eth0@if4: <BROADCAST,UP,LOWER_UP> mtu 1500',
          '    link/ether 02:00:c0:a8:01:97 brd ff:ff:ff:ff:ff:ff',
          '    inet 192.168.1.26/24 brd 192.168.1.255 scope global eth0',
          '    inet 192.168.1.250/32 scope global eth0',
          '    inet 192.168.1.27/24 brd 192.168.1.255 scope global secondary eth0:1',
          '    inet6 fe80::c0ff:fea8:197/64 scope link ',
        ].join('\n'),
      },
    )
    expect(facts.default_ipv4).to.deep.equal({
      interface: 'eth0',
      address: '192.168.1.26',
      gateway: '192.168.1.1',
      broadcast: '192.168.1.255',
      netmask: '255.255.255.0',
      network: '192.168.1.0',
      prefix: '24',
      macaddress: '02:00:c0:a8:01:97',
      mtu: 1500,
      type: 'ether',
      alias: 'eth0',
    })
    expect(facts.all_ipv4_addresses).to.deep.equal(['192.168.1.26', '192.168.1.250', '192.168.1.27'])
    expect(facts.interfaces).to.include.members(['eth0', 'lo'])
    expect((facts.eth0 as unknown as { ipv4_secondaries: unknown[] }).ipv4_secondaries).to.have.length(2)
  })

  const machines: [string, Record<string, string>, Record<string, string>, [string, string]][] = [
    [
      'a container of systemd, seen by root',
      { '/run/systemd/container': 'systemd-nspawn' },
      { initenv: 'container=systemd-nspawn' },
      ['container', 'guest'],
    ],
    ['the same, seen by a user', { '/run/systemd/container': 'systemd-nspawn' }, {}, ['systemd-nspawn', 'guest']],
    ['docker', {}, { marks: '/.dockerenv' }, ['docker', 'guest']],
    ['podman', {}, { initenv: 'container=podman' }, ['podman', 'guest']],
    ['lxc', {}, { initenv: 'container=lxc' }, ['lxc', 'guest']],
    ['qemu', { '/sys/devices/virtual/dmi/id/sys_vendor': 'QEMU' }, {}, ['kvm', 'guest']],
    ['vmware', { '/sys/devices/virtual/dmi/id/product_name': 'VMware7,1' }, {}, ['VMware', 'guest']],
    ['a host of machines', {}, { modules: 'kvm 1 2', marks: '/dev/kvm' }, ['kvm', 'host']],
    ['bare metal', {}, {}, ['NA', 'NA']],
  ]
  for (const [title, files, sections, [type, role]] of machines) {
    it(`know ${title}`, () =>
      expect(answer(files, sections)).to.include({ virtualization_type: type, virtualization_role: role }))
  }

  it('know processors with several threads', () => {
    const one = (number: number, core: number) =>
      `processor\t: ${number}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: 0\nsiblings\t: 4\ncore id\t\t: ${core}\ncpu cores\t: 2`
    const facts = answer({}, { cpu: [one(0, 0), one(1, 1), one(2, 0), one(3, 1)].join('\n'), nproc: '4' })
    expect(facts).to.include({
      processor_count: 1,
      processor_cores: 2,
      processor_threads_per_core: 2,
      processor_vcpus: 4,
      processor_nproc: 4,
    })
  })

  it('know the environment that commands see, without what the connection sets for itself', () => {
    const given = ['LC_ALL=C', 'TERM=dumb', 'OLDPWD=/root', 'PATH=/bin:/sbin', 'A=1\n2', 'B=task']
    const login = ['TERM=xterm', 'PATH=/bin', 'A=1\n2', 'LANGUAGE=de']
    const env = [...given, 'login', ...login].join('\0')
    expect(answer({}, { env }).env).to.deep.equal({
      TERM: 'xterm',
      PATH: '/bin',
      A: '1\n2',
      B: 'task',
      LANGUAGE: 'de\n',
    })
  })

  it('know of the machine what holds colons and slashes', () => {
    const id = '/sys/devices/virtual/dmi/id'
    const facts = answer({ [`${id}/bios_date`]: '04/01/2014', [`${id}/product_name`]: 'PC: i440FX/PIIX' })
    expect(facts).to.include({ bios_date: '04/01/2014', product_name: 'PC: i440FX/PIIX' })
  })

  it('know SELinux', () => {
    const files = {
      '/sys/fs/selinux/enforce': '1',
      '/sys/fs/selinux/policyvers': '33',
      '/etc/selinux/config': 'SELINUX=enforcing\nSELINUXTYPE=targeted',
    }
    expect(answer(files, { marks: '/sys/fs/selinux/enforce' }).selinux).to.deep.equal({
      status: 'enabled',
      mode: 'enforcing',
      config_mode: 'enforcing',
      type: 'targeted',
      policyvers: 33,
    })
    expect(answer({}).selinux).to.deep.equal({ status: 'disabled' })
  })

  it('know mounts, and which are binds', () => {
    const facts = answer(
      {
        '/proc/self/mounts':
          '/dev/vda / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n/dev/vda /srv/a\\040b ext4 rw 0 0',
        '/proc/self/mountinfo':
          '1 0 254:0 / / rw - ext4 /dev/vda rw\n2 1 254:0 /data /srv/a\\040b rw - ext4 /dev/vda rw',
      },
      { space: '4096 4096 1000 500 400 100 50 /\n4096 4096 1000 500 400 100 50 /srv/a b' },
    ) as unknown as { mounts: Record<string, unknown>[] }
    expect(facts.mounts.map((mount) => [mount.mount, mount.options, mount.size_available])).to.deep.equal([
      ['/', 'rw,relatime', 1_638_400],
      ['/srv/a b', 'rw,bind', 1_638_400],
    ])
  })

  it("take the owner's own facts, JSON and ini", () => {
    const local =
      '\x1d/etc/ansible/facts.d/a.fact\n{"role": "etcd"}\n\x1d/etc/ansible/facts.d/b.fact\n[site]\nRoom = 12\n'
    expect(answer({}, { local }).local).to.deep.equal({ a: { role: 'etcd' }, b: { site: { room: '12' } } })
  })

  it('keep an environment whatever its values hold', () => {
    expect(answer({}, { env: 'A=1\n\x1earch\nfake\0B=x=y\0' }).env).to.include({ B: 'x=y' })
    expect(answer({}, { arch: 'x86_64', env: 'A=1\n\x1earch\nfake\0' }).architecture).to.equal('x86_64')
  })

  it('choose groups as gather_subset says', () => {
    expect(factGroupsOf(['all']).sort()).to.deep.equal(['hardware', 'min', 'network', 'virtual'])
    expect(factGroupsOf(['network']).sort()).to.deep.equal(['min', 'network'])
    expect(factGroupsOf(['!hardware']).sort()).to.deep.equal(['min', 'network', 'virtual'])
    expect(factGroupsOf(['!all'])).to.deep.equal(['min'])
    expect(factGroupsOf(['!all', 'virtual']).sort()).to.deep.equal(['min', 'virtual'])
    expect(() => factGroupsOf(['hardwere'])).to.throw('gather_subset has no subset "hardwere"')
  })

  for (const shell of [['sh'], ['bash'], ['busybox', 'sh']]) {
    const [command = '', ...words] = shell
    it(`are printed by ${shell.join(' ')}`, function () {
      if (spawnSync(command, [...words, '-c', ':']).error) this.skip()
      const { status, stdout } = spawnSync(command, [...words, '-c', factsScript(ALL, '/nonexistent')], {
        env: { ...process.env, LC_ALL: 'C' },
      })
      expect(status).to.equal(0)
      expect(factsOf(stdout, ALL)).to.deep.include({
        nodename: hostname(),
        kernel: release(),
        system: 'Linux',
        local: {},
      })
    })
  }
})
