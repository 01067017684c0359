import { defineModule } from 'tsplay'

export default defineModule({
  summary: 'Put hosts into groups by what they are.',
  description:
    'The group is there for the plays that follow, and in groups and group_names at once; blanks in its name become "-".',
  params: {
    type: 'object',
    properties: {
      key: { type: 'string', minLength: 1, description: 'The name of the group.' },
      parents: {
        type: ['string', 'array'],
        items: { type: 'string' },
        default: ['all'],
        description: 'The groups that the group shall be below; those that are missing are made.',
      },
    },
    required: ['key'],
    additionalProperties: false,
  },
  returns: { add_group: 'the group', parent_groups: 'the groups above it' },
  examples: [
    {
      title: 'By operating system',
      repeats: 'the group is known to this run only',
      yaml: `- group_by: {key: "os_{{facts.os_family}}"}`,
    },
    {
      title: 'Below another group',
      repeats: 'the group is known to this run only',
      yaml: `- group_by:\n    key: big\n    parents: [workers]\n  when: facts.memtotal_mb > 1000`,
    },
  ],
  local(params) {
    const plain = (name: string) => name.replaceAll(' ', '-')
    const name = plain(params.key)
    const parents = [params.parents].flat().map(plain)
    return { result: { add_group: name, parent_groups: parents }, request: { addGroup: { name, parents } } }
  },
})
