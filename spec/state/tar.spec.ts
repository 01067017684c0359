import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type TarFile, tarSize, tarStream } from '../../engine/state/tar.ts'
import { problemOf } from '../modules/workbench.ts'

describe('a tar stream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsplay-tar-'))
  after(() => rmSync(folder, { recursive: true }))

  const file = (name: string, content: string, more: Partial<TarFile> = {}): TarFile => {
    const path = join(folder, String(content.length))
    writeFileSync(path, content)
    return { name, path, size: content.length, mode: '0644', uid: 0, gid: 0, mtime: 1_700_000_000, ...more }
  }
  const whole = async (files: readonly TarFile[]) => Buffer.concat(await tarStream(files).toArray())

  it('is as long as was said, and what tar reads', async () => {
    const files = [
      file('./plain', 'x'.repeat(512)),
      file('./empty', ''),
      file(`./${'ü'.repeat(60)}/${'long'.repeat(60)}`, 'long name', { mode: '4750', uid: 3_000_000, gid: 12 }),
      file("./it's $(x)\nnext", 'odd name', { mtime: 8_600_000_000 }),
    ]
    const bytes = await whole(files)
    expect(bytes.length).to.equal(tarSize(files))
    const words = ['-tv', '--numeric-owner', '--utc', '--full-time', '--quoting-style=literal', '-f', '-']
    const listed = execFileSync('tar', words, { input: bytes, encoding: 'utf8' })
    expect(listed.replaceAll(/ {2,}/g, ' ')).to.equal(
      [
        '-rw-r--r-- 0/0 512 2023-11-14 22:13:20 ./plain',
        '-rw-r--r-- 0/0 0 2023-11-14 22:13:20 ./empty',
        `-rwsr-x--- 3000000/12 9 2023-11-14 22:13:20 ${files[2]!.name}`,
        `-rw-r--r-- 0/0 8 2242-07-11 00:53:20 ${files[3]!.name}`,
        '',
      ].join('\n'),
    )
    const inside = execFileSync('tar', ['-xOf', '-', files[2]!.name], { input: bytes, encoding: 'utf8' })
    expect(inside).to.equal('long name')
  })

  it('fails when a file is shorter than was said, and takes no more of one that grows', async () => {
    const short = { ...file('./a', 'abc'), size: 5 }
    expect((await problemOf(whole([short]))).message).to.equal(`${short.path} became shorter while it was sent.`)
    const long = { ...file('./a', 'abcdef'), size: 5 }
    expect((await whole([long])).length).to.equal(tarSize([long]))
  })
})
