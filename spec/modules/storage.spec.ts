import { expect } from 'chai'
import mount from '../../modules/mount.ts'
import selinux from '../../modules/selinux.ts'
import swap from '../../modules/swap.ts'
import { planOf } from './harness.ts'

const FSTAB =
  '# static\nUUID=1  /      ext4  errors=remount-ro  0 1\n/dev/sda2 none   swap sw 0 0\n//nas/my\\040share /mnt/nas cifs ro 0 0\n'
const texts = (plan: { steps?: readonly { name: string; send?: unknown; script: string }[] }) =>
  plan.steps?.map((step) => (step.name === 'write' ? String(step.send) : step.script))

describe('mount', () => {
  const scratch = { path: '/mnt/s', src: 'tmpfs', fstype: 'tmpfs', opts: 'size=1m' }
  const there = { source: 'tmpfs', fstype: 'tmpfs', options: 'rw,size=1024k' }
  const table: [string, object, object, string[]][] = [
    [
      'adds a line and mounts',
      { mounted: null, folder: true },
      { ...scratch, state: 'mounted' },
      ["mount -t tmpfs -o 'size=1m' -- tmpfs /mnt/s", `${FSTAB}tmpfs /mnt/s tmpfs size=1m 0 0\n`],
    ],
    [
      'a folder that is bound already is known, whatever file system it is of',
      { mounted: { source: '/dev/sda1', fstype: 'ext4', options: 'rw' }, folder: true, same: true },
      { path: '/mnt/b', src: '/srv/b', fstype: 'none', opts: 'bind', state: 'ephemeral' },
      [],
    ],
    [
      'absent leaves a folder that was never mounted',
      { mounted: null, folder: true },
      { path: '/mnt/other', state: 'absent' },
      [],
    ],
    [
      'present only writes',
      { mounted: null, folder: true },
      { ...scratch, state: 'present' },
      [`${FSTAB}tmpfs /mnt/s tmpfs size=1m 0 0\n`],
    ],
    [
      'ephemeral only mounts',
      { mounted: null, folder: true },
      { ...scratch, state: 'ephemeral' },
      ["mount -t tmpfs -o 'size=1m' -- tmpfs /mnt/s"],
    ],
    [
      'a line with blanks in its names is known',
      { mounted: there, folder: true },
      { path: '/mnt/nas', src: '//nas/my share', fstype: 'cifs', opts: 'ro', state: 'present' },
      [],
    ],
    [
      'a device by another name is what is mounted',
      { mounted: { source: '/dev/loop0', fstype: 'ext4', options: 'rw' }, folder: true, same: true },
      { path: '/mnt/d', src: '/srv/disk.img', fstype: 'ext4', opts: 'loop', state: 'ephemeral' },
      [],
    ],
    [
      'another device takes the place of what is mounted',
      { mounted: { source: '/dev/sdb1', fstype: 'ext4', options: 'rw' }, folder: true, same: false },
      { path: '/mnt/nas', src: '/dev/sdc1', fstype: 'ext4', state: 'mounted' },
      [
        'umount -- /mnt/nas && mount -t ext4 -- /dev/sdc1 /mnt/nas',
        FSTAB.replace('//nas/my\\040share /mnt/nas cifs ro 0 0', '/dev/sdc1 /mnt/nas ext4 defaults 0 0'),
      ],
    ],
    [
      'unmounted leaves fstab',
      { mounted: there, folder: true },
      { path: '/mnt/nas', state: 'unmounted' },
      ['umount -- /mnt/nas'],
    ],
    [
      'absent takes all away',
      { mounted: there, folder: true },
      { path: '/mnt/nas', state: 'absent' },
      [FSTAB.split('\n').slice(0, 3).join('\n').concat('\n'), 'umount -- /mnt/nas', 'rmdir -- /mnt/nas'],
    ],
    [
      'noauto keeps it from the boot',
      { mounted: null, folder: true },
      { ...scratch, boot: false, state: 'present' },
      [`${FSTAB}tmpfs /mnt/s tmpfs size=1m,noauto 0 0\n`],
    ],
  ]
  for (const [title, state, params, expected] of table)
    it(title, () =>
      expect(texts(planOf(mount, { fstab: FSTAB, file: '/etc/fstab', ...state }, { ...params }))).to.deep.equal(
        expected,
      ),
    )

  it('says what it needs', () =>
    expect(
      planOf(
        mount,
        { fstab: FSTAB, file: '/etc/fstab', mounted: null, folder: true },
        { path: '/mnt/s', state: 'mounted' },
      ).failed,
    ).to.equal('mount needs "src" and "fstype" with state mounted.'))
})

