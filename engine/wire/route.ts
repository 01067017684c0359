import { userInfo } from 'node:os'
import { Problem } from '../base/problem.ts'
import { expand } from './home-path.ts'
import type { Route } from './links.ts'
import type { ConnectSettings } from './settings.ts'
import type { SshOptions } from './ssh-arguments.ts'
import { readSshConfig } from './ssh-config.ts'
import type { Endpoint } from './ssh-link.ts'

const KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']
const GLOBAL_KNOWN_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']

/** `ssh -G` names the usual places too; they are tried anyway, and nobody misses the ones that are not there. */
const USUAL_KEY = /^~\/\.ssh\/id_(rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss)$/

/** The way to a host: its variables first, then the words for ssh, then the user's OpenSSH configuration, then defaults. */
export async function routeTo(settings: ConnectSettings): Promise<Route> {
  const said = settings.options
  const asked = { user: settings.user ?? said.user, port: settings.port ?? said.port }
  const config = await readSshConfig(settings.address, asked)
  const target = endpoint(settings.host, settings.address, settings, { ...config, ...said })
  const jump = said.jump ?? (said.proxyCommand === undefined ? config.jump : undefined)
  const proxyCommand = said.proxyCommand ?? (jump === undefined ? config.proxyCommand : undefined)
  return { target, jumps: await jumpsOf(jump, settings), ...(proxyCommand !== undefined && { proxyCommand }) }
}

/** `a,user@b:2222`, or none. Each is a name that the OpenSSH configuration may know. */
async function jumpsOf(text: string | undefined, settings: ConnectSettings): Promise<Endpoint[]> {
  if (text === undefined || text === '' || text === 'none') return []
  return Promise.all(
    text.split(',').map(async (word) => {
      const [, user, bracketed, plain, port] =
        /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:@[\]]+))(?::(\d+))?$/.exec(word.trim()) ?? []
      const alias = bracketed ?? plain
      if (!alias) {
        throw new Problem('inventory', `the jump host ${JSON.stringify(word)} of ${settings.host} cannot be read`, {
          host: settings.host,
          hint: 'Write [user@]host[:port], several with commas between.',
        })
      }
      const asked = { user, port: port ? Number(port) : undefined }
      const config = await readSshConfig(alias, asked)
      const { privateKeyFile, hostKeyChecking, timeout, passphrase, options } = settings
      const inherited: SshOptions = options.knownHostsFiles ? { knownHostsFiles: options.knownHostsFiles } : {}
      if (options.hostKeyChecking) inherited.hostKeyChecking = options.hostKeyChecking
      return endpoint(
        alias,
        alias,
        { ...asked, privateKeyFile, hostKeyChecking, timeout, passphrase },
        { ...config, ...inherited },
      )
    }),
  )
}

type Asked = Pick<
  ConnectSettings,
  'port' | 'user' | 'password' | 'privateKeyFile' | 'hostKeyChecking' | 'timeout' | 'passphrase'
>

function endpoint(host: string, alias: string, asked: Asked, options: SshOptions): Endpoint {
  const agent = options.agent ?? process.env.SSH_AUTH_SOCK
  return {
    host,
    address: options.hostName ?? alias,
    port: asked.port ?? options.port ?? 22,
    user: asked.user ?? options.user ?? userInfo().username,
    password: asked.password,
    keyFiles: [
      ...(asked.privateKeyFile === undefined ? [] : [asked.privateKeyFile]),
      ...(options.keyFiles ?? []).filter((file) => !USUAL_KEY.test(file)).map(expand),
    ],
    identitiesOnly: options.identitiesOnly,
    agent: agent ? expand(agent) : undefined,
    passphrase: asked.passphrase,
    hostKeyChecking: asked.hostKeyChecking ?? options.hostKeyChecking ?? 'strict',
    knownHostsFiles: [...(options.knownHostsFiles ?? KNOWN_HOSTS), ...GLOBAL_KNOWN_HOSTS].map(expand),
    hostKeyAlias: options.hostKeyAlias,
    timeout: asked.timeout ?? options.timeout ?? 10_000,
    keepalive: options.keepalive ?? 15_000,
    keepaliveCount: options.keepaliveCount ?? 3,
  }
}
