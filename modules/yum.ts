import {
  defineModule,
  foreseePackages,
  lookAtPackages,
  packageOutput,
  planPackages,
  rpmParams,
  rpmRequest,
} from 'tsplay'

export default defineModule({
  summary: 'Install, upgrade and remove packages with yum.',
  description:
    'All names of a task are one transaction. On hosts with dnf that does the work, and a dry run looks into what it would install.',
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
  foresee: (host, state, plan, params) => foreseePackages(host, state, plan, rpmRequest('yum', params)),
  after: (_host, plan, replies) => packageOutput(plan, replies),
})
