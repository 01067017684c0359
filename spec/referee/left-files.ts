import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** The files below `folder`: kind, mode, owner, and what is in them. The keys begin with `label`. */
export function leftFiles(folder: string, label: string, owners: boolean): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  const walk = (path: string) => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const child = join(path, name)
      const file = join(folder, child)
      const stat = lstatSync(file)
      const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0')
      const owner = owners ? ` ${stat.uid}:${stat.gid}` : ''
      if (stat.isSymbolicLink()) found[label + child] = [`link${owner} to ${readlinkSync(file)}`]
      else if (stat.isDirectory()) {
        found[label + child] = [`folder ${mode}${owner}`]
        walk(child)
      } else if (stat.isFile()) found[label + child] = [`file ${mode}${owner}`, ...content(readFileSync(file))]
      else found[label + child] = [`other ${mode}${owner}`]
    }
  }
  try {
    walk('/')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return found
}

function content(bytes: Buffer): string[] {
  const text = bytes.toString('utf8')
  if (bytes.length > 8192 || !Buffer.from(text).equals(bytes))
    return [`${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`]
  // the last line's end shows: a text that ends without one has no empty line after it
  return text === '' ? [] : text.split('\n')
}
