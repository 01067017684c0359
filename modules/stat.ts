import {
  access,
  defineModule,
  digestAlgorithms,
  fileFlags,
  flagNames,
  isUnknown,
  mimeType,
  realPath,
  statResult,
} from 'tsplay'

export default defineModule({
  summary: 'Look at a file: whether it exists, its type, mode, owner, size and digest.',
  params: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'path', aliases: ['dest', 'name'], description: 'What to look at.' },
      follow: { type: 'boolean', default: false, description: 'Look at what a link points to.' },
      get_checksum: { type: 'boolean', default: true },
      get_mime: {
        type: 'boolean',
        default: true,
        aliases: ['mime', 'mime_type', 'mime-type'],
        description: 'What kind of content it has, where the program `file` is on the host.',
      },
      get_attributes: {
        type: 'boolean',
        default: true,
        aliases: ['attr', 'attributes'],
        description: 'The flags that chattr sets, where lsattr is on the host.',
      },
      checksum_algorithm: { enum: digestAlgorithms, default: 'sha1', aliases: ['checksum', 'checksum_algo'] },
    },
    required: ['path'],
    additionalProperties: false,
  },
  returns: {
    stat: 'exists, path, isreg, isdir, islnk, mode, uid, gid, pw_name, gr_name, size, mtime, lnk_source, readable, writeable, executable, checksum, mimetype, charset, attr_flags, attributes, version, …',
  },
  examples: [
    {
      title: 'Is there a file',
      yaml: `- stat: {path: /etc/hosts}\n  register: hosts_file\n- assert: {that: [hosts_file.stat.exists]}`,
    },
  ],
  onlyLooks: true,
  async probe(host, params) {
    const [there, real, may, checksum, mime, flags] = await Promise.all([
      host.stat(params.path, { follow: params.follow }),
      host.read(realPath, params.path),
      host.maybe(access, params.path),
      params.get_checksum ? host.digest(params.path, params.checksum_algorithm) : null,
      params.get_mime ? host.maybe(mimeType, params.path) : undefined,
      params.get_attributes ? host.read(fileFlags, params.path) : undefined,
    ])
    return { there, real, may, checksum, mime, flags }
  },
  plan({ there, real, may, checksum, mime, flags }, params) {
    if (!there) return { result: { stat: { exists: false } } }
    return {
      result: {
        stat: {
          exists: true,
          path: params.path,
          ...statResult(there),
          ...(isUnknown(may) ? { readable: may, writeable: may, executable: may } : may),
          ...(there.target === undefined ? {} : { lnk_target: there.target, lnk_source: real }),
          ...(checksum === null || there.type !== 'file' ? {} : { checksum }),
          ...(mime === undefined ? {} : isUnknown(mime) ? { mimetype: mime, charset: mime } : mime),
          ...(flags === undefined
            ? {}
            : {
                attr_flags: flags?.flags ?? '',
                attributes: flagNames(flags?.flags ?? ''),
                version: flags?.version ?? null,
              }),
        },
      },
    }
  },
})
