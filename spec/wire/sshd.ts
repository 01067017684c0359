import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** Real OpenSSH, where it is missing: only root can start it with a user's login, and root can install it. */
export function needSshd(): void {
  if (spawnSync('test', ['-x', '/usr/sbin/sshd']).status === 0) return
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-y', '--no-install-recommends']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['update', ...options.slice(0, 2)], { stdio: 'ignore', env })
  execFileSync('apt-get', ['install', ...options, 'openssh-server', 'openssh-client', 'sudo'], { stdio: 'ignore', env })
}

export interface Sshd {
  readonly port: number
  /** Its own folder: `client` is a key that may log in, `known_hosts` knows it. */
  readonly folder: string
  readonly log: () => string
  stop(): Promise<void>
}

/** A real sshd on a free port of 127.0.0.1, with keys of its own, for the user who runs the specs. */
export async function startSshd(
  config = '',
  hostKeyType: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519',
  /** Commands run first, in a mount namespace of its own, with $FOLDER: they may bind other users over this machine's. */
  prepare?: string,
): Promise<Sshd> {
  const folder = mkdtempSync('/tmp/tsplay-sshd-')
  const keygen = (type: string, file: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(folder, file)])
  keygen(hostKeyType, 'host')
  keygen('ed25519', 'client')
  const port = await freePort()
  const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`)
  writeFileSync(
    join(folder, 'sshd_config'),
    `${config}
ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host
PidFile ${folder}/pid
AuthorizedKeysFile ${folder}/client.pub
PermitRootLogin yes
StrictModes no
UsePAM no
PrintMotd no
`,
  )
  mkdirSync('/run/sshd', { recursive: true })
  const words = ['/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'sshd_config')]
  if (prepare) words.unshift('unshare', '--mount', 'sh', '-ec', `${prepare}\nexec "$@"`, 'sh')
  const child = spawn(words[0]!, words.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, FOLDER: folder },
  })
  let log = ''
  child.stderr.on('data', (part) => {
    log += part
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for (let tries = 0; !log.includes('Server listening'); tries += 1) {
    if (tries > 200 || child.exitCode !== null) throw new Error(`sshd does not start: ${log}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    port,
    folder,
    log: () => log,
    async stop() {
      // Its sessions are processes of their own; with the listener they end.
      spawnSync('pkill', ['-TERM', '-P', String(child.pid)])
      child.kill()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
