import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../base/problem.ts'

/** Makes a folder that only its owner enters, and refuses one in which others could put their own files. */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (thrown) {
    throw explained(thrown, `The PKI folder ${folder} cannot be made`)
  }
  await checkPrivateFolder(folder)
}

/** Refuses a folder in which others could put their own files; one that is not there is fine. */
export async function checkPrivateFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined
    throw explained(thrown, `The PKI folder ${folder} cannot be read`)
  })
  if (found && found.mode & 0o022) {
    throw new Problem('pki', `Others may write in the PKI folder ${folder} (mode ${octal(found.mode)})`, {
      hint: `Run: chmod 700 ${folder}`,
    })
  }
}

/** Writes a file for its owner alone: beside its place, flushed, then renamed, so that it is never there in part. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.new-${randomUUID()}`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
  } catch (thrown) {
    await unlink(draft).catch(() => undefined)
    throw explained(thrown, `${path} cannot be written`)
  }
}

/** The text of a file, or null when there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw explained(thrown, `${path} cannot be read`)
  }
}

/** The text of a key file, or null when there is none; refuses one that others may read or write. */
export async function readPrivate(path: string): Promise<string | null> {
  const text = await readIfThere(path)
  if (text === null) return null
  const { mode } = await stat(path)
  if (mode & 0o077) {
    throw new Problem('pki', `The private key ${path} is open to others (mode ${octal(mode)})`, {
      hint: `Run: chmod 600 ${path}; if others had access to the machine, make a new key.`,
    })
  }
  return text
}

const octal = (mode: number): string => `0${(mode & 0o777).toString(8).padStart(3, '0')}`

/** What the operating system refused, in words; a Problem stays what it is. */
export function explained(thrown: unknown, what: string): Problem {
  if (thrown instanceof Problem) return thrown
  const code = (thrown as NodeJS.ErrnoException).code
  const why: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    ENOSPC: 'no space left on the device',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of the path is not a folder',
    EISDIR: 'it is a folder',
    EEXIST: 'a file is in its place',
  }
  return new Problem('pki', `${what}: ${why[code ?? ''] ?? code ?? 'unknown error'}`, {
    hint:
      code === 'ENOSPC'
        ? 'The disk of the controller is full: free some space, or choose another PKI folder.'
        : 'Choose another PKI folder, or put this one right.',
    cause: thrown,
  })
}
