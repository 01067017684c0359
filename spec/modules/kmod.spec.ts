import { expect } from 'chai'
import { type KernelModule, kernelModule } from '../../engine/state/reads/kernel-module.ts'
import kmod from '../../modules/kmod.ts'
import { planOf } from './harness.ts'

const reply = (stdout: string) => ({ status: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) })
const plan = (
  modules: Record<string, KernelModule>,
  params: object,
  files: Record<string, string | null> = {},
  elsewhere: string[] = [],
) => planOf(kmod, { modules, files, elsewhere }, { name: Object.keys(modules), ...params })
const FILE = '/etc/modules-load.d/ipvs.conf'

describe('kmod', () => {
  it('loads what is available, in one step, and leaves what is loaded or built in', () => {
    const { steps, result } = plan(
      {
        ip_vs: { state: 'available' },
        nf_conntrack: { state: 'loaded' },
        overlay: { state: 'builtin' },
        ip_vs_rr: { state: 'available' },
      },
      {},
    )
    expect(steps?.map((step) => step.script)).to.deep.equal([
      'modprobe -- ip_vs || exit 1\nmodprobe -- ip_vs_rr || exit 1',
    ])
    expect(result?.loaded).to.deep.equal(['ip_vs', 'nf_conntrack', 'overlay', 'ip_vs_rr'])
  })

  it('keeps one file for the list, without what was left out', () => {
    const modules: Record<string, KernelModule> = {
      ip_vs: { state: 'loaded' },
      'ip-vs-rr': { state: 'loaded' },
      ipip: { state: 'missing' },
    }
    const { steps, result } = plan(
      modules,
      { persistent: 'present', persistent_file: FILE, ignore_missing: true },
      { [FILE]: '# mine\nip_vs_rr\n' },
    )
    expect(String(steps?.[0]?.send)).to.equal('# mine\nip_vs_rr\nip_vs\n')
    expect(result?.left_out).to.deep.equal({ ipip: 'the kernel has no such module' })
  })

  it('needs no file of its own where another names the module', () => {
    expect(
      plan({ ip_vs: { state: 'loaded' } }, { persistent: 'present' }, { '/etc/modules-load.d/ip_vs.conf': null }, [
        'ip_vs',
      ]).steps,
    ).to.deep.equal([])
  })

  it('writes options beside the list', () => {
    const { steps } = plan(
      { dummy: { state: 'available' } },
      { persistent: 'present', params: 'numdummies=2' },
      { '/etc/modules-load.d/dummy.conf': null, '/etc/modprobe.d/dummy.conf': null },
    )
    expect(steps?.map((step) => step.show)).to.deep.equal([
      'load dummy with numdummies=2',
      'write /etc/modules-load.d/dummy.conf (6 bytes)',
      'write /etc/modprobe.d/dummy.conf (27 bytes)',
    ])
  })

  it('says why a module cannot be loaded', () => {
    expect(plan({ nope: { state: 'missing' } }, {}).failed).to.equal(
      'nope cannot be loaded: the kernel has no such module.',
    )
    expect(
      plan({ ip_vs: { state: 'available', barred: 'only root may load modules' } }, { ignore_missing: true }),
    ).to.deep.equal({
      failed: 'ip_vs cannot be loaded: only root may load modules.',
      hint: 'The task may need "become: true".',
    })
    expect(plan({ overlay: { state: 'builtin' } }, { state: 'absent' }).failed).to.equal(
      'overlay is built into the kernel and cannot be unloaded.',
    )
  })

  it('reads the lists of a kernel once for all names', () => {
    const names = ['ip_vs', 'overlay', 'nf-conntrack', 'loop', 'fs-ext4', 'nope']
    const output = [
      '/lib/modules/6.1.0-28-amd64/modules.dep:kernel/net/netfilter/ipvs/ip_vs.ko: kernel/net/netfilter/nf_conntrack.ko',
      '/lib/modules/6.1.0-28-amd64/modules.dep:kernel/net/netfilter/nf_conntrack.ko.xz:',
      '/lib/modules/6.1.0-28-amd64/modules.builtin:kernel/fs/overlayfs/overlay.ko',
      '/lib/modules/6.1.0-28-amd64/modules.alias:alias fs-ext4 ext4',
      'loaded nf_conntrack',
      'builtin loop',
      'loaded ext4',
      'kernel 6.1.0-28-amd64',
      'caps 000001ffffffffff',
    ].join('\n')
    const states = kernelModule.parse([reply(output)], names) as KernelModule[]
    expect(states.map((one) => one.state)).to.deep.equal([
      'available',
      'builtin',
      'loaded',
      'builtin',
      'loaded',
      'missing',
    ])
    expect(states[0]?.barred).to.equal(undefined)
  })

  it('knows what a container may not do', () => {
    const [state] = kernelModule.parse(
      [reply('nomodules\nkernel 6.1\ncontainer systemd-nspawn\ncaps 0\n')],
      ['ip_vs'],
    ) as KernelModule[]
    expect(state).to.deep.equal({
      state: 'missing',
      barred: "a container (systemd-nspawn) uses the modules of its host's kernel",
    })
  })
})
