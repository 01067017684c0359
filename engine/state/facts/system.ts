import type { FactsAnswer } from './answer.ts'
import { assignments } from './distribution.ts'
import { ENTRY, LOGIN } from './script.ts'

/** Names of the host and its kernel. */
export function nameFacts(answer: FactsAnswer): Record<string, unknown> {
  const nodename = answer.value('/proc/sys/kernel/hostname') ?? ''
  const known = (answer.lines('name')[0] ?? '').trim().split(/\s+/).slice(1)
  const fqdn = known.find((name) => name.includes('.')) ?? known[0] ?? nodename
  const architecture = answer.lines('arch')[0] ?? ''
  return {
    system: answer.value('/proc/sys/kernel/ostype') ?? 'Linux',
    kernel: answer.value('/proc/sys/kernel/osrelease') ?? '',
    kernel_version: answer.value('/proc/sys/kernel/version') ?? '',
    machine: architecture,
    architecture: /^i[3-6]86$/.test(architecture) ? 'i386' : architecture,
    userspace_architecture: architecture,
    userspace_bits: /64|s390x/.test(architecture) ? '64' : '32',
    nodename,
    hostname: nodename.split('.')[0] ?? '',
    fqdn,
    domain: fqdn.split('.').slice(1).join('.'),
    machine_id: answer.value('/etc/machine-id') ?? answer.value('/var/lib/dbus/machine-id') ?? '',
  }
}

export function userFacts(answer: FactsAnswer): Record<string, unknown> {
  const [ids = '', entry = ''] = answer.lines('id')
  const uid = Number(/uid=(\d+)/.exec(ids)?.[1] ?? 0)
  const gid = Number(/gid=(\d+)/.exec(ids)?.[1] ?? 0)
  const fields = entry.split(':')
  return {
    user_id: /uid=\d+\(([^)]*)\)/.exec(ids)?.[1] ?? fields[0] ?? String(uid),
    user_uid: uid,
    user_gid: gid,
    user_gecos: fields[4] ?? '',
    user_dir: fields[5] ?? '',
    user_shell: fields[6] ?? '',
    real_user_id: uid,
    real_group_id: gid,
    effective_user_id: uid,
    effective_group_id: gid,
  }
}

export function dateFacts(answer: FactsAnswer): Record<string, unknown> {
  const [local = '', utc = ''] = answer.lines('date')
  const [
    year = '',
    month = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    epoch = '',
    weekday = '',
    number = '',
    week = '',
    zone = '',
    offset = '',
    nano = '',
  ] = local.split(' ')
  // busybox prints no nanoseconds
  const micro = /^\d{9}$/.test(nano) ? nano.slice(0, 6) : '000000'
  return {
    date_time: {
      year,
      month,
      day,
      hour,
      minute,
      second,
      epoch,
      epoch_int: epoch,
      weekday,
      weekday_number: number,
      weeknumber: week,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      tz: zone,
      tz_dst: zone,
      tz_offset: offset,
      iso8601: `${utc}Z`,
      iso8601_micro: `${utc}.${micro}Z`,
      iso8601_basic: `${year}${month}${day}T${hour}${minute}${second}${micro}`,
      iso8601_basic_short: `${year}${month}${day}T${hour}${minute}${second}`,
    },
  }
}

/** SELinux as the kernel and /etc/selinux/config have it. */
export function selinuxFacts(answer: FactsAnswer): Record<string, unknown> {
  if (!answer.has('/sys/fs/selinux/enforce')) return { selinux: { status: 'disabled' } }
  const config = assignments(answer.file('/etc/selinux/config'))
  const mode = answer.value('/sys/fs/selinux/enforce') === '1' ? 'enforcing' : 'permissive'
  return {
    selinux: {
      status: 'enabled',
      mode,
      config_mode: config.SELINUX ?? 'unknown',
      type: config.SELINUXTYPE ?? 'unknown',
      policyvers: Number(answer.value('/sys/fs/selinux/policyvers') ?? 0) || 'unknown',
    },
  }
}

const INITS: Record<string, string> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
}

export function serviceManager(answer: FactsAnswer): string {
  const first = (answer.value('/proc/1/comm') ?? '').split('/').at(-1) ?? ''
  // `init` may be anything; a shell is a container's.
  if (first !== '' && first !== 'init' && !first.endsWith('sh')) return INITS[first] ?? first
  if (answer.command('systemctl') && answer.has('/run/systemd/system/')) return 'systemd'
  if (answer.command('initctl') && answer.has('/etc/init/')) return 'upstart'
  if (answer.has('/sbin/openrc')) return 'openrc'
  if (answer.command('systemctl') && answer.lines('init')[0]?.endsWith('systemd')) return 'systemd'
  return answer.has('/etc/init.d/') ? 'sysvinit' : 'service'
}

