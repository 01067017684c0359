import { quote } from '../../wire/quote.ts'

/** The groups of facts that `gather_subset` names; `min` is always gathered, unless `!min`. */
export const factGroups = ['min', 'hardware', 'network', 'virtual'] as const
export type FactGroup = (typeof factGroups)[number]

/** Starts a section of the answer; no output holds this character by chance. */
export const SECTION = '\x1e'
const ENTRY = '\x1d'

/** Stands between the two environments, as an entry that has no value. */
export const LOGIN = 'login'

export { ENTRY }

const FILES: Record<FactGroup, string> = {
  min: [
    '/proc/sys/kernel/ostype /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/sys/kernel/version',
    '/etc/os-release /usr/lib/os-release /etc/debian_version /etc/lsb-release /etc/redhat-release /etc/centos-release /etc/oracle-release',
    '/etc/alpine-release /etc/machine-id /var/lib/dbus/machine-id /proc/1/comm /proc/cmdline /proc/loadavg',
    '/proc/sys/crypto/fips_enabled /sys/fs/selinux/enforce /sys/fs/selinux/policyvers /etc/selinux/config /etc/resolv.conf',
    '/etc/ssh/ssh_host_*_key.pub',
  ].join(' '),
  hardware: '/proc/meminfo /proc/uptime /proc/self/mounts /proc/self/mountinfo /sys/devices/virtual/dmi/id/[bcps]*',
  network: [
    '/sys/class/net/*/address /sys/class/net/*/mtu /sys/class/net/*/operstate /sys/class/net/*/type /sys/class/net/*/flags',
    '/sys/class/net/*/speed /sys/class/net/*/bridge/bridge_id /sys/class/net/*/bridge/stp_state /sys/class/net/*/bonding/slaves',
    '/sys/class/net/*/bonding/mode /sys/class/net/*/bonding/miimon /sys/class/net/*/bonding/lacp_rate /sys/class/net/*/bonding/primary',
  ].join(' '),
  virtual:
    '/proc/1/cgroup /run/systemd/container /proc/xen/capabilities /sys/devices/virtual/dmi/id/[bps]* /proc/self/status',
}

const MARKS =
  '/.dockerenv /.dockerinit /run/.containerenv /proc/vz /proc/lve /proc/bc /proc/xen /dev/kvm /run/systemd/system/ /sbin/openrc /etc/init.d/ /etc/init/ /sys/kernel/security/apparmor /sys/fs/selinux/enforce /run/ostree-booted'
const COMMANDS =
  'systemctl initctl lsb_release apt-get dnf5 dnf yum zypper apk pacman rpm dpkg-query emerge opkg xbps-install swupd microdnf rpm-ostree selinuxenabled'

const MIN = `s arch; uname -m
s id; id; u=$(id -u); if command -v getent >/dev/null 2>&1; then getent passwd "$u"; else grep "^[^:]*:[^:]*:$u:" /etc/passwd; fi
s name; read -r h </proc/sys/kernel/hostname; if command -v getent >/dev/null 2>&1; then getent hosts "$h"; else n=$(hostname -f 2>/dev/null) && echo "- $n"; fi
s date; date '+%Y %m %d %H %M %S %s %A %w %W %Z %z %N'; date -u '+%Y-%m-%dT%H:%M:%S'
s marks; for m in ${MARKS}; do [ -e "$m" ] && echo "$m"; done
s commands; for c in ${COMMANDS}; do command -v "$c" >/dev/null 2>&1 && echo "$c"; done
s init; [ -L /sbin/init ] && readlink /sbin/init`

const CPU = `s cpu; grep -E '^(processor|Processor|vendor_id|model name|Vendor|cpu|physical id|core id|siblings|cpu cores|# processors|ncpus active)[[:space:]]*:' /proc/cpuinfo`

const HARDWARE = `s nproc; nproc
s space; set --; while read -r d m t r; do case $d in /*|*:/*) set -- "$@" "$(printf '%b' "$m")";; esac; done </proc/self/mounts
[ $# -gt 0 ] && { t=; command -v timeout >/dev/null 2>&1 && t='timeout 10'; $t stat -f -c '%S %s %b %f %a %c %d %n' -- "$@"; }
s uuids; ls -l /dev/disk/by-uuid`

const NETWORK = `s route4; ip -4 route get 8.8.8.8
s route6; ip -6 route get 2404:6800:400a:800::1012
s addresses; ip addr show
s brif; for b in /sys/class/net/*/brif/*; do [ -e "$b" ] && echo "$b"; done
s netmodule; for d in /sys/class/net/*/device; do [ -e "$d" ] && echo "$d $(readlink "$d") $(readlink "$d/driver/module")"; done`

const VIRTUAL = `s modules; grep -E '^(kvm|vboxdrv|virtio) ' /proc/modules
s initenv; tr '\\000' '\\n' </proc/1/environ | grep '^container='`

/** One piece of shell that prints everything; it reads only, and starts some twenty processes. */
export function factsScript(groups: ReadonlySet<FactGroup>, localFacts: string): string {
  const files = factGroups.filter((group) => groups.has(group)).map((group) => FILES[group])
  return [
    `exec 2>/dev/null; s() { printf '\\036%s\\n' "$1"; }`,
    `s files; grep -sH '' ${files.join(' ')}`,
    MIN,
    ...(groups.has('hardware') || groups.has('virtual') ? [CPU] : []),
    ...(groups.has('hardware') ? [HARDWARE] : []),
    ...(groups.has('network') ? [NETWORK] : []),
    ...(groups.has('virtual') ? [VIRTUAL] : []),
    `s local; for f in ${quote(localFacts)}/*.fact; do [ -f "$f" ] || continue; printf '\\035%s\\n' "$f"; if [ -x "$f" ]; then "$f"; else cat -- "$f"; fi; done`,
    // Last, and raw: values may hold line ends. The shell's own beginning is what the login gave it.
    `s env; cat /proc/self/environ; printf '\\000${LOGIN}\\000'; cat /proc/$$/environ; :`,
  ].join('\n')
}
