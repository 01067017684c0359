// The article's cluster, from bare hosts of the lab, and what may happen to it afterwards. One story: each step needs the ones before.
import { expect } from 'chai'
import { changes, down, exec, fresh, missing, powerOff, ssh, up } from '../lab/lab.ts'
import { proof } from '../lab/proof.ts'
import { HaCluster, hosts, inventory, masters, type Run, root } from './ha-cluster.ts'

const services = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

describe('the highly available control plane, on the lab', function () {
  this.timeout('15m')
  let cluster: HaCluster
  const play = (...words: string[]): Promise<Run> => cluster.play(...words)

  before(async function () {
    if (missing().length > 0 && process.env.CI !== 'true') this.skip()
    cluster = await HaCluster.begin()
    await up()
    for (const host of hosts) await fresh(host)
  })

  after(async function () {
    if (!cluster) return
    this.timeout('3m')
    await cluster.end()
    await down(hosts)
  })

  /** When each service of each master was started. */
  async function startTimes(): Promise<Record<string, string>> {
    const times: Record<string, string> = {}
    for (const host of masters) {
      const { stdout } = await ssh(host, [
        `systemctl show --value --property=ExecMainStartTimestampMonotonic ${services.join(' ')}`,
      ])
      const found = stdout.split('\n').filter(Boolean)
      for (const [index, service] of services.entries()) times[`${host} ${service}`] = found[index]!
    }
    return times
  }

  const restarted = (before: Record<string, string>, after: Record<string, string>): string[] =>
    Object.keys(before).filter((key) => before[key] !== after[key])

  it('dry-runs on blank hosts without a failure, and changes nothing', async () => {
    const before = await Promise.all(hosts.map((host) => changes(host)))
    const run = await play('--check', '--diff')
    expect(run.status, run.text).to.equal(0)
    for (const host of hosts) expect(run.recap[host], host).to.include({ failed: 0, unreachable: 0 })
    expect(await Promise.all(hosts.map((host) => changes(host)))).to.deep.equal(before)
  })

  it('builds the cluster, in less than 200 MB of memory', async () => {
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    expect(run.memory).to.be.below(200)
  })

  it("has the article's etcd members", async () => {
    const { stdout } = await ssh('k8s-master-1', ['. /etc/profile.d/etcdctl.sh; etcdctl member list'])
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(', ').slice(0, 3).join(' ')),
    ).to.have.members([
      'a70a3882ca2ed04b started etcd-master-2',
      'aba9edaf5d433902 started etcd-master-3',
      'd59c76c6a4473d61 started etcd-master-1',
    ])
  })

  it('keeps keys where they are needed', async () => {
    for (const host of hosts) {
      const { stdout } = await ssh(host, ['find / -xdev -name "*ca*.key" 2>/dev/null; true'])
      expect(stdout.trim(), host).to.equal(masters.includes(host) ? '/etc/kubernetes/pki/ca.key' : '')
    }
    const modes = await ssh('k8s-master-1', [
      'stat -c "%a %n" /etc/kubernetes/*.conf /etc/kubernetes/pki/*.key /etc/kubernetes/pki/etcd/*.key',
    ])
    for (const line of modes.stdout.trim().split('\n')) expect(line).to.match(/^600 /)
  })

  it('changes nothing the second time, in few round trips, and restarts nothing', async () => {
    const before = await startTimes()
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    for (const host of hosts) {
      expect(run.recap[host], host).to.include({ changed: 0, failed: 0 })
      expect(run.recap[host]!.round_trips, host).to.be.at.most(15)
    }
    expect(restarted(before, await startTimes())).to.deep.equal([])
  })

  it('says in a dry run of the finished cluster that nothing would change, and changes nothing', async () => {
    const before = await startTimes()
    const run = await play('--check', '--diff')
    expect(run.status, run.text).to.equal(0)
    for (const host of hosts) expect(run.recap[host], host).to.include({ changed: 0, failed: 0, may_change: 0 })
    expect(restarted(before, await startTimes())).to.deep.equal([])
  })

  it('passes the read-only health playbook', async () => {
    const { status, stdout } = await exec(
      [
        process.execPath,
        'dist/engine/cli/main.js',
        'run',
        'playbooks/check-cluster.yml',
        '-i',
        inventory,
        '-e',
        '@spec/lab/vars.yml',
      ],
      { cwd: root },
    )
    expect(status, stdout).to.equal(0)
  })

  it('proves itself as the demo does', async () => {
    for (const { what, text, holds } of await proof()) expect(holds, `${what}: ${text}`).to.equal(true)
  })

  it('restarts etcd one member at a time for a new setting, and etcd can be written to throughout', async () => {
    const before = await startTimes()
    const writer = ssh('k8s-master-1', [
      '. /etc/profile.d/etcdctl.sh; rm -f /run/stop-writing; last=$(date +%s); worst=0; while [ ! -e /run/stop-writing ]; do ' +
        'if etcdctl --command-timeout=3s put written "$(date +%s)" >/dev/null 2>&1; then now=$(date +%s); gap=$((now - last)); ' +
        '[ $gap -gt $worst ] && worst=$gap; last=$now; fi; sleep 0.2; done; echo "worst $worst"',
    ])
    const run = await play('-e', '{"etcd_settings": {"heartbeat-interval": 150}}', '--tags', 'etcd')
    await ssh('k8s-master-1', ['touch /run/stop-writing'])
    const worst = Number(/worst (\d+)/.exec((await writer).stdout)![1])
    expect(run.status, run.text).to.equal(0)
    expect(restarted(before, await startTimes())).to.have.members(masters.map((host) => `${host} etcd`))
    expect(worst, 'seconds without a write').to.be.below(10)
    const back = await play('--tags', 'etcd')
    expect(back.status, back.text).to.equal(0)
  })

  it('reissues a certificate that was deleted, and restarts only what uses it', async () => {
    await ssh('k8s-master-2', ['rm /etc/kubernetes/pki/apiserver.crt'])
    const before = await startTimes()
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    expect(restarted(before, await startTimes())).to.deep.equal(['k8s-master-2 kube-apiserver'])
  })

  it('stays writable when a master dies', async () => {
    await powerOff('k8s-master-1')
    const { status, stderr } = await ssh('k8s-master-2', [
      'for i in $(seq 30); do kubectl create configmap alive --from-literal=a=b && exit 0; sleep 2; done; exit 1',
    ])
    expect(status, stderr).to.equal(0)
    await up(['k8s-master-1'])
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    for (const host of hosts) expect(run.recap[host], host).to.include({ failed: 0, unreachable: 0 })
  })
})