export function kernelFacts(answer: FactsAnswer): Record<string, unknown> {
  const words = answer.value('/proc/cmdline')?.split(/\s+/) ?? []
  const cmdline: Record<string, string | true> = {}
  const proc: Record<string, string | true | string[]> = {}
  for (const word of words) {
    const at = word.indexOf('=')
    const [name, value] = at < 0 ? [word, true as const] : [word.slice(0, at), word.slice(at + 1)]
    cmdline[name] = value
    const known = proc[name]
    proc[name] =
      known === undefined || value === true || known === true
        ? value
        : [...(Array.isArray(known) ? known : [known]), value]
  }
  const [one = '0', five = '0', fifteen = '0'] = answer.value('/proc/loadavg')?.split(' ') ?? []
  return {
    cmdline,
    proc_cmdline: proc,
    loadavg: { '1m': Number(one), '5m': Number(five), '15m': Number(fifteen) },
    fips: answer.value('/proc/sys/crypto/fips_enabled') === '1',
    apparmor: { status: answer.has('/sys/kernel/security/apparmor') ? 'enabled' : 'disabled' },
  }
}

export function dnsFacts(answer: FactsAnswer): Record<string, unknown> {
  const dns: Record<string, unknown> = {}
  for (const line of answer.file('/etc/resolv.conf')) {
    const [word, ...rest] = line.trim().split(/\s+/)
    if (word === 'nameserver') dns.nameservers = [...((dns.nameservers as string[]) ?? []), ...rest.slice(0, 1)]
    else if (word === 'domain') dns.domain = rest[0] ?? ''
    else if (word === 'search' || word === 'sortlist') dns[word] = rest
    else if (word === 'options')
      dns.options = Object.fromEntries(rest.map((option) => [option.split(':')[0]!, option.split(':')[1] ?? true]))
  }
  return { dns }
}

export function hostKeyFacts(answer: FactsAnswer): Record<string, unknown> {
  const facts: Record<string, unknown> = {}
  for (const path of answer.paths('/etc/ssh/ssh_host_')) {
    const name = /ssh_host_(\w+)_key\.pub$/.exec(path)?.[1]
    const [type, key] = answer.value(path)?.split(' ') ?? []
    if (name && key)
      Object.assign(facts, { [`ssh_host_key_${name}_public`]: key, [`ssh_host_key_${name}_public_keytype`]: type })
  }
  return facts
}

/** The environment that commands see, but for what the connection's shell sets for itself. */
export function environmentFacts(answer: FactsAnswer): Record<string, unknown> {
  const entries = answer.section('env').split('\0')
  const between = entries.indexOf(LOGIN)
  const env = variables(between < 0 ? entries : entries.slice(0, between))
  const login = variables(between < 0 ? [] : entries.slice(between + 1))
  const ours: Record<string, (value: string | undefined) => boolean> = {
    LC_ALL: (value) => value === 'C',
    TERM: (value) => value === 'dumb',
    LANGUAGE: (value) => value === undefined,
    OLDPWD: () => true,
    PATH: (value) => login.PATH !== undefined && value?.startsWith(`${login.PATH}:`) === true,
  }
  for (const [name, isOurs] of Object.entries(ours)) {
    if (!isOurs(env[name])) continue
    delete env[name]
    if (login[name] !== undefined) env[name] = login[name]
  }
  return { env }
}

function variables(entries: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const entry of entries) {
    const at = entry.indexOf('=')
    if (at > 0) found[entry.slice(0, at)] = entry.slice(at + 1)
  }
  return found
}

/** Facts that the host's owner keeps in facts.d: JSON, or `[section]` with key=value lines. */
export function localFacts(answer: FactsAnswer): Record<string, unknown> {
  const local: Record<string, unknown> = {}
  for (const part of answer.section('local').split(ENTRY).slice(1)) {
    const end = part.indexOf('\n')
    const name = part
      .slice(0, end)
      .split('/')
      .at(-1)!
      .replace(/\.fact$/, '')
    local[name] = factFile(part.slice(end + 1))
  }
  return { local }
}

function factFile(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const sections: Record<string, Record<string, string>> = {}
    let current: Record<string, string> | undefined
    for (const line of text.split('\n')) {
      const head = /^\s*\[([^\]]+)\]\s*$/.exec(line)
      if (head) current = sections[head[1]!] = {}
      const pair = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line)
      if (!head && pair && current) current[pair[1]!.toLowerCase()] = pair[2]!
    }
    return Object.keys(sections).length > 0 ? sections : 'error loading facts as JSON or ini - please check content'
  }
}
