import { readFile, stat } from 'node:fs/promises'

const read = new Map<string, { readonly stamp: string; readonly content: Promise<Buffer> }>()

/** A file of this machine that every host of a run asks for: read once, for as long as it stays the same. Throws as `readFile`. */
export async function contentOf(path: string): Promise<Buffer> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(path)
  const stamp = `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  const known = read.get(path)
  if (known?.stamp === stamp) return known.content
  const content = readFile(path)
  read.set(path, { stamp, content })
  // Who may not read it now may be let later.
  content.catch(() => read.delete(path))
  return content
}
