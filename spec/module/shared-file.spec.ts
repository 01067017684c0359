import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readShared } from '../../engine/module/shared-file.ts'

describe('a file of the controller for many hosts', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsplay-shared-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function fileOf(bytes: Buffer) {
    const file = join(folder, 'file')
    writeFileSync(file, bytes)
    return { file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
  }
  const whole = async (what: ReturnType<typeof fileOf>) => Buffer.concat(await readShared(what).toArray())

  for (const size of [0, 1, 256 * 1024, 256 * 1024 + 1, 5_000_000])
    it(`is whole for each, ${size} bytes`, async () => {
      const bytes = randomBytes(size)
      const file = fileOf(bytes)
      const all = await Promise.all([whole(file), whole(file), whole(file)])
      for (const one of all) expect(one.equals(bytes)).to.equal(true)
    })

  it('is read once by those who want it about the same time', async () => {
    const bytes = randomBytes(1_000_000)
    const file = fileOf(bytes)
    await whole(file)
    rmSync(file.file)
    expect((await whole(file)).equals(bytes)).to.equal(true)
  })

  it('is read again by who comes late, and as another one when it has changed', async () => {
    const file = fileOf(randomBytes(40 << 20))
    await whole(file)
    const changed = fileOf(randomBytes(1000))
    expect(
      createHash('sha256')
        .update(await whole(changed))
        .digest('hex'),
    ).to.equal(changed.sha256)
    rmSync(file.file)
    const late = await whole(file).catch((thrown: NodeJS.ErrnoException) => thrown.code)
    expect(late).to.equal('ENOENT')
  })
})
