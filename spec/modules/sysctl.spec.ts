import { expect } from 'chai'
import { type Sysctl, sameSysctl, sysctl, sysctlPath } from '../../engine/state/reads/sysctl.ts'
import module from '../../modules/sysctl.ts'
import { planOf } from './harness.ts'

const reply = (stdout: string, stderr = '') => ({ status: 0, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) })
const plan = (file: string | null, running: Record<string, Sysctl | null | 'pending'>, params: object) =>
  planOf(module, { file, path: '/etc/sysctl.d/t.conf', running }, { sysctl_file: '/etc/sysctl.d/t.conf', ...params })
const written = (file: string | null, running: Record<string, Sysctl | null | 'pending'>, params: object) => {
  const content = plan(file, running, params).steps?.find((step) => step.name === 'write')?.send
  return Buffer.isBuffer(content) ? content.toString() : undefined
}

describe('sysctl', () => {
  it('compares values, not text', () => {
    expect(sameSysctl('4096\t131072   6291456', '4096 131072 6291456')).to.equal(true)
    expect(sameSysctl('0x10', '16')).to.equal(true)
    expect(sameSysctl('1', '1 1')).to.equal(false)
    expect(sameSysctl('18446744073709551615', '18446744073709551614')).to.equal(false)
    expect(
      plan(
        'vm.overcommit_memory=1\n',
        { 'vm.overcommit_memory': { value: '1' } },
        { name: 'vm.overcommit_memory', value: '1' },
      ).steps,
    ).to.deep.equal([])
  })

  it('knows keys whose names hold dots', () => {
    expect(sysctlPath('net.ipv4.ip_forward')).to.equal('/proc/sys/net/ipv4/ip_forward')
    expect(sysctlPath('net.ipv4.conf.eth0/100.rp_filter')).to.equal('/proc/sys/net/ipv4/conf/eth0.100/rp_filter')
    expect(sysctlPath('net/ipv4/conf/eth0.100/rp_filter')).to.equal('/proc/sys/net/ipv4/conf/eth0.100/rp_filter')
  })

  it('writes many settings as one file, and sets what differs in one step', () => {
    const { steps } = plan(
      null,
      { 'a.b': { value: '0' }, 'a.c': { value: '5' } },
      { settings: { 'a.b': 1, 'a.c': '5' } },
    )
    expect(steps?.map((step) => step.show)).to.deep.equal(['write /etc/sysctl.d/t.conf (16 bytes)', 'set a.b = 1'])
  })

  const lines: [string, string | null, object, string | undefined][] = [
    ['a single line is written as Ansible writes it', null, { name: 'a.b', value: 1 }, 'a.b=1\n'],
    [
      'other lines stay to the byte',
      '# mine\n  x.y =  7\na.b = 0\n',
      { name: 'a.b', value: 1 },
      '# mine\n  x.y =  7\na.b=1\n',
    ],
    ['a line given twice becomes one', 'a.b=0\nx=1\na.b=2\n', { name: 'a.b', value: 3 }, 'x=1\na.b=3\n'],
    ['the last line of a key decides', 'a.b=0\nx=1\na.b=2\n', { name: 'a.b', value: 2 }, undefined],
    ['the other spelling of a key is the same key', 'a/b = 1\n', { name: 'a.b', value: 1 }, undefined],
    ['absent takes the line out', 'x=1\na.b=2\n', { name: 'a.b', state: 'absent' }, 'x=1\n'],
    ['a comment is no setting', '#a.b=1\n', { name: 'a.b', value: 1 }, '#a.b=1\na.b=1\n'],
    ['the last line needs no end', 'x=1', { name: 'a.b', value: 1 }, 'x=1\na.b=1\n'],
  ]
  for (const [title, before, params, after] of lines)
    it(title, () => expect(written(before, { 'a.b': { value: '1' } }, params)).to.equal(after))

  it('names what the kernel lacks', () => {
    const running = {
      'net.bridge.bridge-nf-call-iptables': null,
      'vm.swappiness': { value: '60', fixed: 'read-only in a container (systemd-nspawn)' },
    }
    const strict = plan(null, running, { name: 'net.bridge.bridge-nf-call-iptables', value: 1 })
    expect([strict.failed, strict.hint]).to.deep.equal([
      'The kernel has no setting net.bridge.bridge-nf-call-iptables.',
      'The kernel module br_netfilter brings it: load it first (kmod).',
    ])
    const lax = plan(null, running, {
      settings: { 'net.bridge.bridge-nf-call-iptables': 1, 'vm.swappiness': 0 },
      ignore_missing: true,
    })
    expect(lax.steps).to.deep.equal([])
    expect(lax.result?.left_out).to.deep.equal({
      'net.bridge.bridge-nf-call-iptables': 'the kernel has no such setting',
      'vm.swappiness': 'read-only in a container (systemd-nspawn)',
    })
  })

  it('does not leave out what only needs rights', () => {
    const { failed, hint } = plan(
      null,
      { 'a.b': { value: '0', fixed: 'only root may set it' } },
      { name: 'a.b', value: 1, ignore_missing: true },
    )
    expect([failed, hint]).to.deep.equal([
      'a.b is "0" and cannot be set to "1": only root may set it.',
      'The task may need "become: true".',
    ])
  })

  it('counts on a module that a dry run would load', () => {
    expect(plan(null, { 'a.b': 'pending' }, { name: 'a.b', value: 1 }).steps?.map((step) => step.name)).to.deep.equal([
      'write',
      'sysctl',
    ])
  })

  it('refuses a file that is a link into a folder that is not there', () => {
    const state = { file: null, path: '/gone/t.conf', stray: '/gone', running: { 'a.b': { value: '0' } } }
    expect(planOf(module, state, { name: 'a.b', value: '1', sysctl_file: '/etc/sysctl.d/t.conf' }).failed).to.equal(
      '/etc/sysctl.d/t.conf is a link to /gone/t.conf: there is no folder /gone.',
    )
  })

  it('reads all keys of a host at once', () => {
    const keys = ['net.ipv4.ip_forward', 'net.ipv4.tcp_rmem', 'vm.swappiness', 'fs.gone']
    expect(sysctl.items(keys)).to.have.length(1)
    const output =
      '/proc/sys/net/ipv4/ip_forward:1\n/proc/sys/net/ipv4/tcp_rmem:4096\t131072\t6291456\n/proc/sys/vm/swappiness:60\n'
    const notes =
      'w /proc/sys/net/ipv4/ip_forward\nw /proc/sys/net/ipv4/tcp_rmem\nr /proc/sys/vm/swappiness\nu 0\nc systemd-nspawn\n'
    expect(sysctl.parse([reply(output, notes)], keys)).to.deep.equal([
      { value: '1' },
      { value: '4096 131072 6291456' },
      { value: '60', fixed: 'read-only in a container (systemd-nspawn)' },
      null,
    ])
  })
})
