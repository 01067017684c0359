import { accountTools, addGroup, type Change, defineModule, exec, groupEntry, quote, removeGroup } from 'tsplay'

export default defineModule({
  summary: 'Add, change and remove groups.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', pattern: '^[^:\\n-][^:\\n]*$', description: 'The group.' },
      state: { enum: ['present', 'absent'], default: 'present' },
      gid: { type: 'integer', minimum: 0 },
      system: { type: 'boolean', default: false, description: 'A number of the range for systems, when it is added.' },
      non_unique: { type: 'boolean', default: false, description: 'The number may be that of another group.' },
      force: { type: 'boolean', default: false, description: "Remove it even when it is a user's primary group." },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: { gid: "the group's number", name: 'the group', state: 'present or absent', system: 'as asked' },
  examples: [{ title: 'A group', yaml: '- group:\n    name: etcd-readers\n    gid: 4711' }],
  contained: true,
  async probe(host, params) {
    const [there, tools] = await Promise.all([host.group(params.name), accountTools(host)])
    return { there, tools }
  },
  plan({ there, tools }, params) {
    const { name, gid } = params
    const result = { name, state: params.state, system: params.system, ...(there ? { gid: there.gid } : {}) }
    const step = (show: string, script: string, gives: unknown, change: Change) => ({
      changes: [change],
      steps: [
        exec({
          show,
          script,
          effects: [
            { read: groupEntry.name, key: name, gives },
            { file: { path: '/etc/group', type: 'unchanged' } },
            { forgets: 'user' },
          ],
        }),
      ],
      result,
    })
    if (params.state === 'absent') {
      if (!there) return { result }
      return step(`remove group ${name}`, removeGroup(tools, name, params.force), null, {
        path: `group ${name}`,
        before: there.gid,
      })
    }
    if (!there) {
      return step(
        `add group ${name}`,
        addGroup(tools, { name, gid, nonUnique: params.non_unique, system: params.system }),
        { name, members: [], ...(gid === undefined ? {} : { gid }) },
        { path: `group ${name}`, after: gid ?? 'present' },
      )
    }
    if (gid === undefined || gid === there.gid) return { result }
    if (tools === 'busybox')
      return {
        failed: `The group ${name} has the number ${there.gid}; busybox cannot give it another.`,
        hint: 'Install the package "shadow", or remove the group first.',
      }
    const words = ['groupmod', '-g', String(gid), ...(params.non_unique ? ['-o'] : []), '--', quote(name)]
    return step(
      `give group ${name} the number ${gid}`,
      words.join(' '),
      { ...there, gid },
      { path: `group ${name} gid`, before: there.gid, after: gid },
    )
  },
  async after(host, _plan, _replies, params) {
    const there = params.state === 'present' ? await host.group(params.name) : null
    return there ? { gid: there.gid } : {}
  },
})
