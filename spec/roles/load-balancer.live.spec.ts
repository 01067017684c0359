// Two load balancers, the address that floats between them, and three that stand in for apiservers.
// One story: each step needs the ones before.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Event, HostRecap } from '../../engine/base/event.ts'
import { changes, down, exec, fresh, powerOff, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { eventsIn } from '../run/story.ts'
import { failuresIn } from './ha-cluster.ts'

const balancers = ['lb-1', 'lb-2'] as const
const hosts = ['lb-1=192.168.1.191', 'lb-2=192.168.1.192', 'back-1=192.168.1.193']
const floating = '192.168.1.190'
/** All three are addresses of back-1. */
const masters = { 'm-1': '192.168.1.193', 'm-2': '192.168.1.194', 'm-3': '192.168.1.195' }
const root = fileURLToPath(new URL('../..', import.meta.url))
const tsx = createRequire(import.meta.url).resolve('tsx')

type Balancer = (typeof balancers)[number]
type Finished = Extract<Event, { event: 'result' }>

interface Run {
  readonly status: number
  readonly text: string
  readonly recap: Record<string, HostRecap>
  readonly results: readonly Finished[]
}

/** Says over TLS, to whoever asks, which master it is. */
const apiserver = `import http.server, ssl, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        said = sys.argv[1].encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(said)))
        self.end_headers()
        self.wfile.write(said)
server = http.server.ThreadingHTTPServer((sys.argv[2], 7443), Answer)
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain('/srv/cert.pem', '/srv/key.pem')
server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
`

/** Asks so many times, each on a connection of its own, and prints a line each: who answered, or what went wrong. */
const client = `import { get } from 'node:https'
const [host, times, pause] = process.argv.slice(1)
const once = () => new Promise((resolve) => {
  const options = { host, port: 6443, path: '/version', agent: false, rejectUnauthorized: false, timeout: 8000 }
  const request = get(options, (reply) => {
    let text = ''
    reply.on('data', (part) => { text += part }).on('end', () => resolve(text))
  })
  request.on('timeout', () => request.destroy(new Error('timeout'))).on('error', (error) => resolve('! ' + error.message))
})
for (let n = 0; n < Number(times); n++) {
  console.log(await once())
  await new Promise((resolve) => setTimeout(resolve, Number(pause)))
}`

const lines = (text: string) => text.split('\n').filter(Boolean)

async function on(host: string, script: string): Promise<string> {
  const { status, stdout, stderr } = await ssh(host, [script])
  expect(status, `${host}: ${script}\n${stderr}`).to.equal(0)
  return stdout.trim()
}

/** What a client of the cluster hears, from outside. */
async function ask(address: string, times: number, pause = 0): Promise<string[]> {
  const words = [process.execPath, '--input-type=module', '-e', client, address, String(times), String(pause)]
  return lines((await exec(words)).stdout)
}

/** The load balancers that have the floating address. */
async function holders(among: readonly Balancer[] = balancers): Promise<Balancer[]> {
  const has = await Promise.all(among.map((host) => on(host, `ip -o address show to ${floating}`)))
  return among.filter((_, index) => has[index] !== '')
}

/** Who has the address, once it is exactly one, and who has not. */
async function settled(): Promise<[Balancer, Balancer]> {
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(250)) {
    const [holder, ...more] = await holders()
    if (holder && more.length === 0) return [holder, holder === 'lb-1' ? 'lb-2' : 'lb-1']
  }
  throw new Error(`${floating} is not on exactly one of ${balancers.join(', ')}`)
}

/** Waits until `host` alone has the address; how many seconds it took. */
async function moved(host: Balancer, among: readonly Balancer[] = balancers): Promise<number> {
  const begun = Date.now()
  let now = await holders(among)
  while (now.join() !== host && Date.now() - begun < 20_000) {
    await sleep(250)
    now = await holders(among)
  }
  expect(now).to.deep.equal([host])
  return (Date.now() - begun) / 1000
}

