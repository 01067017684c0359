import { type Change, defineModule, exec, groupEntry, quote } from 'tsplay'

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
  returns: { gid: "the group's number", name: 'the group', state: 'present or absent' },
  examples: [{ title: 'A group', yaml: '- group:\n    name: etcd-readers\n    gid: 4711' }],
  probe: (host, params) => host.group(params.name),
  plan(there, params) {
    const { name, gid } = params
    const result = { name, state: params.state, system: params.system, ...(there ? { gid: there.gid } : {}) }
    const step = (show: string, words: string[], gives: unknown, change: Change) => ({
      changes: [change],
      steps: [
        exec({
          show,
          script: words.join(' '),
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
      return step(`remove group ${name}`, ['groupdel', ...(params.force ? ['-f'] : []), '--', quote(name)], null, {
        path: `group ${name}`,
        before: there.gid,
      })
    }
    if (!there) {
      const words = [
        'groupadd',
        ...(gid === undefined ? [] : ['-g', String(gid)]),
        ...(params.non_unique ? ['-o'] : []),
        ...(params.system ? ['-r'] : []),
        '--',
        quote(name),
      ]
      return step(
        `add group ${name}`,
        words,
        { name, members: [], ...(gid === undefined ? {} : { gid }) },
        { path: `group ${name}`, after: gid ?? 'present' },
      )
    }
    if (gid === undefined || gid === there.gid) return { result }
    const words = ['groupmod', '-g', String(gid), ...(params.non_unique ? ['-o'] : []), '--', quote(name)]
    return step(
      `give group ${name} the number ${gid}`,
      words,
      { ...there, gid },
      { path: `group ${name} gid`, before: there.gid, after: gid },
    )
  },
  async after(host, _plan, _replies, params) {
    const there = params.state === 'present' ? await host.group(params.name) : null
    return there ? { gid: there.gid } : {}
  },
})
