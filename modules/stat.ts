import { defineModule, digestAlgorithms, realPath } from 'tsplay'

export default defineModule({
  summary: 'Look at a file: whether it exists, its type, mode, owner, size and digest.',
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest', 'name'], description: 'What to look at.' },
      follow: { type: 'boolean', default: false, description: 'Look at what a link points to.' },
      get_checksum: { type: 'boolean', default: true },
      checksum_algorithm: { enum: digestAlgorithms, default: 'sha1', aliases: ['checksum', 'checksum_algo'] },
    },
    required: ['path'],
    additionalProperties: false,
  },
  returns: {
    stat: 'exists, path, isreg, isdir, islnk, mode, uid, gid, pw_name, gr_name, size, mtime, lnk_source, checksum, …',
  },
  examples: [
    {
      title: 'Is there a file',
      yaml: `- stat: {path: /etc/hosts}\n  register: hosts_file\n- assert: {that: [hosts_file.stat.exists]}`,
    },
  ],
  async probe(host, params) {
    const [there, real, checksum] = await Promise.all([
      host.stat(params.path, { follow: params.follow }),
      host.read(realPath, params.path),
      params.get_checksum ? host.digest(params.path, params.checksum_algorithm) : null,
    ])
    return { there, real, checksum }
  },
  plan({ there, real, checksum }, params) {
    if (!there) return { result: { stat: { exists: false } } }
    const bits = Number.parseInt(there.mode, 8)
    return {
      result: {
        stat: {
          exists: true,
          path: params.path,
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
          executable: (bits & 0o111) !== 0,
          isuid: (bits & 0o4000) !== 0,
          isgid: (bits & 0o2000) !== 0,
          ...rights(bits),
          ...(there.target === undefined ? {} : { lnk_target: there.target, lnk_source: real }),
          ...(checksum === null || there.type !== 'file' ? {} : { checksum }),
        },
      },
    }
  },
})

/** rusr, wusr, xusr, rgrp and so on. */
function rights(bits: number): Record<string, boolean> {
  const names = ['usr', 'grp', 'oth'].flatMap((who) => ['r', 'w', 'x'].map((right) => right + who))
  return Object.fromEntries(names.map((name, index) => [name, (bits & (0o400 >> index)) !== 0]))
}
