import { Problem } from '../base/problem.ts'
import type { HostKeyChecking } from './host-key.ts'

/** What OpenSSH's command line or configuration says, as far as it matters here. Unset means: nobody said. */
export interface SshOptions {
  hostName?: string
  port?: number
  user?: string
  keyFiles?: string[]
  identitiesOnly?: boolean
  agent?: string
  jump?: string
  proxyCommand?: string
  knownHostsFiles?: string[]
  hostKeyChecking?: HostKeyChecking
  hostKeyAlias?: string
  /** Milliseconds. */
  timeout?: number
  keepalive?: number
  keepaliveCount?: number
}

/** Options that change nothing here: about multiplexing (ours), display, or what we never do. */
const WITHOUT_EFFECT = new Set(
  `addressfamily addkeystoagent batchmode checkhostip ciphers compression connectionattempts controlmaster controlpath controlpersist
  forwardagent forwardx11 forwardx11trusted gssapiauthentication gssapidelegatecredentials hashknownhosts hostbasedauthentication
  kbdinteractiveauthentication kexalgorithms loglevel macs hostkeyalgorithms numberofpasswordprompts passwordauthentication
  preferredauthentications pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication requesttty sendenv setenv tcpkeepalive
  updatehostkeys visualhostkey ipqos exitonforwardfailure clearallforwardings stricthostkeychecking`.split(/\s+/),
)
const QUIET_FLAGS = /^-[46ACaqvTtXxYyKk]+$/

/** Reads ansible_ssh_common_args and the like. Throws inventory for what cannot be honoured. */
export function parseSshArguments(text: string, host: string): SshOptions {
  const words = splitWords(text, host)
  const found: SshOptions = {}
  const value = (word: string, flag: string): string => {
    const rest = word.length > 2 ? word.slice(2) : words.shift()
    if (rest === undefined) throw refuse(host, `ssh's ${flag} needs a value`)
    return rest
  }
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.startsWith('-o')) {
      const [, key, rest] = /^\s*([A-Za-z0-9]+)\s*[=\s]\s*([\s\S]*)$/.exec(value(word, '-o')) ?? []
      if (!key) throw refuse(host, `ssh's -o needs Key=value, not ${JSON.stringify(word)}`)
      setOption(found, key, rest ?? '', host)
    } else if (word.startsWith('-J')) found.jump ??= value(word, '-J')
    else if (word.startsWith('-i')) found.keyFiles = [...(found.keyFiles ?? []), value(word, '-i')]
    else if (word.startsWith('-p')) setOption(found, 'Port', value(word, '-p'), host)
    else if (word.startsWith('-l')) found.user ??= value(word, '-l')
    else if (!QUIET_FLAGS.test(word))
      throw refuse(host, `the ssh argument ${JSON.stringify(word)} is not one that tsplay knows`)
  }
  return found
}

/** One `Key value`; as in OpenSSH, the first that is said counts. Throws inventory for keys we do not know. */
export function setOption(found: SshOptions, key: string, value: string, host: string): void {
  const text = value.trim().replace(/^"(.*)"$/, '$1')
  switch (key.toLowerCase()) {
    case 'hostname':
      found.hostName ??= text
      return
    case 'port':
      found.port ??= number(text, key, host)
      return
    case 'user':
      found.user ??= text
      return
    case 'identityfile':
      found.keyFiles = [...(found.keyFiles ?? []), text]
      return
    case 'identitiesonly':
      found.identitiesOnly ??= text === 'yes'
      return
    case 'identityagent':
      if (text !== 'SSH_AUTH_SOCK') found.agent ??= text === 'none' ? '' : text
      return
    case 'proxyjump':
      found.jump ??= text
      return
    case 'proxycommand':
      if (text !== 'none') found.proxyCommand ??= text
      return
    case 'userknownhostsfile':
      found.knownHostsFiles ??= splitWords(text, host)
      return
    case 'globalknownhostsfile':
      return
    case 'stricthostkeychecking':
      found.hostKeyChecking ??= /^(no|off|false)$/.test(text) ? 'off' : text === 'accept-new' ? 'accept-new' : 'strict'
      return
    case 'hostkeyalias':
      found.hostKeyAlias ??= text
      return
    case 'connecttimeout':
      if (text !== 'none') found.timeout ??= number(text, key, host) * 1000
      return
    case 'serveraliveinterval':
      found.keepalive ??= number(text, key, host) * 1000
      return
    case 'serveralivecountmax':
      found.keepaliveCount ??= number(text, key, host)
      return
  }
  if (!WITHOUT_EFFECT.has(key.toLowerCase())) throw refuse(host, `the ssh option ${key} is not one that tsplay knows`)
}

/** Words as a shell would split them: quotes and backslashes, nothing else. */
function splitWords(text: string, host: string): string[] {
  const words: string[] = []
  let word: string | undefined
  const pattern = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)|([\s\S])/g
  for (const [piece, single, double, escaped, plain, broken] of text.matchAll(pattern)) {
    if (broken !== undefined) throw refuse(host, `a ${broken} is not closed in ${text}`)
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain
    if (part !== undefined) word = (word ?? '') + part
    else if (piece.trim() === '' && word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

function number(text: string, key: string, host: string): number {
  if (!/^\d+$/.test(text)) throw refuse(host, `the ssh option ${key} needs a number, not ${JSON.stringify(text)}`)
  return Number(text)
}

function refuse(host: string, what: string): Problem {
  return new Problem('inventory', `${what} (host ${host})`, {
    host,
    hint: 'Known are -i, -p, -l, -J and -o with ProxyJump, ProxyCommand, StrictHostKeyChecking, UserKnownHostsFile, IdentityFile, ConnectTimeout and their kind; see ansible_ssh_common_args.',
  })
}
