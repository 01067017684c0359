import { defineModule, lookAtPackages, packageOutput, planPackages, rpmParams, rpmRequest } from 'tsplay'

export default defineModule({
  summary: 'Install, upgrade and remove packages with yum.',
  description: 'All names of a task are one transaction.',
  groups: ['packages'],
  params: rpmParams('yum'),
  returns: { stdout: 'what yum printed', cache_updated: 'whether the metadata was fetched' },
  examples: [
    {
      title: 'Two packages',
      yaml: '- yum:\n    name: [ipset, conntrack-tools]',
      cannotRun: 'the throwaway hosts are Debian',
    },
  ],
  probe: (host, params) => lookAtPackages(host, rpmRequest('yum', params)),
  plan: (state, params) => planPackages(state, rpmRequest('yum', params)),
  after: (_host, plan, replies) => packageOutput(plan, replies),
})
