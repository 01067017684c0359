import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import { attributeResult, defineModule, exec, fileEffect, identity, quote } from 'tsplay'

export default defineModule({
  summary: 'Make an empty file or folder under a new name.',
  description:
    "Only its owner may use it (0600, 0700). Each run makes another one; removing it is the playbook's task.",
  params: {
    type: 'object',
    properties: {
      state: { enum: ['file', 'directory'], default: 'file' },
      path: { type: 'string', format: 'path', description: 'The folder to make it in. Default: $TMPDIR, or /tmp.' },
      prefix: { type: 'string', default: 'ansible.', pattern: '^[^/]*$', description: 'What the name begins with.' },
      suffix: { type: 'string', default: '', pattern: '^[^/]*$', description: 'What the name ends with.' },
    },
    additionalProperties: false,
  },
  returns: { path: 'where it is' },
  examples: [
    {
      title: 'A folder to build in',
      repeats: 'each run makes another folder',
      yaml: `- tempfile:\n    state: directory\n    suffix: .build\n  register: build\n- file:\n    path: "{{build.path}}"\n    state: absent`,
    },
  ],
  async probe(host, params) {
    const [tmp, me] = await Promise.all([
      params.path ?? host.query(`printf %s "\${TMPDIR:-/tmp}"`).then((reply) => reply.stdout.toString()),
      host.read(identity, ''),
    ])
    const there = await host.stat(tmp, { follow: true })
    const name = `${params.prefix}${randomBytes(6).toString('hex')}${params.suffix}`
    return { folder: tmp, type: there?.type, path: posix.join(tmp, name), me }
  },
  plan({ folder, type, path, me }, params) {
    if (type !== 'directory')
      return { failed: type ? `${folder} is a ${type}, not a folder.` : `There is no folder ${folder}.` }
    const directory = params.state === 'directory'
    const mode = directory ? '0700' : '0600'
    return {
      changes: [{ path, after: directory ? 'folder' : 'file' }],
      steps: [
        exec({
          show: `make the ${directory ? 'folder' : 'file'} ${path}`,
          // Neither follows nor takes what has the name already.
          script: directory ? `mkdir -m 700 -- ${quote(path)}` : `( umask 077; set -C; : >${quote(path)} )`,
          effects: [
            fileEffect({
              path,
              type: directory ? 'directory' : 'file',
              mode,
              owner: me.user,
              group: me.group,
              ...(directory ? {} : { content: Buffer.alloc(0), size: 0 }),
            }),
          ],
        }),
      ],
      repeats: true,
      result: { path, mode, owner: me.user, group: me.group, state: params.state },
    }
  },
  async after(host, { result }) {
    const there = await host.stat(String(result!['path']))
    return there ? attributeResult(there) : {}
  },
})
