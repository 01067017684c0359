import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'

const PIECE = 256 * 1024
/** Pieces, of all files: 32 MiB. Who is further behind than that reads for himself. */
const MOST = 128

/** By file, digest and number; the last ones read are at the end. */
const pieces = new Map<string, Promise<Buffer>>()

export interface SharedFile {
  readonly file: string
  readonly size: number
  readonly sha256: string
}

/** A file of the controller for many hosts: what one has read lately the others do not read again. */
export function readShared({ file, size, sha256 }: SharedFile): Readable {
  let handle: Promise<FileHandle> | undefined
  const piece = async (at: number): Promise<Buffer> => {
    handle ??= open(file)
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE, size - at))
    const { bytesRead } = await (await handle).read(buffer, 0, buffer.length, at)
    return buffer.subarray(0, bytesRead)
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      for (let at = 0; at < size; at += PIECE) {
        const key = `${file}\0${sha256}\0${at}`
        const known = pieces.get(key)
        const read = known ?? piece(at)
        if (!known) {
          pieces.set(key, read)
          read.catch(() => pieces.delete(key))
          if (pieces.size > MOST) pieces.delete(pieces.keys().next().value!)
        }
        yield await read
      }
    } finally {
      await (await handle)?.close()
    }
  }
  return Readable.from(all(), { highWaterMark: 2, objectMode: true })
}
