import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { releasePaths, releases, versions } from '../lab/releases.ts'
import { etcdPrograms, freePorts } from './etcd-cluster.ts'

/** kube-apiserver and kubectl of the lab's release, unpacked and kept; the release is compiled first where there is none. */
export async function kubePrograms(): Promise<{ apiserver: string; kubectl: string }> {
  const kept = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsplay')
  const folder = join(kept, `kubernetes-${versions.kubernetes}`)
  const names = ['kube-apiserver', 'kubectl']
  if (!existsSync(folder)) {
    await releases(() => undefined)
    const draft = mkdtempSync(join(tmpdir(), 'tsplay-kubernetes-'))
    try {
      const tarball = Object.values(releasePaths()).find((file) => /kubernetes-server.*gz$/.test(file))!
      const members = names.map((name) => `kubernetes/server/bin/${name}`)
      execFileSync('tar', ['-xzf', tarball, '-C', draft, '--strip-components=3', ...members])
      mkdirSync(kept, { recursive: true })
      execFileSync('cp', ['-a', draft, `${folder}.${process.pid}`])
      renameSync(`${folder}.${process.pid}`, folder)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
  }
  const [apiserver, kubectl] = names.map((name) => join(folder, name))
  return { apiserver: apiserver!, kubectl: kubectl! }
}

/** A real kube-apiserver with an etcd of its own on free ports of the loopback; nothing else of Kubernetes runs. */
export class KubeApiserver {
  readonly kubectl: string
  readonly kubeconfig: string
  readonly #folder: string
  readonly #running: ChildProcess[]

  private constructor(kubectl: string, folder: string, running: ChildProcess[]) {
    this.kubectl = kubectl
    this.kubeconfig = join(folder, 'admin.conf')
    this.#folder = folder
    this.#running = running
  }

  static async start(): Promise<KubeApiserver> {
    const [{ apiserver, kubectl }, ports] = [await kubePrograms(), await freePorts(3)]
    const folder = mkdtempSync(join(tmpdir(), 'tsplay-kube-'))
    const at = (name: string) => join(folder, name)
    const [client, peer] = ports.slice(1).map((port) => `http://127.0.0.1:${port}`)
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(at('sa.key'), key.privateKey.export({ format: 'pem', type: 'pkcs8' }))
    writeFileSync(at('sa.pub'), key.publicKey.export({ format: 'pem', type: 'spki' }))
    writeFileSync(at('tokens.csv'), 'spec-token,admin,1,system:masters\n', { mode: 0o600 })
    const etcd = [
      ...['--data-dir', at('etcd'), '--listen-client-urls', client!, '--advertise-client-urls', client!],
      ...['--listen-peer-urls', peer!, '--initial-advertise-peer-urls', peer!, '--initial-cluster', `default=${peer}`],
    ]
    const server = [
      ...['--etcd-servers', client!, '--bind-address', '127.0.0.1', '--secure-port', String(ports[0])],
      ...['--cert-dir', at('certs'), '--token-auth-file', at('tokens.csv'), '--authorization-mode', 'RBAC'],
      ...['--service-account-key-file', at('sa.pub'), '--service-account-signing-key-file', at('sa.key')],
      ...['--service-account-issuer', 'https://spec', '--service-cluster-ip-range', '10.96.0.0/16'],
      ...['--disable-admission-plugins', 'ServiceAccount'],
    ]
    const run = (program: string, words: string[], log: string) => {
      const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] } })
      child.stderr!.pipe(createWriteStream(at(log)))
      return child
    }
    const running = [run(etcdPrograms().etcd, etcd, 'etcd.log'), run(apiserver, server, 'apiserver.log')]
    writeFileSync(at('admin.conf'), kubeconfig(`https://127.0.0.1:${ports[0]}`), { mode: 0o600 })
    const started = new KubeApiserver(kubectl, folder, running)
    try {
      await started.#ready()
    } catch (thrown) {
      await started.stop()
      throw thrown
    }
    return started
  }

  /** What kubectl prints. */
  ask(words: readonly string[], input?: string): string {
    return execFileSync(this.kubectl, ['--kubeconfig', this.kubeconfig, ...words], {
      encoding: 'utf8',
      input: input ?? '',
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#running.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const gone = once(child, 'exit')
        child.kill('SIGKILL')
        await gone
      }),
    )
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < 240; tries++) {
      try {
        this.ask(['get', '--raw', '/readyz'])
        this.ask(['get', 'namespace', 'default'])
        return
      } catch {
        await sleep(500)
      }
    }
    throw new Error(`kube-apiserver does not become ready: see ${this.#folder}`)
  }
}

const kubeconfig = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'spec', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'spec', user: { token: 'spec-token' } }],
    contexts: [{ name: 'spec', context: { cluster: 'spec', user: 'spec' } }],
    'current-context': 'spec',
  })
