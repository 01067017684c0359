// What modules do to a kernel, on a host with one of its own: its processor is emulated, so one machine serves all rows, and a row
// is a task of a book. About three minutes, two boots among them, where nothing runs beside it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Event } from '../../engine/base/event.ts'
import type { Change } from '../../engine/base/result.ts'
import { changes, down, exec, ssh, up } from '../lab/lab.ts'
import { needsLab } from '../lab/live.ts'
import { eventsIn } from '../run/story.ts'

const name = 'spec-kernel-1'
const word = `${name}=192.168.1.233`
const program = [process.execPath, 'dist/engine/cli/main.js']
/** As printed: the differences lie beside the result. */
type Printed = Extract<Event, { event: 'result' }> & { readonly diff?: readonly Change[] }
/** What is done, how one looks whether the kernel does it, and what is seen then; after a boot, if that is something else. */
type Row = readonly [task: string, look: string, seen: string, booted?: string]

const build: readonly Row[] = [
  [
    'kmod: {name: [ip_vs_wrr, ip_vs_sh], persistent: present, persistent_file: /etc/modules-load.d/ipvs.conf}',
    'lsmod | grep -oE "^ip_vs_(wrr|sh)" | sort',
    'ip_vs_sh\nip_vs_wrr',
  ],
  ['kmod: {name: loop, params: max_loop=5, persistent: present}', 'cat /sys/module/loop/parameters/max_loop', '5'],
  [
    'sysctl: {sysctl_file: /etc/sysctl.d/spec.conf, settings: {vm.swappiness: 7, fs.file-max: 524288}}',
    'cat /proc/sys/vm/swappiness /proc/sys/fs/file-max',
    '7\n524288',
  ],
  ['sysctl: {name: vm.max_map_count, value: "262144", sysctl_set: true}', 'sysctl -n vm.max_map_count', '262144'],
  ['swap: {}', 'swapon --show --noheadings; grep -c "^[^#].*swap" /etc/fstab', '0'],
  [
    'mount: {path: /mnt/disk, src: /srv/disk.img, fstype: ext4, opts: "loop,noexec", state: mounted}',
    'findmnt -no FSTYPE,OPTIONS /mnt/disk | grep -o "ext4\\|noexec"; cat /mnt/disk/inside',
    'ext4\nnoexec\nhere',
  ],
  [
    'mount: {path: /mnt/scratch, src: tmpfs, fstype: tmpfs, opts: size=1m, state: mounted}',
    'findmnt -no FSTYPE,OPTIONS /mnt/scratch | grep -o "tmpfs\\|size=1024k"',
    'tmpfs\nsize=1024k',
  ],
  [
    'mount: {path: /mnt/bound, src: /mnt/disk, fstype: none, opts: bind, state: mounted}',
    'cat /mnt/bound/inside',
    'here',
  ],
]

const clear: readonly Row[] = [
  [
    'mount: {path: /mnt/bound, state: absent}',
    'ls -d /mnt/bound 2>/dev/null; findmnt -n /mnt/bound; echo gone',
    'gone',
  ],
  [
    'mount: {path: /mnt/scratch, src: tmpfs, fstype: tmpfs, opts: size=2m, state: mounted}',
    'findmnt -no OPTIONS /mnt/scratch | grep -o "size=[0-9]*k"',
    'size=2048k',
  ],
  ['mount: {path: /mnt/disk, state: unmounted}', 'findmnt -n /mnt/disk; ls -A /mnt/disk; losetup -a; echo off', 'off'],
  [
    'kmod: {name: [ip_vs_wrr, ip_vs_sh], state: absent, persistent: absent, persistent_file: /etc/modules-load.d/ipvs.conf}',
    'lsmod | grep -E "^ip_vs_(wrr|sh)"; ls /etc/modules-load.d | grep ipvs; echo none',
    'none',
  ],
  [
    'kmod: {name: loop, state: absent, persistent: absent}',
    'lsmod | grep ^loop; ls /etc/mod*.d | grep loop; echo none',
    'none',
  ],
  [
    'sysctl: {name: vm.max_map_count, state: absent}',
    'grep -c max_map /etc/sysctl.conf; sysctl -n vm.max_map_count',
    '0\n262144',
  ],
  [
    'sysctl: {sysctl_file: /etc/sysctl.d/spec.conf, settings: {vm.swappiness: 8}}',
    'grep swap /etc/sysctl.d/spec.conf; sysctl -n vm.swappiness',
    'vm.swappiness = 8\n8',
  ],
]

