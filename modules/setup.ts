import { defineModule, factGroupsOf, gatherFacts, globPattern } from 'tsplay'

export default defineModule({
  summary: 'Gather facts about a host: system, network, hardware, virtualization.',
  description: 'One round trip, shell only: nothing is needed on the host. The names are those of Ansible.',
  aliases: ['gather_facts'],
  params: {
    type: 'object',
    properties: {
      gather_subset: {
        type: 'array',
        items: { type: 'string' },
        default: ['all'],
        description: 'all, min, hardware, network, virtual; `!hardware` leaves a subset out.',
      },
      filter: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        description: 'Only facts whose names (with or without ansible_) match one of these shell patterns.',
      },
      fact_path: {
        type: 'string',
        format: 'path',
        default: '/etc/ansible/facts.d',
        description: "Folder of the host's own facts, *.fact.",
      },
      gather_timeout: {
        type: 'integer',
        default: 10,
        description: 'Accepted for Ansible playbooks; slow mounts are given up after 10 seconds.',
      },
    },
    additionalProperties: false,
  },
  returns: { ansible_facts: 'the facts by name, ansible_os_family and so on' },
  examples: [
    { title: 'All facts', yaml: '- setup:' },
    {
      title: 'Only addresses',
      yaml: '- setup:\n    gather_subset: [network]\n    filter: ["default_ipv4", "all_ipv4_addresses"]',
    },
  ],
  async probe(host, params) {
    factGroupsOf(params.gather_subset)
    return gatherFacts(host, params.gather_subset, params.fact_path)
  },
  plan(state, params) {
    const wanted = params.filter.map((text) => globPattern(text.replace(/^ansible_/, '')))
    const kept = Object.entries(state).filter(([name]) => wanted.length === 0 || wanted.some((one) => one.test(name)))
    return { result: { ansible_facts: Object.fromEntries(kept.map(([name, value]) => [`ansible_${name}`, value])) } }
  },
})