describe('swap', () => {
  const area = { path: '/dev/sda2', type: 'partition', size: 1024 }
  const off = FSTAB.replace('/dev/sda2', '# /dev/sda2')

  it('goes off now and at boot, all else in fstab stays', () => {
    const plan = planOf(swap, { fstab: FSTAB, file: '/etc/fstab', now: { areas: [area] } }, {})
    expect(texts(plan)?.[0]).to.equal(off)
    expect(texts(plan)?.[1]).to.contain('swapoff -- /dev/sda2')
    expect(plan.result).to.deep.equal({ turned_off: ['/dev/sda2'] })
  })

  it('is off already', () =>
    expect(planOf(swap, { fstab: off, file: '/etc/fstab', now: { areas: [] } }, {}).steps).to.deep.equal([]))

  it("is the machine's own in a container", () => {
    const { steps, result } = planOf(
      swap,
      { fstab: off, file: '/etc/fstab', now: { areas: [area], barred: 'why' } },
      {},
    )
    expect([steps, result]).to.deep.equal([[], { left_out: { '/dev/sda2': 'why' } }])
  })
})

describe('selinux', () => {
  const CONFIG = '# This file controls SELinux\nSELINUX=enforcing\n# SELINUX= may be\nSELINUXTYPE=targeted\n'
  const plan = (config: string | null, running: string, params: object, lacksPolicy = false) =>
    planOf(selinux, { config, file: '/etc/selinux/config', lacksPolicy, running }, { ...params })

  it('is skipped where there is none', () =>
    expect(plan(null, 'disabled', { state: 'disabled' })).to.deep.equal({ skipped: 'this host has no SELinux' }))

  it('is made permissive now and disabled at boot, and says so', () => {
    const { steps, result, warnings } = plan(CONFIG, 'enforcing', { state: 'disabled' })
    expect(String(steps?.[0]?.send)).to.equal(CONFIG.replace('enforcing', 'disabled'))
    expect(steps?.[1]?.show).to.equal('make SELinux permissive')
    expect(result).to.include({ reboot_required: true, policy: 'targeted' })
    expect(result?.['msg']).to.equal(
      'SELINUX=disabled in /etc/selinux/config, SELinux is permissive now, it was enforcing',
    )
    expect(warnings).to.deep.equal(['SELinux is permissive until the host is booted again.'])
  })

  it('has nothing more to do before that boot', () =>
    expect(plan(CONFIG.replace('enforcing', 'disabled'), 'permissive', { state: 'disabled' }).steps).to.deep.equal([]))

  it('names what it sets, and nothing that is so already', () => {
    const msg = (params: object) => plan(CONFIG, 'enforcing', { state: 'enforcing', ...params }).result?.['msg']
    expect(msg({})).to.equal('')
    expect(msg({ policy: 'mls' })).to.equal('SELINUXTYPE=mls in /etc/selinux/config')
  })

  it('is not given a policy that the host lacks, without which it would not boot', () => {
    const said = (config: string) => plan(config, 'enforcing', { state: 'enforcing', policy: 'mls' }, true).failed
    expect(said(CONFIG)).to.equal('This host has no policy "mls": there is no /etc/selinux/mls/policy.')
    expect(said(CONFIG.replace('targeted', 'mls'))).to.equal(undefined)
  })

  it('needs its file to be there', () =>
    expect(plan(null, 'enforcing', { state: 'permissive', policy: 'targeted' }).failed).to.equal(
      'There is no /etc/selinux/config.',
    ))

  it('is enforced without a boot where it runs', () =>
    expect(plan(CONFIG, 'permissive', { state: 'enforcing' }).result?.reboot_required).to.equal(false))
})
