import { type Change, defineModule, exec, quote, type Step, sysctl, write } from 'tsplay'

export default defineModule({
  summary: "Set the host's name, now and at boot.",
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?$',
        description: 'The name; may have a domain.',
      },
      use: {
        type: 'string',
        description: 'Accepted for Ansible playbooks: /etc/hostname and the kernel are always what is set.',
      },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: { name: 'the name' },
  examples: [
    {
      title: 'A name',
      yaml: '- hostname:\n    name: k8s-master-1',
      cannotRun: 'the host would no longer be found by its own name',
    },
  ],
  async probe(host) {
    const [file, running] = await Promise.all([host.content('/etc/hostname'), host.read(sysctl, 'kernel.hostname')])
    return { file: file === null ? null : file.toString('utf8'), running: running?.value ?? '' }
  },
  plan({ file, running }, params) {
    const { name } = params
    const changes: Change[] = []
    const steps: Step[] = []
    const kept = file
      ?.split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '' && !line.startsWith('#'))
    if (kept !== name) {
      changes.push({ path: '/etc/hostname', ...(file === null ? {} : { before: file }), after: `${name}\n` })
      steps.push(
        write({ path: '/etc/hostname', content: Buffer.from(`${name}\n`), ...(file === null ? { mode: '0644' } : {}) }),
      )
    }
    if (running !== name) {
      changes.push({ path: 'hostname (running)', before: running, after: name })
      const script = `hostname -- ${quote(name)} 2>/dev/null || printf '%s' ${quote(name)} >/proc/sys/kernel/hostname`
      steps.push(
        exec({
          show: `name the host ${name}`,
          script,
          effects: [{ read: sysctl.name, key: sysctl.key('kernel.hostname'), gives: { value: name } }],
        }),
      )
    }
    const [hostname = name] = name.split('.')
    return {
      changes,
      steps,
      result: {
        name,
        ansible_facts: {
          ansible_hostname: hostname,
          ansible_nodename: name,
          ansible_fqdn: name,
          ansible_domain: name.split('.').slice(1).join('.'),
        },
      },
    }
  },
})
