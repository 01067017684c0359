import { defineModule, lookAtUnit, planUnit, serviceParams, type UnitRequest } from 'tsplay'

export default defineModule({
  summary: 'Start, stop, restart, reload, enable and mask units of systemd.',
  description:
    'systemd reads its unit files again by itself when a unit that is to be started or restarted has changed on disk. A unit that does not start tells the last lines of its journal.',
  aliases: ['systemd_service'],
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        minLength: 1,
        aliases: ['service', 'unit'],
        description: 'The unit; `.service` is added where no kind is given.',
      },
      ...serviceParams,
      daemon_reexec: {
        type: 'boolean',
        default: false,
        aliases: ['daemon-reexec'],
        description: 'Have systemd execute itself again.',
      },
      no_block: { type: 'boolean', default: false, description: 'Do not wait until the job is done.' },
      force: { type: 'boolean', description: 'Replace links that are in the way of enabling.' },
      scope: {
        enum: ['system', 'user', 'global'],
        default: 'system',
        description: "The system's manager, the user's, or (enabling only) that of all users.",
      },
    },
    anyOf: [{ required: ['name'] }, { required: ['daemon_reload'] }, { required: ['daemon_reexec'] }],
    dependentRequired: { state: ['name'], enabled: ['name'], masked: ['name'] },
    additionalProperties: false,
  },
  returns: {
    name: 'the unit',
    state: 'started or stopped',
    enabled: 'whether it starts at boot',
    status: "the unit's properties by systemd's names",
  },
  examples: [
    {
      title: 'A service that runs now and after a boot',
      yaml: '- systemd:\n    name: tsplay-example\n    state: started\n    enabled: true',
      given:
        '- copy:\n    dest: /etc/systemd/system/tsplay-example.service\n    content: |\n      [Service]\n      ExecStart=/bin/sleep infinity\n      [Install]\n      WantedBy=multi-user.target',
    },
  ],
  probe: (host, params) => lookAtUnit(host, params as UnitRequest),
  plan: (state, params) => planUnit(state, params as UnitRequest),
})
