import {
  defineModule,
  foreseePackages,
  lookAtPackages,
  type PackageRequest,
  packageOutput,
  packageState,
  planPackages,
} from 'tsplay'

interface Given {
  readonly name: readonly string[]
  readonly state: 'present' | 'installed' | 'latest' | 'absent' | 'removed'
  readonly update_cache?: boolean
  readonly cache_valid_time?: number
  readonly lock_timeout: number
}

function requestOf(params: Given): PackageRequest {
  return {
    manager: 'any',
    names: params.name,
    updateCache: params.update_cache,
    cacheValidTime: params.cache_valid_time,
    lockTimeout: params.lock_timeout,
    state: packageState(params.state),
  }
}

export default defineModule({
  summary: "Install and remove packages with the host's own package manager (apt, dnf, yum).",
  description:
    'All names of a task are one transaction. The names are those of the distribution: choose them by facts.os_family. A dry run fetches what apt or dnf would install into a folder of its own, at most 256 MB, looks into it, and removes it.',
  groups: ['packages'],
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        aliases: ['pkg'],
        description: 'One or several names.',
      },
      state: { enum: ['present', 'installed', 'latest', 'absent', 'removed'], default: 'present' },
      update_cache: {
        type: 'boolean',
        description:
          'Fetch the package index first, if anything has to be installed. Default: only when a name is not found in an old index.',
      },
      cache_valid_time: { type: 'integer', minimum: 0, description: 'Seconds that an index is fresh.' },
      lock_timeout: {
        type: 'integer',
        minimum: 0,
        default: 60,
        description: 'Seconds to wait for another package manager to end.',
      },
      use: {
        type: 'string',
        default: 'auto',
        description: 'Accepted for Ansible playbooks: the manager is always the one of the host.',
      },
    },
    required: ['name'],
    additionalProperties: false,
  },
  returns: { stdout: 'what the manager printed', cache_updated: 'whether the index was fetched' },
  examples: [{ title: 'Two packages', yaml: '- package:\n    name: [ipset, conntrack]\n    state: present' }],
  probe: (host, params) => lookAtPackages(host, requestOf(params as Given)),
  plan: (state, params) => planPackages(state, requestOf(params as Given)),
  foresee: (host, state, plan, params) => foreseePackages(host, state, plan, requestOf(params as Given)),
  after: (_host, plan, replies) => packageOutput(plan, replies),
})