describe('modules for the kernel, on a machine with its own', function () {
  this.timeout('10m')
  let folder: string

  before(async function () {
    needsLab.call(this)
    this.timeout('15m')
    folder = mkdtempSync(join(tmpdir(), 'tsplay-kernel-'))
    const book = (tasks: readonly string[]) =>
      `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`
    writeFileSync(join(folder, 'build.yml'), book(build.map(([task]) => task)))
    writeFileSync(join(folder, 'clear.yml'), book(clear.map(([task]) => task)))
    writeFileSync(
      join(folder, 'boot.yml'),
      book(['reboot: {reboot_timeout: 480, connect_timeout: 15}', 'wait_for_connection: {timeout: 60}']),
    )
    await up([word], { vm: [name] })
    await on(
      'modprobe loop && mkfs.ext4 -q /srv/disk.img 8M && mkdir /tmp/m && mount -o loop /srv/disk.img /tmp/m && echo here >/tmp/m/inside && umount /tmp/m && rmmod loop && rm -r /tmp/m',
    )
  })
  after(async () => {
    if (folder === undefined) return
    rmSync(folder, { recursive: true })
    await down([word])
  })

  const on = async (script: string) => {
    const { status, stdout, stderr } = await ssh(name, [script])
    expect(status, `${script}\n${stderr}`).to.equal(0)
    return stdout.trim()
  }

  const play = async (book: string, ...more: string[]) => {
    const words = ['run', join(folder, book), '-i', `${name},`, '-u', 'root', '--output', 'jsonl', '--diff', ...more]
    const { status, stdout, stderr } = await exec([...program, ...words, '-e', 'ansible_timeout=60'])
    const results = eventsIn(stdout).flatMap((event) => (event.event === 'result' ? [event as Printed] : []))
    expect(status, `${stderr}${JSON.stringify(results.filter((one) => one.status === 'failed'))}`).to.equal(0)
    return results.map(({ action, status: ended, diff, result }) => ({
      action,
      status: ended,
      diff,
      may: result.may_change,
    }))
  }

  /** All looks in one login, which takes its time there. */
  const look = async (rows: readonly Row[]) => {
    const said = await on(rows.map(([, script]) => `{ ${script}; } 2>&1; echo ==`).join('\n'))
    return Object.fromEntries(
      said
        .split(/\n?==\n?/)
        .slice(0, rows.length)
        .map((seen, index) => [rows[index]![0], seen]),
    )
  }
  const wanted = (rows: readonly Row[], booted = false) =>
    Object.fromEntries(rows.map(([task, , seen, after]) => [task, (booted ? after : undefined) ?? seen]))

  /** A file system that is mounted writes to its image by itself. */
  const files = async () => (await changes(name)).filter(({ path }) => path !== '/srv/disk.img')
  const kernel =
    "lsmod | cut -d' ' -f1 | sort; sysctl -n vm.swappiness vm.max_map_count fs.file-max; swapon --show; findmnt"

  for (const [book, rows] of [
    ['build.yml', build],
    ['clear.yml', clear],
  ] as const) {
    describe(book, () => {
      let foretold: unknown

      it('is dry-run without touching files or kernel', async () => {
        const before = [await on(kernel), await files()]
        foretold = await play(book, '--check')
        expect([await on(kernel), await files()]).to.deep.equal(before)
      })

      it('comes as foretold, and is in effect', async () => {
        const came = await play(book)
        expect(came.map(({ action, status }) => `${action} ${status}`)).to.deep.equal(
          rows.map(([task]) => `${task.split(':')[0]} changed`),
        )
        expect(came).to.deep.equal(foretold)
        expect(await look(rows)).to.deep.equal(wanted(rows))
      })

      it('has then nothing to do', async () => {
        expect((await play(book)).map(({ action, status }) => `${action} ${status}`)).to.deep.equal(
          rows.map(([task]) => `${task.split(':')[0]} ok`),
        )
      })
    })
    if (book === 'build.yml')
      describe('boot.yml', () => {
        it('starts nothing anew in a dry run', async () => {
          const boot = await on('cat /proc/sys/kernel/random/boot_id')
          expect((await play('boot.yml', '--check'))[0]).to.include({ action: 'reboot', status: 'changed' })
          expect(await on('cat /proc/sys/kernel/random/boot_id')).to.equal(boot)
        })

        it('boots, after which all is in effect that is to last, and nothing to do', async () => {
          const boot = await on('cat /proc/sys/kernel/random/boot_id')
          const came = await play('boot.yml')
          expect(came.map(({ action, status }) => `${action} ${status}`)).to.deep.equal([
            'reboot changed',
            'wait_for_connection ok',
          ])
          expect(await on('cat /proc/sys/kernel/random/boot_id')).to.not.equal(boot)
          await on('systemctl is-system-running --wait || :')
          expect(await look(build)).to.deep.equal(wanted(build, true))
          expect((await play('build.yml')).every(({ status }) => status === 'ok')).to.equal(true)
        })
      })
  }
})
