import { defineModule, Problem } from 'tsplay'

const known = ['name', 'hostname', 'host', 'groups', 'groupname', 'group']

export default defineModule({
  summary: 'Add a host to the inventory, for the rest of the run.',
  description:
    'The host, its groups and variables are there for the plays that follow, in hostvars and in groups; no file is ' +
    'written. It is done once, however many hosts the play has. Every other parameter is a variable of the new host.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', aliases: ['hostname', 'host'], description: 'The name, or name:port.' },
      groups: {
        type: ['string', 'array'],
        items: { type: 'string' },
        aliases: ['groupname', 'group'],
        description: 'The groups it shall be in; those that are missing are made.',
      },
    },
    required: ['name'],
    additionalProperties: {},
  },
  once: true,
  returns: { add_host: 'host_name, groups and host_vars, as they were added' },
  examples: [
    {
      title: 'A machine that an earlier task made',
      repeats: 'what is added is known to this run only',
      yaml: `- add_host:\n    name: web9\n    groups: [web, new]\n    ansible_host: 192.0.2.9\n    http_port: 8080`,
    },
    {
      title: 'Several',
      repeats: 'what is added is known to this run only',
      yaml: `- add_host: {name: "{{item}}", groups: workers}\n  loop: [worker1, worker2]`,
    },
  ],
  local(params) {
    const given = params as Record<string, unknown> & { name: string; groups?: string | string[] }
    const { name, port } = address(given.name)
    if (name === '') throw new Problem('bad-parameter', 'add_host needs the name of the host.')
    const groups = [given.groups ?? []]
      .flat()
      .flatMap((group) => String(group).split(','))
      .map((group) => group.trim())
      .filter((group) => group !== '')
    const vars = Object.fromEntries(Object.entries(given).filter(([key]) => !known.includes(key)))
    if (port !== undefined) vars['ansible_port'] = port
    const added = { name, groups: [...new Set(groups)], vars }
    return {
      result: { add_host: { host_name: name, groups: added.groups, host_vars: vars } },
      request: { addHost: added },
    }
  },
})

/** `name:22`, `[2001:db8::1]:22`; a bare IPv6 address has no port. */
function address(text: string): { name: string; port?: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text.trim())
  return match ? { name: (match[1] ?? match[2])!, port: Number(match[3]) } : { name: text.trim() }
}
