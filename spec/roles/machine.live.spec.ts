// Stages 2 to 4 on a host with a kernel of its own: modules, settings, swap and limits, for real, and again after a reboot.
// One story: each step needs the ones before. The machine's processor is emulated, so all of it takes its time.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect } from 'chai'
import type { Event, HostRecap } from '../../engine/base/event.ts'
import { sameSysctl } from '../../engine/state/reads/sysctl.ts'
import { changes, down, exec, fresh, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { role } from './role.ts'

const name = 'vm-1'
const address = '192.168.1.181'
const root = fileURLToPath(new URL('../..', import.meta.url))
const tsx = createRequire(import.meta.url).resolve('tsx')
const modules = role('ipvs').variables.get('ipvs_modules') as string[]
const settings = Object.entries(role('sysctl').variables.get('sysctl_settings') as Record<string, number>)
/** What a Debian kernel of today has not: RHEL 7's own, and one that is gone. */
const unknown = ['fs.may_detach_mounts', 'net.ipv4.ip_conntrack_max']

type Finished = Extract<Event, { event: 'result' }>

interface Run {
  readonly status: number
  readonly text: string
  readonly recap: HostRecap | undefined
  readonly results: readonly Finished[]
}

/** What the machine says to a script; a failure of the script is one of the spec. */
async function on(script: string): Promise<string> {
  const { status, stdout, stderr } = await ssh(name, [script])
  expect(status, `${script}\n${stderr}`).to.equal(0)
  return stdout.trim()
}

const lines = (text: string) => text.split('\n').filter(Boolean)
const named = (run: Run, task: string) => run.results.find((result) => result.task.includes(task))!.result

/** Without sysstat, whose installation alone takes the machine three minutes. */
const inventory = `all:
  vars: {ansible_user: root}
  children:
    masters:
      hosts:
        ${name}: {ansible_host: ${address}, ipvs_packages: [ipvsadm, ipset, conntrack, libseccomp2]}
`

describe('stages 2 to 4, on a machine with a kernel of its own', function () {
  this.timeout('20m')
  let folder: string

  before(async function () {
    needsLab.call(this)
    this.timeout('20m')
    folder = mkdtempSync(join(tmpdir(), 'tsplay-machine-'))
    mkdirSync(join(folder, 'inventory'))
    cpSync(join(root, 'inventory/group_vars'), join(folder, 'inventory/group_vars'), { recursive: true })
    writeFileSync(join(folder, 'inventory/hosts.yml'), inventory)
    writeFileSync(
      join(folder, 'site.yml'),
      '- hosts: masters\n  roles:\n    - os-prereqs\n    - {role: ipvs, tags: [ipvs]}\n    - sysctl\n',
    )
    writeFileSync(
      join(folder, 'reboot.yml'),
      '- hosts: masters\n  gather_facts: false\n  tasks:\n    - reboot: {reboot_timeout: 480, connect_timeout: 15}\n',
    )
    await up([`${name}=${address}`], { vm: [name], downloads: true })
    // left of a run that was killed
    if ((await changes(name)).length > 0) await fresh(name, { vm: [name] })
  })

  after(async () => {
    if (folder === undefined) return
    rmSync(folder, { recursive: true })
    await down([`${name}=${address}`])
  })

  const play = (...words: string[]) => playBook('site.yml', words)

  async function playBook(book: string, words: readonly string[]): Promise<Run> {
    const node = [process.execPath, '--conditions=tsplay-source', '--import', pathToFileURL(tsx).href]
    const tsplay = [...node, join(root, 'engine/cli/main.ts'), 'run', book, '-i', 'inventory/hosts.yml']
    const { status, stdout, stderr } = await exec([...tsplay, '--output', 'jsonl', ...words], {
      cwd: folder,
      env: { ...process.env, TSPLAY_ROLES_PATH: join(root, 'roles') },
    })
    const events = lines(stdout).map((line) => JSON.parse(line) as Event)
    const results = events.filter((event) => event.event === 'result')
    const failed = results.filter((one) => ['failed', 'unreachable'].includes(one.status))
    const recap = events.find((event) => event.event === 'recap')?.hosts[name]
    return { status, text: `${failed.map((one) => JSON.stringify(one)).join('\n')}\n${stderr}`, recap, results }
  }

  /** Everything the roles promise, asked of the machine itself. */
  async function expectStages(): Promise<void> {
    const loaded = lines(await on("lsmod | cut -d' ' -f1"))
    const builtin = lines(await on("sed 's,.*/,,; s,[.]ko$,,; s,-,_,g' /lib/modules/$(uname -r)/modules.builtin"))
    expect([...loaded, ...builtin]).to.include.members(modules)
    expect(loaded).to.include.members(['ip_vs', 'ip_vs_rr', 'nf_conntrack', 'br_netfilter'])

    const rendered = lines(await on('cat /etc/sysctl.d/k8s.conf')).map((line) => line.split(' = '))
    expect(rendered.map(([key]) => key)).to.deep.equal(
      settings.map(([key]) => key).filter((key) => !unknown.includes(key)),
    )
    const running = (await on(`sysctl -n ${rendered.map(([key]) => key).join(' ')}`)).split('\n')
    for (const [index, [key = '', value = '']] of rendered.entries()) {
      const wanted = settings.find(([one]) => one === key)?.[1]
      expect(sameSysctl(value, String(wanted)), `${key} in the file: ${value}, wanted ${wanted}`).to.equal(true)
      expect(sameSysctl(running[index] ?? '', value), `${key} running: ${running[index]}, wanted ${value}`).to.equal(
        true,
      )
    }

    expect(await on('swapon --show --noheadings')).to.equal('')
    expect(await on('grep swap /etc/fstab')).to.match(/^# *\/dev\/vdb\s/)
    // who logs in anew; the soft limit is not let over the hard one
    const limits = await exec(['ssh', `admin@${name}`, 'ulimit -Sn; ulimit -Hn; ulimit -Su; ulimit -Hu; ulimit -Hl'])
    expect(limits.stdout, limits.stderr).to.equal('131072\n131072\n655350\n655350\nunlimited\n')
  }

  it('has swap, and nothing of the stages, to begin with', async () => {
    expect(await on('swapon --show=NAME --noheadings')).to.equal('/dev/vdb')
    expect(await on('sysctl -n vm.swappiness net.ipv4.ip_forward')).to.equal('60\n0')
    expect(lines(await on("lsmod | cut -d' ' -f1"))).to.not.include.members(['ip_vs'])
  })

  it('dry-runs without touching the files, the modules, the settings or swap', async () => {
    const kernel = 'lsmod | cut -d" " -f1; sysctl -n vm.swappiness net.ipv4.ip_forward fs.file-max; swapon --show'
    const before = [await on(kernel), await changes(name)]
    const run = await play('--check', '--diff')
    expect(run.status, run.text).to.equal(0)
    expect(run.recap).to.include({ failed: 0, unreachable: 0, changed: 5 })
    expect([await on(kernel), await changes(name)]).to.deep.equal(before)
  })

  it('loads the modules, sets the settings, turns swap off and raises the limits', async () => {
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    expect(run.recap).to.include({ failed: 0, unreachable: 0, changed: 5 })
    await expectStages()
    expect(named(run, 'Kernel settings')['left_out']).to.have.all.keys(unknown)
  })

  it('says of a dry run now that nothing would change, and changes nothing the second time', async () => {
    const dry = await play('--check', '--diff')
    expect(dry.status, dry.text).to.equal(0)
    expect(dry.recap).to.include({ changed: 0, may_change: 0, failed: 0 })
    const before = await changes(name)
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    expect(run.recap).to.include({ changed: 0, failed: 0 })
    expect(await changes(name)).to.deep.equal(before)
  })

  it('leaves out, and names, a module that the kernel does not have', async () => {
    const run = await play('--tags', 'ipvs', '-e', '{"ipvs_modules": ["ip_vs", "ip_vs_ls"]}')
    expect(run.status, run.text).to.equal(0)
    expect(run.recap).to.include({ changed: 0, failed: 0 })
    expect(named(run, 'Kernel modules')['left_out']).to.deep.equal({ ip_vs_ls: 'the kernel has no such module' })
    expect(named(run, 'Modules that were left out')['msg']).to.deep.equal(['ip_vs_ls - the kernel has no such module'])
  })

  it('is the same after a reboot, by itself, and a run then changes nothing', async () => {
    const boot = await on('cat /proc/sys/kernel/random/boot_id')
    const dry = await playBook('reboot.yml', ['--check'])
    expect(dry.recap, dry.text).to.include({ changed: 1, failed: 0 })
    expect(await on('cat /proc/sys/kernel/random/boot_id')).to.equal(boot)
    const reboot = await playBook('reboot.yml', [])
    expect(reboot.status, reboot.text).to.equal(0)
    expect(named(reboot, 'reboot')).to.include({ changed: true, rebooted: true, boot_id: boot })
    expect(await on('cat /proc/sys/kernel/random/boot_id')).to.not.equal(boot)
    await on('systemctl is-system-running --wait || :')
    await expectStages()
    expect(await on('systemctl --failed --no-legend')).to.equal('')
    const run = await play()
    expect(run.status, run.text).to.equal(0)
    expect(run.recap).to.include({ changed: 0, failed: 0 })
  })
})
