import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { Problem } from '../base/problem.ts'

/** A file of the controller as an archive shall have it. */
export interface TarFile {
  /** Its name in the archive. */
  readonly name: string
  readonly path: string
  readonly size: number
  /** Four octal digits. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970. */
  readonly mtime: number
}

const BLOCK = 512
const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK
const isLong = (name: string) => Buffer.byteLength(name) > 100

/** How long `tarStream` will be. */
export function tarSize(files: readonly TarFile[]): number {
  const sizes = files.map(({ name, size }) => {
    const long = isLong(name) ? BLOCK + padded(Buffer.byteLength(name) + 1) : 0
    return long + BLOCK + padded(size)
  })
  return sizes.reduce((sum, size) => sum + size, 2 * BLOCK)
}

/** An archive that tar extracts, GNU's or busybox's, made while it is read: no file is ever in memory as a whole. */
export function tarStream(files: readonly TarFile[]): Readable {
  return Readable.from(parts(files), { objectMode: false })
}

async function* parts(files: readonly TarFile[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    if (isLong(file.name)) {
      const name = Buffer.from(`${file.name}\0`)
      yield header({ ...file, name: '././@LongLink', size: name.length }, 'L')
      yield Buffer.concat([name, Buffer.alloc(padded(name.length) - name.length)])
    }
    yield header(file, '0')
    yield* content(file)
    yield Buffer.alloc(padded(file.size) - file.size)
  }
  yield Buffer.alloc(2 * BLOCK)
}

async function* content({ path, size }: TarFile): AsyncGenerator<Buffer> {
  if (size === 0) return
  let left = size
  // Not beyond what was announced, should it be growing.
  for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 1 << 18 })) {
    left -= (chunk as Buffer).length
    yield chunk as Buffer
  }
  if (left > 0)
    throw new Problem('task-failed', `${path} became shorter while it was sent.`, { hint: 'Run again when it rests.' })
}

/** GNU's form, which is the one that every tar knows with long names. */
function header(file: TarFile, kind: '0' | 'L'): Buffer {
  const block = Buffer.alloc(BLOCK)
  block.write(isLong(file.name) ? cut(file.name) : file.name, 0)
  number(block, Number.parseInt(file.mode, 8), 100, 8)
  number(block, file.uid, 108, 8)
  number(block, file.gid, 116, 8)
  number(block, file.size, 124, 12)
  number(block, Math.max(0, file.mtime), 136, 12)
  block.write(kind, 156)
  block.write('ustar  \0', 257)
  block.write('        ', 148)
  const sum = block.reduce((all, byte) => all + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** The first 100 bytes; whoever reads on has the whole name already. */
const cut = (name: string) =>
  Buffer.from(name)
    .subarray(0, 100)
    .toString('latin1')
    .replace(/[^ -~]/g, '_')

/** Octal digits, or in two's complement what they cannot hold. */
function number(block: Buffer, value: number, at: number, length: number): void {
  const digits = value.toString(8)
  if (digits.length < length) {
    block.write(digits.padStart(length - 1, '0'), at)
    return
  }
  block.writeUIntBE(value, at + length - 6, 6)
  block[at] = 0x80
}
