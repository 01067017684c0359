import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

/** etcd and etcdctl: Debian's, unpacked from their packages and kept; installed ones where there are any. */
export function etcdPrograms(): { etcd: string; etcdctl: string } {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsplay', 'etcd')
  if (!existsSync(cache)) {
    const draft = mkdtempSync(join(tmpdir(), 'tsplay-etcd-'))
    try {
      execFileSync('apt-get', ['download', 'etcd-server', 'etcd-client'], { cwd: draft, stdio: 'pipe' })
      for (const deb of readdirSync(draft)) execFileSync('dpkg-deb', ['-x', join(draft, deb), join(draft, 'root')])
      mkdirSync(join(cache, '..'), { recursive: true })
      execFileSync('cp', ['-a', join(draft, 'root', 'usr', 'bin'), `${cache}.${process.pid}`])
      renameSync(`${cache}.${process.pid}`, cache)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  }
  return { etcd: join(cache, 'etcd'), etcdctl: join(cache, 'etcdctl') }
}

export interface MemberOptions {
  readonly name: string
  readonly clientPort: number
  readonly peerPort: number
  /** Of one that joins a running cluster: all its members, as `name=URL,…`. */
  readonly joins?: string
}

export interface ClusterFiles {
  /** The folder that holds ca.crt, server.crt and server.key. */
  readonly pki: string
  readonly data: string
}

/** A real etcd cluster with TLS on free ports of the loopback. */
export class EtcdCluster {
  readonly members: MemberOptions[]
  readonly endpoints: string[]
  readonly #files: ClusterFiles
  readonly #etcd: string
  readonly #more: readonly string[]
  readonly #running = new Map<string, ChildProcess>()

  constructor(etcd: string, members: MemberOptions[], files: ClusterFiles, more: readonly string[] = []) {
    this.#etcd = etcd
    this.members = members
    this.endpoints = members.map(({ clientPort }) => `https://127.0.0.1:${clientPort}`)
    this.#files = files
    this.#more = more
  }

  start(): void {
    for (const { name } of this.members) this.startOne(name)
  }

  startOne(name: string): void {
    const { clientPort, peerPort, joins } = this.members.find((member) => member.name === name)!
    const { pki, data } = this.#files
    const peer = `https://127.0.0.1:${peerPort}`
    const client = `https://127.0.0.1:${clientPort}`
    const [ca, cert, key] = ['ca.crt', 'server.crt', 'server.key'].map((file) => join(pki, file))
    const child = spawn(
      this.#etcd,
      [
        ...['--name', name, '--data-dir', join(data, name), '--logger', 'zap'],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...[
          '--initial-cluster',
          joins ?? this.members.map((one) => `${one.name}=https://127.0.0.1:${one.peerPort}`).join(','),
        ],
        ...(joins === undefined ? [] : ['--initial-cluster-state', 'existing']),
        ...['--client-cert-auth', '--trusted-ca-file', ca!, '--cert-file', cert!, '--key-file', key!],
        ...[
          '--peer-client-cert-auth',
          '--peer-trusted-ca-file',
          ca!,
          '--peer-cert-file',
          cert!,
          '--peer-key-file',
          key!,
        ],
        ...['--heartbeat-interval', '100', '--election-timeout', '1000'],
        ...this.#more,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] } },
    )
    child.stderr!.pipe(createWriteStream(join(data, `${name}.log`), { flags: 'a' }))
    this.#running.set(name, child)
  }

  /** Starts one more member, which the cluster knows already. */
  join(member: MemberOptions): void {
    this.members.push(member)
    this.endpoints.push(`https://127.0.0.1:${member.clientPort}`)
    this.startOne(member.name)
  }

  /** Ends a member at once, as a power cut would. */
  async kill(name: string): Promise<void> {
    const child = this.#running.get(name)
    if (!child) return
    this.#running.delete(name)
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.kill(name)))
  }
}

/** Ports of the loopback that nobody uses just now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}
