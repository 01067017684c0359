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
  summary: 'Install, upgrade and remove packages with dnf.',
  description:
    'All names of a task are one transaction. A dry run fetches what dnf would install into a folder of its own, at most 256 MB, looks into it, and removes it.',
  groups: ['packages'],
  params: rpmParams('dnf'),
  returns: { stdout: 'what dnf printed', cache_updated: 'whether the metadata was fetched' },
  examples: [
    {
      title: 'Two packages',
      yaml: '- dnf:\n    name: [ipset, conntrack-tools]',
      cannotRun: 'the throwaway hosts are Debian',
    },
  ],
  probe: (host, params) => lookAtPackages(host, rpmRequest('dnf', params)),
  plan: (state, params) => planPackages(state, rpmRequest('dnf', params)),
  foresee: (host, state, plan, params) => foreseePackages(host, state, plan, rpmRequest('dnf', params)),
  after: (_host, plan, replies) => packageOutput(plan, replies),
})
