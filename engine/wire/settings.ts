import { Problem } from '../base/problem.ts'
import type { Become, Connection } from './connection.ts'
import { expand } from './home-path.ts'
import type { HostKeyChecking } from './host-key.ts'
import { Links } from './links.ts'
import { LocalConnection } from './local.ts'
import type { Passphrase } from './private-key.ts'
import { routeTo } from './route.ts'
import { SshConnection } from './ssh.ts'
import { parseSshArguments, type SshOptions } from './ssh-arguments.ts'

/** How to connect to one host. What is not set is taken from the user's OpenSSH configuration, then from the defaults. */
export interface ConnectSettings {
  /** The inventory's name. */
  readonly host: string
  readonly address: string
  readonly connection: 'ssh' | 'local'
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly privateKeyFile?: string | undefined
  readonly hostKeyChecking?: HostKeyChecking | undefined
  /** Milliseconds to connect and log in; 10 s when nobody says. */
  readonly timeout?: number | undefined
  /** What ansible_ssh_common_args and ansible_ssh_extra_args say. */
  readonly options: SshOptions
  /** Asked once for each encrypted key file. */
  readonly passphrase?: Passphrase | undefined
}

/** What the command line says; a host's variables win over it, as in Ansible. */
export interface ConnectDefaults {
  readonly connection?: 'ssh' | 'local' | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly privateKeyFile?: string | undefined
  readonly hostKeyChecking?: HostKeyChecking | undefined
  readonly timeout?: number | undefined
  readonly passphrase?: Passphrase | undefined
}

/** A host's variables by name; undefined when not set. Templates are already filled in. */
export type Lookup = (name: string) => unknown

/** Ansible's connection variables of a host. Throws inventory for values that cannot be used. */
export function settingsFrom(host: string, look: Lookup, defaults: ConnectDefaults = {}): ConnectSettings {
  const text = (...names: string[]) => textOf(look, host, names)
  const common = [text('ansible_ssh_common_args'), text('ansible_ssh_extra_args'), text('ansible_ssh_args')]
    .filter(Boolean)
    .join(' ')
  const keyFile = text('ansible_ssh_private_key_file', 'ansible_private_key_file') ?? defaults.privateKeyFile
  const timeout = numberOf(look, host, ['ansible_ssh_timeout', 'ansible_timeout', 'ansible_connection_timeout'])
  return {
    host,
    address: text('ansible_host', 'ansible_ssh_host') ?? host,
    connection: connectionOf(host, text('ansible_connection') ?? defaults.connection),
    port: numberOf(look, host, ['ansible_port', 'ansible_ssh_port']),
    user: text('ansible_user', 'ansible_ssh_user') ?? defaults.user,
    password: text('ansible_password', 'ansible_ssh_password', 'ansible_ssh_pass') ?? defaults.password,
    privateKeyFile: keyFile === undefined ? undefined : expand(keyFile),
    hostKeyChecking: checkingOf(look, host) ?? defaults.hostKeyChecking,
    timeout: timeout === undefined ? defaults.timeout : timeout * 1000,
    options: parseSshArguments(common, host),
    passphrase: defaults.passphrase,
  }
}

/** A connection, not yet open. `links` shares jump hosts and limits between hosts. */
export function connect(settings: ConnectSettings, links: Links = new Links()): Connection {
  if (settings.connection === 'local') return new LocalConnection(settings.host)
  return new SshConnection(settings.host, () => routeTo(settings), links)
}

export interface BecomeDefaults {
  readonly method?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly flags?: string | undefined
}

/**
 * Who to become on a host. A host's ansible_become_* win over the keywords of the play or task (`keywords`), as in
 * Ansible; `ansible_become: false` on a host is asked by the caller. Throws inventory for a method we do not have.
 */
export function becomeFrom(host: string, look: Lookup, keywords: BecomeDefaults = {}): Become {
  const text = (...names: string[]) => textOf(look, host, names)
  const method = text('ansible_become_method') ?? keywords.method ?? 'sudo'
  if (method !== 'sudo' && method !== 'su') {
    throw new Problem('inventory', `become_method ${method} is not one that tsplay has (host ${host})`, {
      host,
      hint: 'Use sudo or su.',
    })
  }
  return {
    method,
    user: text(`ansible_${method}_user`, 'ansible_become_user') ?? keywords.user ?? 'root',
    password:
      text(`ansible_${method}_pass`, `ansible_${method}_password`, 'ansible_become_password', 'ansible_become_pass') ??
      keywords.password,
    flags: text(`ansible_${method}_flags`, 'ansible_become_flags') ?? keywords.flags,
  }
}

function textOf(look: Lookup, host: string, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = look(name)
    if (value === undefined || value === null || value === '') continue
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    throw new Problem('inventory', `${name} of ${host} must be a text`, {
      host,
      hint: `Write it in quotes: ${name}: "..."`,
    })
  }
  return undefined
}

function numberOf(look: Lookup, host: string, names: readonly string[]): number | undefined {
  const text = textOf(look, host, names)
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw new Problem('inventory', `${names[0]} of ${host} must be a number, not ${JSON.stringify(text)}`, {
    host,
    hint: 'Correct it in the inventory.',
  })
}

function connectionOf(host: string, name: string | undefined): 'ssh' | 'local' {
  if (name === 'local') return 'local'
  if (name === undefined || ['ssh', 'smart', 'paramiko', 'paramiko_ssh'].includes(name)) return 'ssh'
  throw new Problem('inventory', `ansible_connection ${name} of ${host} is not one that tsplay has`, {
    host,
    hint: 'Use ssh or local.',
  })
}

function checkingOf(look: Lookup, host: string): HostKeyChecking | undefined {
  for (const name of ['ansible_ssh_host_key_checking', 'ansible_host_key_checking']) {
    const value = look(name)
    if (value === undefined || value === null || value === '') continue
    const word = String(value).toLowerCase()
    if (['true', 'yes', 'on', '1', 'strict'].includes(word)) return 'strict'
    if (['false', 'no', 'off', '0'].includes(word)) return 'off'
    if (word === 'accept-new') return 'accept-new'
    throw new Problem('inventory', `${name} of ${host} must be true, false or accept-new, not ${word}`, {
      host,
      hint: 'Correct it in the inventory.',
    })
  }
  return undefined
}
