import { bytesOf, type Change, defineModule, exec, realPath, type Step, textOf, write } from 'tsplay'

export default defineModule({
  summary: 'Set the mode and policy of SELinux, now and at boot.',
  description:
    'Turning SELinux off or on again needs a boot: until then it is permissive, and the result says reboot_required.',
  params: {
    type: 'object',
    properties: {
      state: { enum: ['disabled', 'permissive', 'enforcing'] },
      policy: { type: 'string', format: 'line', description: 'The policy, `targeted`. Default: as it is.' },
      configfile: { type: 'string', format: 'path', default: '/etc/selinux/config', aliases: ['conf', 'file'] },
      update_kernel_param: {
        type: 'boolean',
        default: false,
        description: 'Accepted for Ansible playbooks; the configuration file is what is set.',
      },
    },
    required: ['state'],
    additionalProperties: false,
  },
  returns: {
    msg: 'what was set',
    reboot_required: 'whether it only holds after a boot',
    state: 'the state',
    policy: 'the policy',
    configfile: 'the file',
  },
  examples: [{ title: 'SELinux off, where there is one', yaml: '- selinux:\n    state: disabled' }],
  async probe(host, params) {
    const [config, file, folder, enforce] = await Promise.all([
      host.content(params.configfile),
      host.read(realPath, params.configfile),
      params.policy === undefined ? undefined : host.stat(`/etc/selinux/${params.policy}/policy`, { follow: true }),
      host.query(
        'if [ -e /sys/fs/selinux/enforce ]; then read -r e </sys/fs/selinux/enforce; echo "${e:-0}"; else echo none; fi',
      ),
    ])
    const now = enforce.stdout.toString('utf8').trim()
    return {
      config: config === null ? null : textOf(config),
      file,
      lacksPolicy: folder === null,
      running: now === 'none' ? 'disabled' : now === '1' ? 'enforcing' : 'permissive',
    }
  },
  plan({ config, file, lacksPolicy, running }, params) {
    if (config === null && running === 'disabled') {
      if (params.state !== 'disabled')
        return {
          failed: 'This host has no SELinux.',
          hint: 'Its packages (selinux-policy-targeted on RHEL, selinux-basics on Debian) bring it.',
        }
      return { skipped: 'this host has no SELinux' }
    }
    if (config === null)
      return {
        failed: `There is no ${params.configfile}.`,
        hint: 'A policy\'s package brings /etc/selinux/config; "configfile" may name another one that is there.',
      }
    const changes: Change[] = []
    const steps: Step[] = []
    const before = config
    const set = /^\s*SELINUXTYPE\s*=\s*(\S+)/m.exec(before)?.[1]
    const policy = params.policy ?? set
    const wanted = [['SELINUX', params.state] as const, ['SELINUXTYPE', params.policy] as const]
    const settings = wanted.filter(([name, value]) => value !== undefined && assign(before, name, value) !== before)
    const after = settings.reduce((text, [name, value]) => assign(text, name, value!), before)
    if (params.state !== 'disabled' && policy === undefined)
      return { failed: `selinux needs "policy": ${params.configfile} names none.` }
    // Nothing starts, at the next boot, on a host that is to enforce a policy that it has not.
    if (lacksPolicy && params.policy !== set)
      return {
        failed: `This host has no policy "${params.policy}": there is no /etc/selinux/${params.policy}/policy.`,
        hint: 'Its package brings it: selinux-policy-NAME on RHEL and Debian.',
      }
    if (after !== before) {
      changes.push({ path: file, before, after })
      steps.push(write({ path: file, content: bytesOf(after) }))
    }
    // A kernel that runs without it, or with it, keeps that until it boots.
    const reachable = running === 'disabled' ? 'disabled' : params.state === 'enforcing' ? 'enforcing' : 'permissive'
    if (reachable !== running) {
      changes.push({ path: 'SELinux (running)', before: running, after: reachable })
      const value = reachable === 'enforcing' ? 1 : 0
      steps.push(
        exec({
          show: `make SELinux ${reachable}`,
          script: `setenforce ${value} 2>/dev/null || echo ${value} >/sys/fs/selinux/enforce`,
          effects: [{ forgets: 'query' }],
        }),
      )
    }
    const reboot = (params.state === 'disabled') !== (running === 'disabled')
    return {
      changes,
      steps,
      ...(reboot ? { warnings: [`SELinux is ${reachable} until the host is booted again.`] } : {}),
      result: {
        ...{ state: params.state, policy: policy ?? '', configfile: params.configfile, reboot_required: reboot },
        msg: [
          ...(after === before ? [] : settings.map(([name, value]) => `${name}=${value} in ${params.configfile}`)),
          ...(reachable === running ? [] : [`SELinux is ${reachable} now, it was ${running}`]),
        ].join(', '),
      },
    }
  },
})

function assign(text: string, name: string, value: string): string {
  const line = new RegExp(`^([ \\t]*)${name}[ \\t]*=[ \\t]*(.*)$`, 'm')
  const there = line.exec(text)
  if (there) return there[2]!.trim() === value ? text : text.replace(line, `${name}=${value}`)
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${name}=${value}\n`
}
