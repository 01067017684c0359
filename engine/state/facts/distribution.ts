import type { FactsAnswer } from './answer.ts'

/** os_family by distribution, as Ansible groups them; a distribution that is not here is its own family. */
const FAMILIES: Record<string, readonly string[]> = {
  RedHat: [
    'RedHat',
    'RHEL',
    'Fedora',
    'CentOS',
    'Scientific',
    'SLC',
    'Ascendos',
    'CloudLinux',
    'PSBM',
    'OracleLinux',
    'OVS',
    'OEL',
    'Amazon',
    'Amzn',
    'Virtuozzo',
    'XenServer',
    'Alibaba',
    'EulerOS',
    'openEuler',
    'AlmaLinux',
    'Rocky',
    'TencentOS',
    'EuroLinux',
    'Kylin Linux Advanced Server',
    'MIRACLE',
  ],
  Debian: [
    'Debian',
    'Ubuntu',
    'Raspbian',
    'Neon',
    'KDE neon',
    'Linux Mint',
    'SteamOS',
    'Devuan',
    'Kali',
    'Cumulus Linux',
    'Pop!_OS',
    'Parrot',
    'Pardus GNU/Linux',
    'Uos',
    'Deepin',
    'OSMC',
  ],
  Suse: [
    'SuSE',
    'SLES',
    'SLED',
    'openSUSE',
    'openSUSE Tumbleweed',
    'SLES_SAP',
    'SUSE_LINUX',
    'openSUSE Leap',
    'ALP-Dolomite',
    'SL-Micro',
    'openSUSE MicroOS',
  ],
  Archlinux: ['Archlinux', 'Antergos', 'Manjaro'],
  Mandrake: ['Mandrake', 'Mandriva'],
  Gentoo: ['Gentoo', 'Funtoo'],
  Alpine: ['Alpine'],
  Altlinux: ['Altlinux'],
  ClearLinux: ['Clear Linux OS', 'Clear Linux Mix'],
}

/** Distribution names by os-release's ID, where they are not the ID with a capital. */
const NAMES: Record<string, string> = {
  rhel: 'RedHat',
  centos: 'CentOS',
  rocky: 'Rocky',
  almalinux: 'AlmaLinux',
  ol: 'OracleLinux',
  fedora: 'Fedora',
  amzn: 'Amazon',
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  raspbian: 'Raspbian',
  linuxmint: 'Linux Mint',
  kali: 'Kali',
  devuan: 'Devuan',
  arch: 'Archlinux',
  manjaro: 'Manjaro',
  alpine: 'Alpine',
  'opensuse-leap': 'openSUSE Leap',
  'opensuse-tumbleweed': 'openSUSE Tumbleweed',
  sles: 'SLES',
  sled: 'SLED',
  gentoo: 'Gentoo',
  openwrt: 'OpenWrt',
  openEuler: 'openEuler',
  eurolinux: 'EuroLinux',
  virtuozzo: 'Virtuozzo',
  cloudlinux: 'CloudLinux',
  scientific: 'Scientific',
  pop: 'Pop!_OS',
  flatcar: 'Flatcar',
  'clear-linux-os': 'Clear Linux OS',
  miraclelinux: 'MIRACLE',
  altlinux: 'Altlinux',
}

