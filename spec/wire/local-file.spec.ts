import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { contentOf } from '../../engine/wire/local-file.ts'

describe('a file of this machine', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-local-file-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is read once, and again when it has changed', async () => {
    const file = join(folder, 'known_hosts')
    writeFileSync(file, 'one\n')
    const first = await contentOf(file)
    expect(await contentOf(file)).to.equal(first)
    writeFileSync(file, 'one\ntwo\n')
    expect((await contentOf(file)).toString()).to.equal('one\ntwo\n')
  })

  it('is asked for again when it could not be had', async () => {
    const file = join(folder, 'late')
    const code = await contentOf(file).catch((error) => error.code)
    expect(code).to.equal('ENOENT')
    writeFileSync(file, 'here')
    expect((await contentOf(file)).toString()).to.equal('here')
  })
})