describe('role load-balancer, on the lab', function () {
  this.timeout('90s')
  let folder: string

  before(async function () {
    needsLab.call(this)
    folder = mkdtempSync(join(tmpdir(), 'tsplay-balancer-'))
    mkdirSync(join(folder, 'inventory'))
    inventory(['m-1', 'm-2', 'm-3'])
    writeFileSync(join(folder, 'site.yml'), '- hosts: loadbalancers\n  roles: [load-balancer]\n')
    await up(hosts)
    // left of a run that was killed
    for (const host of [...balancers, 'back-1']) if ((await changes(host)).length > 0) await fresh(host)
    const made = await ssh('back-1', ['cat >/srv/apiserver.py'], { input: apiserver })
    expect(made.status, made.stderr).to.equal(0)
    const key = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout /srv/key.pem -out /srv/cert.pem'
    await on('back-1', `openssl req -x509 -nodes -subj /CN=kube-apiserver ${key} 2>&1`)
    for (const [name, address] of Object.entries(masters)) {
      if (name !== 'm-1') await on('back-1', `ip address add ${address}/24 dev eth0`)
      await on('back-1', `systemd-run --quiet --unit=${name} python3 /srv/apiserver.py ${name} ${address}`)
    }
  })

  after(async () => {
    if (folder === undefined) return
    rmSync(folder, { recursive: true })
    await down(hosts)
  })

  function inventory(behind: (keyof typeof masters)[]): void {
    const list = behind.map((name) => `${name}: {ansible_host: ${masters[name]}}`).join(', ')
    writeFileSync(
      join(folder, 'inventory/hosts.yml'),
      `all:
  vars: {ansible_user: root, control_plane_address: ${floating}, apiserver_port: 7443, keepalived_enabled: true}
  children:
    masters: {hosts: {${list}}}
    etcd: {hosts: {m-1: }}
    loadbalancers: {hosts: {lb-1: {ansible_host: 192.168.1.191}, lb-2: {ansible_host: 192.168.1.192}}}
`,
    )
  }

  async function play(...words: string[]): Promise<Run> {
    const node = [process.execPath, '--conditions=tsplay-source', '--import', pathToFileURL(tsx).href]
    const tsplay = [...node, join(root, 'engine/cli/main.ts'), 'run', 'site.yml', '-i', 'inventory/hosts.yml']
    const { status, stdout, stderr } = await exec([...tsplay, '--output', 'jsonl', ...words], {
      cwd: folder,
      env: { ...process.env, TSPLAY_ROLES_PATH: join(root, 'roles') },
    })
    const events = eventsIn(stdout)
    const results = events.filter((event) => event.event === 'result')
    const recap = events.find((event) => event.event === 'recap')
    const text = `${failuresIn(events)}\n${stderr}`
    return { status, text, recap: recap?.hosts ?? {}, results }
  }

  /** What a restart of either service, or another configuration, would alter. */
  const state = () =>
    Promise.all(
      balancers.map((host) =>
        on(host, 'systemctl show --property=MainPID haproxy keepalived; sha256sum /etc/{haproxy,keepalived}/*.c*'),
      ),
    )

  const pids = () => Promise.all(balancers.map((host) => on(host, 'systemctl show --property=MainPID haproxy')))

  let foretold: Record<string, HostRecap> = {}

  it('dry-runs on blank hosts without a failure, and changes nothing', async () => {
    const before = await Promise.all(balancers.map((host) => changes(host)))
    const run = await play('--check', '--diff')
    expect(run.status, run.text).to.equal(0)
    for (const host of balancers) expect(run.recap[host], host).to.include({ failed: 0, unreachable: 0 })
    foretold = run.recap
    expect(await Promise.all(balancers.map((host) => changes(host)))).to.deep.equal(before)
  })

  it('ends when the address is on one load balancer and every master answers through it', async () => {
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    for (const host of balancers) {
      const { changed = 0, may_change = 0 } = foretold[host] ?? {}
      expect(run.recap[host]?.changed, host).to.be.within(changed, changed + may_change)
    }
    expect(await holders()).to.have.length(1)
    const answers = await ask(floating, 6)
    expect(answers).to.have.length(6)
    expect(new Set(answers)).to.have.keys('m-1', 'm-2', 'm-3')
  })

  it('says of a dry run now that nothing would change, and changes nothing the second time', async () => {
    const before = await state()
    for (const words of [['--check', '--diff'], []]) {
      const run = await play(...words)
      expect(run.status, run.text).to.equal(0)
      for (const host of balancers) expect(run.recap[host], host).to.include({ changed: 0, failed: 0, may_change: 0 })
    }
    expect(await state()).to.deep.equal(before)
  })

  it('answers, by another master, from the moment one is gone', async () => {
    await on('back-1', 'systemctl stop m-3')
    const answers = await ask(floating, 4)
    expect(answers).to.have.length(4)
    for (const answer of answers) expect(answer).to.match(/^m-[12]$/)
  })

  it('reloads for another list of masters, one load balancer after the other, and no client notices', async () => {
    inventory(['m-1', 'm-2'])
    const before = await pids()
    const [run, answers] = await Promise.all([play(), ask(floating, 60, 60)])
    expect(run.status, run.text).to.equal(0)
    for (const host of balancers) expect(run.recap[host], host).to.include({ changed: 2, failed: 0 })
    const handled = run.results.filter((one) => /Reload haproxy|haproxy listens/.test(one.task))
    expect(handled.map((one) => `${one.host} ${one.task.replace(/.* : /, '')}`)).to.deep.equal([
      'lb-1 Reload haproxy',
      'lb-1 haproxy listens',
      'lb-2 Reload haproxy',
      'lb-2 haproxy listens',
    ])
    expect(await pids()).to.deep.equal(before)
    expect(answers).to.have.length(60)
    expect(new Set(answers)).to.have.keys('m-1', 'm-2')
    for (const host of balancers) {
      expect(await on(host, 'grep -c "^  server " /etc/haproxy/haproxy.cfg')).to.equal('2')
      expect(new Set(await ask(host === 'lb-1' ? '192.168.1.191' : '192.168.1.192', 4))).to.have.keys('m-1', 'm-2')
    }
  })

  it('says of a dry run with another port what would change, and does not wait for that port', async () => {
    const before = await state()
    const run = await play('--check', '-e', 'load_balancer_port=6444')
    expect(run.status, run.text).to.equal(0)
    for (const host of balancers) expect(run.recap[host], host).to.include({ changed: 2, failed: 0 })
    expect(await state()).to.deep.equal(before)
  })

  for (const [what, setting, said] of [
    ['haproxy', 'load_balancer_idle_timeout=99999999d', /haproxy -c/],
    ['keepalived', 'keepalived_interface=nowhere0', /nowhere0.*keepalived --config-test/s],
  ] as const) {
    it(`keeps the good configuration when ${what} refuses the new one, and says why`, async () => {
      const before = await state()
      const run = await play('-e', setting)
      expect(run.status).to.equal(2)
      expect(run.text).to.match(said)
      for (const host of balancers) expect(run.recap[host], host).to.include({ changed: 0, failed: 1 })
      expect(await state()).to.deep.equal(before)
      expect((await ask(floating, 1)).join()).to.match(/^m-[12]$/)
    })
  }

  it('moves the address away from a load balancer whose haproxy is down', async () => {
    const [holder, other] = await settled()
    await on(holder, 'systemctl stop haproxy')
    expect(await moved(other)).to.be.below(10)
    expect((await ask(floating, 2)).join()).to.match(/^m-[12],m-[12]$/)
    await on(holder, 'systemctl start haproxy')
  })

  it('moves the address away when keepalived is stopped, and a run starts that again', async () => {
    const [holder, other] = await settled()
    await on(holder, 'systemctl stop keepalived')
    expect(await moved(other)).to.be.below(10)
    expect((await ask(floating, 2)).join()).to.match(/^m-[12],m-[12]$/)
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    expect(run.recap[holder]).to.include({ changed: 1, failed: 0 })
    expect(run.recap[other]).to.include({ changed: 0, failed: 0 })
  })

  it('moves the address away when the power fails, and all is well when it is back', async () => {
    const [holder, other] = await settled()
    await powerOff(holder)
    expect(await moved(other, [other])).to.be.below(10)
    expect((await ask(floating, 2)).join()).to.match(/^m-[12],m-[12]$/)
    await up([holder], { downloads: false })
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    for (const host of balancers) expect(run.recap[host], host).to.include({ changed: 0, failed: 0 })
    await settled()
  })
})
