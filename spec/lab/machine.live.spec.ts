// A host with a kernel of its own. It starts slowly (its processor is emulated), so one machine serves all of this.
import { expect } from 'chai'
import { changes, down, exec, powerOff, ssh, status, up } from './lab.ts'
import { needsLab } from './live.ts'

const name = 'lab-spec-vm'
const word = `${name}=192.168.1.203`
const on = async (script: string) => (await ssh(name, [script])).stdout.trim()

describe('a host in a virtual machine', function () {
  this.timeout(600_000)
  before(async function () {
    needsLab.call(this)
    await up([word], { vm: [name] })
  })
  after(() => down([word]))

  it('is what the lab says it is', async () => {
    expect((await status()).find((row) => row.name === name)).to.include({
      kind: 'virtual machine',
      address: '192.168.1.203',
    })
    expect(await on('systemctl is-system-running; systemctl --failed --no-legend; hostname')).to.equal(
      `running\n${name}`,
    )
    expect((await exec(['ssh', `deploy@${name}`, 'sudo -n id -un'])).stdout).to.equal('root\n')
  })

  it('has modules, sysctls and swap of its own', async () => {
    expect(await on('modprobe ip_vs_wrr && lsmod | grep -o ^ip_vs_wrr')).to.equal('ip_vs_wrr')
    expect(await on('sysctl -w vm.swappiness=3')).to.equal('vm.swappiness = 3')
    expect(await on('swapon --show=NAME --noheadings; swapoff -a; swapon --show=NAME --noheadings')).to.equal(
      '/dev/vdb',
    )
    expect(await changes(name)).to.deep.equal([])
  })

  it('keeps its files when the power is cut, and loads modules at its start', async () => {
    await ssh(name, [
      'echo ip_vs_sh >/etc/modules-load.d/spec.conf; echo vm.swappiness=7 >/etc/sysctl.d/spec.conf; sync',
    ])
    await powerOff(name)
    await up([name])
    expect(await on('lsmod | grep -o ^ip_vs_sh; sysctl -n vm.swappiness')).to.equal('ip_vs_sh\n7')
    const list = (await changes(name)).map((change) => `${change.kind} ${change.path}`)
    expect(list).to.deep.equal(['added /etc/modules-load.d/spec.conf', 'added /etc/sysctl.d/spec.conf'])
  })
})
