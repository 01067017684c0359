import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { bytesOf, textOf } from '../../engine/state/text.ts'
import authorizedKey from '../../modules/authorized_key.ts'
import knownHosts from '../../modules/known_hosts.ts'
import mount from '../../modules/mount.ts'
import pamLimits from '../../modules/pam_limits.ts'
import swap from '../../modules/swap.ts'
import sysctl from '../../modules/sysctl.ts'
import { runOn } from '../modules/harness.ts'
import { Workbench } from '../modules/workbench.ts'
import { random } from '../random.ts'

describe('texts of files', () => {
  it('come back as they were, whatever their bytes (fuzz)', () => {
    const { int, pick } = random(3)
    const pieces = [
      Buffer.from('é😀a\r\n'),
      Buffer.from([0xff]),
      Buffer.from([0xc3]),
      Buffer.from([0xf0, 0x9f]),
      Buffer.from('\ufffd'),
      Buffer.from([0xed, 0xb2, 0x80]),
      Buffer.from([0]),
    ]
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.concat(Array.from({ length: int(0, 8) }, () => pick(pieces)))
      expect(bytesOf(textOf(bytes)).toString('hex')).to.equal(bytes.toString('hex'))
    }
  })

  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIKnM3tJsvPZUGRoCXxRkrSgMPGmS8rVMUwGmbNqlAYZT'
  // Latin-1, CRLF, tabs, and no line end at the end.
  const other = Buffer.concat([Buffer.from('# caf'), Buffer.from([0xe9]), Buffer.from('\r\n\t# x  \n# last')])
  const edits: [string, never, (path: string) => Record<string, unknown>, string][] = [
    ['sysctl', sysctl as never, (path) => ({ name: 'net.x', value: 1, sysctl_file: path, reload: false }), 'net.x=1'],
    [
      'mount',
      mount as never,
      (path) => ({ path: '/mnt/none', src: 'tmpfs', fstype: 'tmpfs', state: 'present', fstab: path }),
      'tmpfs /mnt/none tmpfs defaults 0 0',
    ],
    [
      'pam_limits',
      pamLimits as never,
      (path) => ({ domain: '*', limit_type: 'soft', limit_item: 'nofile', value: '5', dest: path }),
      '*\tsoft\tnofile\t5',
    ],
    [
      'known_hosts',
      knownHosts as never,
      (path) => ({ name: 'h', key: `h ssh-ed25519 ${key}`, path }),
      `h ssh-ed25519 ${key}`,
    ],
    [
      'authorized_key',
      authorizedKey as never,
      (path) => ({ user: 'root', key: `ssh-ed25519 ${key} me`, path }),
      `ssh-ed25519 ${key} me`,
    ],
  ]
  for (const [name, module, given, line] of edits) {
    it(`keep every other byte when ${name} edits them`, async () => {
      const bench = new Workbench()
      try {
        const path = bench.path('file')
        writeFileSync(path, other)
        const run = async () => (await runOn(module, given(path), { connection: bench.connection })).result.changed
        expect(await run()).to.equal(true)
        const expected = Buffer.concat([other, Buffer.from(`\n${line}\n`)])
        expect(readFileSync(path).toString('latin1')).to.equal(expected.toString('latin1'))
        expect(await run()).to.equal(false)
        // Without a line end, and with what is wanted already: nothing to do.
        writeFileSync(path, expected.subarray(0, -1))
        expect(await run()).to.equal(false)
      } finally {
        await bench.close()
      }
    })
  }

  for (const [name, module, given] of edits.filter(([name]) => name === 'sysctl' || name === 'mount')) {
    it(`${name} writes through a link, which stays one`, async () => {
      const bench = new Workbench()
      try {
        writeFileSync(bench.path('real'), '')
        symlinkSync('real', bench.path('link'))
        await runOn(module, given(bench.path('link')), { connection: bench.connection })
        expect(lstatSync(bench.path('link')).isSymbolicLink()).to.equal(true)
        expect(readFileSync(bench.path('real')).length).to.be.greaterThan(0)
      } finally {
        await bench.close()
      }
    })
  }

  it('swap has nothing to say of an fstab without swap and without a line end', async () => {
    const bench = new Workbench()
    try {
      writeFileSync(bench.path('fstab'), '/dev/sda1 / ext4 defaults 0 1')
      const ended = await runOn(swap, { fstab: bench.path('fstab') }, { connection: bench.connection, checking: true })
      expect(ended.steps.some((step) => step.name === 'write')).to.equal(false)
    } finally {
      await bench.close()
    }
  })
})
