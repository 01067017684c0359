import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { TreeEntry } from '../state/reads/tree.ts'
import type { Stat } from '../state/stat.ts'

/** A file of a fake host: its text, or what is to be said of it. Without `directory` and `link` it is a plain file. */
export type FakeFile =
  | string
  | Buffer
  | {
      readonly content?: string | Buffer
      readonly directory?: true
      /** Where a symbolic link points. */
      readonly link?: string
      /** Octal digits; default 0644, folders 0755. */
      readonly mode?: string
      /** A name; default root. */
      readonly owner?: string
      readonly group?: string
    }

export interface Ids {
  uid(name: string): number
  gid(name: string): number
}

interface Node {
  readonly stat: Stat
  readonly bytes: Buffer
}

const MOST_LINKS = 40

/** The files of a fake host, as looks see them. Folders above a file need not be said. */
export class FakeFiles {
  readonly #nodes = new Map<string, Node>()
  readonly #ids: Ids

  constructor(files: Readonly<Record<string, FakeFile>>, ids: Ids) {
    this.#ids = ids
    this.#put('/', { directory: true })
    for (const [path, file] of Object.entries(files)) {
      if (!posix.isAbsolute(path)) throw new Error(`A file of a fake host has a whole path, unlike "${path}".`)
      this.#put(plain(path), file)
    }
    for (const path of [...this.#nodes.keys()])
      for (let above = posix.dirname(path); !this.#nodes.has(above); above = posix.dirname(above))
        this.#put(above, { directory: true })
  }

  stat(path: string, follow: boolean): Stat | null {
    return this.#nodes.get(this.resolve(path, follow))?.stat ?? null
  }

  content(path: string): Buffer | null {
    const node = this.#nodes.get(this.resolve(path, true))
    return node?.stat.type === 'file' ? node.bytes : null
  }

  digest(path: string, algorithm: string): string | null {
    const bytes = this.content(path)
    return bytes && createHash(algorithm).update(bytes).digest('hex')
  }

  list(path: string): string[] | null {
    const folder = this.resolve(path, true)
    if (this.#nodes.get(folder)?.stat.type !== 'directory') return null
    return [...this.#nodes.keys()]
      .filter((one) => one !== '/' && posix.dirname(one) === folder)
      .map((one) => posix.basename(one))
      .sort()
  }

  /** Where a path itself links to; null for what is no link. */
  link(path: string): string | null {
    return this.stat(path, false)?.target ?? null
  }

  tree(path: string, digests: boolean): TreeEntry[] | null {
    const folder = this.resolve(path, true)
    if (this.list(folder) === null) return null
    return [...this.#nodes]
      .filter(([one]) => one !== folder && one.startsWith(folder === '/' ? '/' : `${folder}/`))
      .map(([one, { stat }]) => {
        const { type, mode, uid, gid, owner, group, size, target } = stat
        const sha256 = digests && type === 'file' ? this.digest(one, 'sha256') : null
        return {
          relative: posix.relative(folder, one),
          ...{ type, mode, uid, gid, owner, group, size },
          ...(target === undefined ? {} : { target }),
          ...(sha256 === null ? {} : { sha256 }),
        }
      })
      .sort((a, b) => (a.relative < b.relative ? -1 : 1))
  }

  /** A path with its links followed; the last part only with `last`. A link that leads in circles leads nowhere. */
  resolve(path: string, last: boolean, links = 0): string {
    const parts = plain(path).split('/').filter(Boolean)
    let at = ''
    for (const [index, part] of parts.entries()) {
      at += `/${part}`
      const target = this.#nodes.get(at)?.stat.target
      if (target === undefined || (index === parts.length - 1 && !last)) continue
      if (links === MOST_LINKS) return ''
      return this.resolve(posix.resolve(posix.dirname(at), target, ...parts.slice(index + 1)), last, links + 1)
    }
    return at || '/'
  }

  #put(path: string, file: FakeFile): void {
    const said = typeof file === 'string' || Buffer.isBuffer(file) ? { content: file } : file
    if ([said.content, said.directory, said.link].filter((one) => one !== undefined).length > 1)
      throw new Error(`${path} is one of content, directory and link.`)
    const bytes = Buffer.from(said.content ?? '')
    const type = said.directory ? 'directory' : said.link === undefined ? 'file' : 'link'
    const { owner = 'root', group = 'root' } = said
    const stat: Stat = {
      type,
      mode: (said.mode ?? { directory: '0755', link: '0777', file: '0644' }[type]).padStart(4, '0'),
      uid: this.#ids.uid(owner),
      gid: this.#ids.gid(group),
      ...{ owner, group, mtime: 0, atime: 0, ctime: 0, device: 1, links: 1 },
      size: said.link === undefined ? bytes.length : said.link.length,
      inode: this.#nodes.size + 1,
      ...(said.link === undefined ? {} : { target: said.link }),
    }
    this.#nodes.set(path, { stat, bytes })
  }
}

function plain(path: string): string {
  const normal = posix.normalize(path)
  return normal === '/' ? normal : normal.replace(/\/$/, '')
}
