import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../base/problem.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_WRONLY } = constants

/** Writes a file, new or in the place of an old one; `mode` is for an old one too. */
export function putFile(file: string, bytes: Buffer, mode?: number): void {
  if (existsSync(file)) replaceFile(file, bytes, mode)
  else writeNewFile(file, bytes)
}

/**
 * Puts other content in a file's place at once: whoever reads it sees the old or the new. Owner and, unless another is
 * given, mode stay, a link stays one. What was there is overwritten, as far as a disk lets one.
 */
export function replaceFile(file: string, bytes: Buffer, wanted?: number): void {
  trying(file, () => {
    const path = realpathSync(file)
    const old = openSync(path, O_RDWR)
    try {
      const { mode, uid, gid, nlink } = fstatSync(old)
      const fresh = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
      writeWhole(fresh, bytes, (fd) => {
        // An ordinary user cannot give files away; theirs it is then, if it was before.
        if (process.getuid?.() === 0) fchownSync(fd, uid, gid)
        fchmodSync(fd, wanted ?? mode & 0o7777)
      })
      renameSync(fresh, path)
      flushFolder(dirname(path))
      if (nlink === 1) overwrite(old)
    } finally {
      closeSync(old)
    }
  })
}

/** A file that only its owner may read. */
export function writeNewFile(file: string, bytes: Buffer): void {
  trying(file, () => {
    writeWhole(file, bytes, () => undefined)
    flushFolder(dirname(file))
  })
}

/** Overwrites a file with noise and removes it. */
export function shred(file: string): void {
  const fd = openSync(file, O_RDWR | O_NOFOLLOW)
  try {
    overwrite(fd)
  } finally {
    closeSync(fd)
    rmSync(file, { force: true })
  }
}

function overwrite(fd: number): void {
  const { size } = fstatSync(fd)
  for (let at = 0; at < size; ) at += writeSync(fd, randomBytes(Math.min(size - at, 1 << 16)), 0, undefined, at)
  fsyncSync(fd)
}

function writeWhole(path: string, bytes: Buffer, dress: (fd: number) => void): void {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    dress(fd)
    fsyncSync(fd)
  } catch (thrown) {
    rmSync(path, { force: true })
    throw thrown
  } finally {
    closeSync(fd)
  }
}

/** So that the new name outlives a power cut. */
function flushFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function trying(file: string, work: () => void): void {
  try {
    work()
  } catch (cause) {
    throw new Problem('file-missing', `${file} cannot be written.`, {
      cause,
      hint: 'Look at the permissions of the file and its folder.',
    })
  }
}
