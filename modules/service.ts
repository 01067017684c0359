import {
  defineModule,
  type InitAsk,
  initService,
  lookAtUnit,
  Problem,
  planInitService,
  planUnit,
  serviceParams,
  type UnitRequest,
} from 'tsplay'

const RUNLEVEL = 'default'
/** Parameters that only init scripts have a use for. */
const SCRIPTED = ['pattern', 'sleep', 'arguments', 'runlevel'] as const
const KNOWN = ['systemd', 'openrc', 'sysvinit']
const USES = [
  ...(['auto', 'service', 'systemd', 'sysvinit', 'openrc'] as const),
  ...(['ansible.builtin.service', 'ansible.builtin.systemd', 'ansible.builtin.sysvinit'] as const),
] as const

export default defineModule({
  summary: 'Start, stop, restart, reload and enable services, by whatever runs them on the host.',
  description:
    'On a host with systemd it does what the module systemd does. Where sysvinit or OpenRC run the services, their scripts are asked. What only one of them knows is said with each parameter.',
  params: {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, aliases: ['service'], description: 'The service.' },
      ...serviceParams,
      use: {
        enum: USES,
        default: 'auto',
        description: "Who runs the services, by name or by Ansible's name. auto and service: as the host shows.",
      },
      pattern: {
        type: 'string',
        minLength: 1,
        description: 'Init scripts: it runs when the list of processes shows this text; its script is not asked.',
      },
      sleep: {
        type: 'integer',
        minimum: 0,
        description: 'Init scripts: seconds between stop and start of a restart. Default: 1.',
      },
      arguments: { type: 'string', aliases: ['args'], description: 'Init scripts: further words for the script.' },
      runlevel: {
        type: 'string',
        minLength: 1,
        default: RUNLEVEL,
        description: 'OpenRC: the runlevel to enable it in.',
      },
    },
    required: ['name'],
    anyOf: [
      { required: ['state'] },
      { required: ['enabled'] },
      { required: ['masked'] },
      { required: ['daemon_reload'] },
    ],
    additionalProperties: false,
  },
  returns: {
    name: 'the service',
    state: 'started or stopped',
    enabled: 'whether it starts at boot',
    status: "systemd: the unit's properties by systemd's names",
  },
  examples: [
    {
      title: 'A service that runs now and after a boot',
      yaml: '- service:\n    name: tsplay-example\n    state: started\n    enabled: true',
      given:
        '- copy:\n    dest: /etc/systemd/system/tsplay-example.service\n    content: |\n      [Service]\n      ExecStart=/bin/sleep infinity\n      [Install]\n      WantedBy=multi-user.target',
    },
    {
      title: 'A restart',
      yaml: '- service: {name: ssh, state: restarted}',
      repeats: 'a restart is done each time',
    },
  ],
  async probe(host, params) {
    const use = params.use.replace('ansible.builtin.', '')
    const manager = (use === 'service' ? 'auto' : use) as InitAsk['manager']
    const ask: InitAsk = { name: params.name, manager, pattern: params.pattern, runlevel: params.runlevel }
    const request: UnitRequest = { ...params, daemon_reexec: false, no_block: false, force: false, scope: 'system' }
    // Both at once: on nearly every host the second is the answer, and on the others it says only that it is none.
    const [script, unit] = await Promise.all([
      manager === 'systemd' ? undefined : host.read(initService, ask),
      manager === 'auto' || manager === 'systemd'
        ? lookAtUnit(host, request).catch((thrown: unknown) =>
            thrown instanceof Problem ? thrown : Promise.reject(thrown),
          )
        : undefined,
    ])
    const found = script?.manager ?? 'systemd'
    if (found === 'systemd' && unit instanceof Problem) throw unit
    return { ask, request, found, script, unit: unit instanceof Problem ? undefined : unit }
  },
  plan({ ask, request, found, script, unit }, params) {
    if (found === 'systemd') {
      const plan = planUnit(unit!, request)
      const idle = SCRIPTED.filter((name) => params[name] !== undefined && params[name] !== RUNLEVEL)
      const said = idle.map((name) => `systemd has no use for "${name}"; it is left out.`)
      return { ...plan, warnings: [...(plan.warnings ?? []), ...said] }
    }
    if (!KNOWN.includes(found))
      return {
        failed: `Nobody that is known here runs this host's services${found === '' ? '' : ` (it is ${found})`}.`,
        hint: 'Known are systemd, OpenRC and sysvinit; "use" names one of them.',
      }
    const only = params.masked !== undefined ? 'masked' : params.daemon_reload ? 'daemon_reload' : undefined
    if (only !== undefined)
      return {
        failed: `Only systemd knows "${only}", and ${found} runs this host's services.`,
        hint: `Leave "${only}" out for this host.`,
      }
    return planInitService(script!, ask, { ...params, sleep: params.sleep ?? 1 })
  },
})
