/** What is at a path, as lstat sees it (stat, when followed). */
export interface Stat {
  type: 'file' | 'directory' | 'link' | 'fifo' | 'socket' | 'char' | 'block'
  /** Four octal digits, `0644`. */
  mode: string
  uid: number
  gid: number
  /** Names, or the number as text when the host has no name for it. */
  owner: string
  group: string
  /** Bytes. */
  size: number
  /** Seconds since 1970. */
  mtime: number
  atime: number
  ctime: number
  inode: number
  device: number
  links: number
  /** A link's target, as it stands in the link. */
  target?: string
}
