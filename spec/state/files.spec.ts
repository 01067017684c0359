import { chownSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { execute } from '../../engine/module/execute.ts'
import { remove } from '../../engine/state/steps/files.ts'
import { write } from '../../engine/state/steps/write.ts'
import { IN_OWN } from '../../engine/wire/own-file.ts'
import { quote } from '../../engine/wire/quote.ts'
import { problemOf, Workbench } from '../modules/workbench.ts'

describe('steps for files', () => {
  let bench: Workbench
  beforeEach(() => {
    bench = new Workbench()
  })
  afterEach(() => bench.close())

  for (const path of ['', '/', '//', '.', './', '..', '../', '/.', '/etc/..', '/a/../..', '../x', '/./'])
    it(`never removes "${path}"`, () => expect(() => remove(path)).to.throw('is never removed'))
  for (const path of ['/etc/x', '/x', 'x', '/x/', '/a/../b'])
    it(`removes ${path}`, () => expect(remove(path).script).to.contain('rm -rf'))

  it('makes a link with nothing beside it, in place of a link to a folder', async () => {
    mkdirSync(bench.path('folder'))
    writeFileSync(bench.path('file'), '')
    symlinkSync('folder', bench.path('link'))
    // What somebody who foresees names would put there.
    for (let pid = 1; pid < 40; pid++) symlinkSync('folder', bench.path(`link.tsplay-link.${process.pid + pid}`))
    const before = readdirSync(bench.folder).length
    await bench.settle('file', { path: bench.path('link'), src: 'file', state: 'link' })
    expect(readlinkSync(bench.path('link'))).to.equal('file')
    expect(readdirSync(bench.folder).length).to.equal(before)
    expect(readdirSync(bench.path('folder'))).to.deep.equal([])
  })

  describe('where somebody else may write', () => {
    const hostile = 65534
    /** What was put in place of the folder that was made for a new file, and what then came of the victim's file. */
    async function written(swap: (own: string, victim: string) => void) {
      mkdirSync(bench.path('victim'), { mode: 0o700 })
      writeFileSync(bench.path('victim/file'), 'secret', { mode: 0o600 })
      swap(bench.path('own'), bench.path('victim'))
      const { script } = write({ path: bench.path('new'), content: Buffer.from('x'), mode: '0666', owner: 'nobody' })
      const lines = [`tsplay_d=${quote(bench.path('own'))}`, IN_OWN, script]
      const [reply] = await bench.connection.run([{ script: lines.join('\n') }])
      const { mode, uid } = statSync(bench.path('victim/file'))
      return { status: reply!.status, said: reply!.stderr.toString(), mode: mode & 0o777, uid }
    }

    it('goes through no link that took the place of its folder', async () => {
      const { said, ...rest } = await written((own, victim) => symlinkSync(victim, own))
      expect(rest).to.deep.equal({ status: 1, mode: 0o600, uid: 0 })
      expect(said).to.equal(`somebody else changes ${bench.path('own')} while it is in use\n`)
    })

    it('uses no folder of somebody else', async () => {
      const { status, mode, uid } = await written((own, victim) => {
        mkdirSync(own)
        chownSync(own, hostile, hostile)
        symlinkSync(`${victim}/file`, `${own}/file`)
      })
      expect({ status, mode, uid }).to.deep.equal({ status: 1, mode: 0o600, uid: 0 })
    })

    it('keeps nothing new where the old file cannot be kept', async () => {
      writeFileSync(bench.path('there'), 'old')
      const step = write({ path: bench.path('there'), content: Buffer.from('new'), backup: bench.path('kept~') })
      const failing = execute([{ ...step, script: `cp() { return 1; }\n${step.script}` }], {
        connection: bench.connection,
        memory: bench.memory,
      })
      expect((await problemOf(failing)).code).to.equal('step-failed')
      expect(bench.read('there')).to.equal('old')
    })

    it('fails where the new file cannot take the name of the old one, and leaves that alone', async () => {
      for (const unsafe of [false, true]) {
        writeFileSync(bench.path('there'), 'old')
        const step = write({ path: bench.path('there'), content: Buffer.from('new'), unsafe })
        const refused = 'mv() { echo "may not" >&2; return 1; }; cat() { return 1; }'
        const failing = execute([{ ...step, script: `${refused}\n${step.script}` }], {
          connection: bench.connection,
          memory: bench.memory,
        })
        expect((await problemOf(failing)).code).to.equal('step-failed')
        if (!unsafe) expect(bench.read('there')).to.equal('old')
        expect(readdirSync(bench.folder).filter((name) => name.startsWith('.tsplay'))).to.deep.equal([])
      }
    })

    it('keeps the old file by a rename, not through a link of the name', async () => {
      writeFileSync(bench.path('victim'), 'secret')
      writeFileSync(bench.path('there'), 'old')
      symlinkSync('victim', bench.path('kept~'))
      const step = write({ path: bench.path('there'), content: Buffer.from('new'), backup: bench.path('kept~') })
      mkdirSync(bench.path('own'), { mode: 0o700 })
      writeFileSync(bench.path('own/file'), 'new')
      const [reply] = await bench.connection.run([
        { script: `tsplay_d=${quote(bench.path('own'))}\n${IN_OWN}\n${step.script}` },
      ])
      expect(reply!.stderr.toString()).to.equal('')
      expect([bench.read('victim'), bench.read('kept~'), bench.read('there')]).to.deep.equal(['secret', 'old', 'new'])
    })
  })

  it('leaves the old file as it was, and nothing else, when the new one is refused', async () => {
    writeFileSync(bench.path('there'), 'old')
    const before = readdirSync(bench.folder)
    const validate = `sh -c 'cp "$1" "${bench.path('tried')}"; exit 1' sh %s`
    const refused = bench.apply('copy', { dest: bench.path('there'), content: 'new', backup: true, validate })
    const said = await refused.then(String, String)
    expect(said).to.contain('the new file was refused by: ')
    expect(bench.read('tried')).to.equal('new')
    expect(bench.read('there')).to.equal('old')
    expect(readdirSync(bench.folder)).to.have.members([...before, 'tried'])
  })

  it('lets a program that is written be tried first', async () => {
    await bench.settle('copy', {
      dest: bench.path('program'),
      content: '#!/bin/sh\n[ "$1" = --check ]\n',
      mode: '0755',
      validate: '%s --check',
    })
  })

  it('writes a large file into a folder that the same task makes', async () => {
    mkdirSync(bench.path('controller'))
    writeFileSync(bench.path('controller/large'), Buffer.alloc(300_000, 'x'))
    await bench.settle('copy', { src: 'large', dest: bench.path('new/deep/') })
    expect(bench.read('new/deep/large').length).to.equal(300_000)
    mkdirSync(bench.path('controller/tree/sub'), { recursive: true })
    writeFileSync(bench.path('controller/tree/sub/large'), Buffer.alloc(300_000, 'y'))
    await bench.settle('copy', { src: 'tree', dest: bench.path('copied') })
    expect(bench.read('copied/tree/sub/large').length).to.equal(300_000)
  })
})
