import type { Stat } from './stat.ts'

/** What Ansible's modules tell of a file: `mode`, `isreg`, `pw_name`, `rusr`, … */
export function statResult(there: Stat): Record<string, unknown> {
  const bits = Number.parseInt(there.mode, 8)
  return {
    mode: there.mode,
    uid: there.uid,
    gid: there.gid,
    pw_name: there.owner,
    gr_name: there.group,
    size: there.size,
    mtime: there.mtime,
    atime: there.atime,
    ctime: there.ctime,
    inode: there.inode,
    dev: there.device,
    nlink: there.links,
    isreg: there.type === 'file',
    isdir: there.type === 'directory',
    islnk: there.type === 'link',
    isfifo: there.type === 'fifo',
    issock: there.type === 'socket',
    ischr: there.type === 'char',
    isblk: there.type === 'block',
    isuid: (bits & 0o4000) !== 0,
    isgid: (bits & 0o2000) !== 0,
    ...rights(bits),
  }
}

/** rusr, wusr, xusr, rgrp and so on. */
function rights(bits: number): Record<string, boolean> {
  const names = ['usr', 'grp', 'oth'].flatMap((who) => ['r', 'w', 'x'].map((right) => right + who))
  return Object.fromEntries(names.map((name, index) => [name, (bits & (0o400 >> index)) !== 0]))
}