/** NAME=value lines, quotes taken off. */
export function assignments(lines: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {}
  for (const line of lines) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line)
    if (match)
      values[match[1]!] = match[2]!
        .trim()
        .replace(/^(['"])(.*)\1$/, '$2')
        .replace(/\\([$`"\\])/g, '$1')
  }
  return values
}

export function distributionFacts(answer: FactsAnswer): Record<string, unknown> {
  const path = answer.file('/etc/os-release').length > 0 ? '/etc/os-release' : '/usr/lib/os-release'
  const release = assignments(answer.file(path))
  const id = release.ID ?? ''
  const distribution = NAMES[id] ?? (id === '' ? 'NA' : id[0]!.toUpperCase() + id.slice(1))
  const version = versionOf(distribution, release, answer)
  const [major = 'NA', point] = version.split('.')
  const minor = distribution === 'Debian' ? /\d+\.(\d+)/.exec(answer.value('/etc/debian_version') ?? '')?.[1] : point
  const family = Object.keys(FAMILIES).find((name) => FAMILIES[name]!.includes(distribution)) ?? distribution
  return {
    distribution,
    distribution_version: version,
    distribution_release: /^CentOS Stream/.test(answer.value('/etc/centos-release') ?? '')
      ? 'Stream'
      : codename(release),
    distribution_major_version: major,
    ...(minor === undefined ? {} : { distribution_minor_version: minor }),
    distribution_file_path: family === 'RedHat' && answer.value('/etc/redhat-release') ? '/etc/redhat-release' : path,
    distribution_file_variety:
      family === 'RedHat' && distribution !== 'Amazon' && distribution !== 'OracleLinux'
        ? distribution === 'CentOS'
          ? 'CentOS'
          : 'RedHat'
        : family,
    distribution_file_parsed: true,
    os_family: family,
  }
}

function versionOf(distribution: string, release: Record<string, string>, answer: FactsAnswer): string {
  const plain = release.VERSION_ID ?? (distribution === 'Archlinux' ? 'rolling' : 'NA')
  if (distribution === 'Debian' || distribution === 'Raspbian' || distribution === 'Devuan') {
    // Ansible sees the point release only through lsb_release. Testing writes `trixie/sid` there.
    const point = answer.command('lsb_release') ? answer.value('/etc/debian_version') : undefined
    return point && /^\d+(\.\d+)+$/.test(point) ? point : plain
  }
  if (distribution === 'Alpine') return answer.value('/etc/alpine-release') ?? plain
  // CentOS and its like give only the major version in os-release.
  if (/^\d+$/.test(plain)) {
    const full = /release (\d+(?:\.\d+)+)/.exec(
      answer.value('/etc/centos-release') ?? answer.value('/etc/redhat-release') ?? '',
    )?.[1]
    if (full) return full.split('.').slice(0, 2).join('.')
  }
  return plain
}

function codename(release: Record<string, string>): string {
  return release.VERSION_CODENAME ?? release.UBUNTU_CODENAME ?? /\(([^)]+)\)/.exec(release.VERSION ?? '')?.[1] ?? 'NA'
}

/** As `lsb_release -a` says it, where there is such a thing; else what /etc/lsb-release says. */
export function lsbFacts(answer: FactsAnswer): Record<string, string> {
  const lsb = assignments(answer.file('/etc/lsb-release'))
  const os = assignments(answer.file('/etc/os-release'))
  if (lsb.DISTRIB_ID === undefined && !answer.command('lsb_release')) return {}
  const release = lsb.DISTRIB_RELEASE ?? os.VERSION_ID ?? 'n/a'
  return {
    id: lsb.DISTRIB_ID ?? (os.NAME ?? 'n/a').split(' ')[0]!,
    release,
    codename: lsb.DISTRIB_CODENAME ?? os.VERSION_CODENAME ?? 'n/a',
    description: lsb.DISTRIB_DESCRIPTION ?? os.PRETTY_NAME ?? 'n/a',
    major_release: release.split('.')[0]!,
  }
}

const MANAGERS: readonly [command: string, name: string][] = [
  ['apt-get', 'apt'],
  ['dnf5', 'dnf5'],
  ['dnf', 'dnf'],
  ['yum', 'yum'],
  ['microdnf', 'dnf'],
  ['zypper', 'zypper'],
  ['apk', 'apk'],
  ['pacman', 'pacman'],
  ['emerge', 'portage'],
  ['opkg', 'opkg'],
  ['xbps-install', 'xbps'],
  ['swupd', 'swupd'],
]

/** The package manager: that of the family where several are installed (dnf on Debian is a tool, not its manager). */
export function packageManager(answer: FactsAnswer, family: string): string {
  if (answer.has('/run/ostree-booted') && answer.command('rpm-ostree')) return 'atomic_container'
  if (family === 'RedHat') {
    const own = ['dnf5', 'dnf', 'yum', 'microdnf'].find((name) => answer.command(name))
    if (own) return own === 'microdnf' ? 'dnf' : own
  }
  return MANAGERS.find(([command]) => answer.command(command))?.[1] ?? 'unknown'
}
