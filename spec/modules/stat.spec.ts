import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { Workbench } from './workbench.ts'

describe('stat', () => {
  it('says what Ansible says of rights and links', async () => {
    const bench = new Workbench()
    try {
      mkdirSync(bench.path('d'))
      writeFileSync(bench.path('d/f'), 'x')
      chmodSync(bench.path('d/f'), 0o751)
      symlinkSync('d/f', bench.path('l'))
      const look = async (name: string) => (await bench.apply('stat', { path: bench.path(name) })).result.stat
      expect(await look('d/f')).to.include({
        ...{ rusr: true, wusr: true, xusr: true, rgrp: true, wgrp: false, xgrp: true },
        ...{ roth: false, woth: false, xoth: true, mode: '0751', islnk: false },
      })
      expect(await look('l')).to.include({ islnk: true, lnk_target: 'd/f', lnk_source: bench.path('d/f') })
      expect(await look('none')).to.deep.equal({ exists: false })
    } finally {
      await bench.close()
    }
  })

  it('does not wait for what a pipe or a device may say', async () => {
    const bench = new Workbench()
    try {
      execFileSync('mkfifo', [bench.path('pipe')])
      const { result } = await bench.apply('stat', { path: bench.path('pipe') })
      expect(result.stat).to.include({ isfifo: true, exists: true })
      expect(result.stat).not.to.have.property('checksum')
      const zero = await bench.apply('stat', { path: '/dev/zero' })
      expect(zero.result.stat).to.include({ ischr: true }).and.not.to.have.property('checksum')
      const read = bench.apply('slurp', { src: bench.path('pipe') })
      expect(await read.then(({ result }) => result.msg, String)).to.match(/pipe/)
    } finally {
      await bench.close()
    }
  })
})
