import { defineModule, lookAtPackages, type PackageRequest, packageOutput, packageState, planPackages } from 'tsplay'

interface Given {
  readonly name?: readonly string[]
  readonly state: 'present' | 'installed' | 'latest' | 'absent' | 'removed'
  readonly update_cache?: boolean
  readonly cache_valid_time: number
  readonly install_recommends?: boolean
  readonly purge: boolean
  readonly autoremove: boolean
  readonly default_release?: string
  readonly allow_downgrade: boolean
  readonly allow_unauthenticated: boolean
  readonly only_upgrade: boolean
  readonly lock_timeout: number
  readonly upgrade: string
  readonly deb?: string
  readonly dpkg_options: string
}

function requestOf(params: Given): PackageRequest {
  return {
    manager: 'apt',
    names: params.name ?? [],
    state: packageState(params.state),
    // As in Ansible: a time of validity asks for the fetch.
    updateCache: params.update_cache ?? (params.cache_valid_time > 0 ? true : undefined),
    cacheValidTime: params.cache_valid_time,
    installRecommends: params.install_recommends,
    purge: params.purge,
    autoremove: params.autoremove,
    release: params.default_release,
    allowDowngrade: params.allow_downgrade,
    allowUnauthenticated: params.allow_unauthenticated,
    onlyUpgrade: params.only_upgrade,
    lockTimeout: params.lock_timeout,
    upgrade:
      params.upgrade === 'no' ? undefined : params.upgrade === 'yes' || params.upgrade === 'safe' ? 'safe' : 'full',
    deb: params.deb,
    dpkgOptions: params.dpkg_options
      .split(',')
      .map((option) => option.trim())
      .filter(Boolean),
  }
}

export default defineModule({
  summary: 'Install, upgrade and remove packages with apt.',
  description:
    'All names of a task are one transaction. Configuration files that were changed on the host are kept. The package index is fetched only when something has to be installed.',
  aliases: ['apt_get'],
  groups: ['packages'],
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        aliases: ['package', 'pkg'],
        description: 'Names; `name=version` for one version, which may end in `*`.',
      },
      state: { enum: ['present', 'installed', 'latest', 'absent', 'removed'], default: 'present' },
      update_cache: {
        type: 'boolean',
        aliases: ['update-cache'],
        description: 'Fetch the package index first. Default: only when a name is not found in an old index.',
      },
      cache_valid_time: { type: 'integer', minimum: 0, default: 0, description: 'Seconds that an index is fresh.' },
      install_recommends: {
        type: 'boolean',
        aliases: ['install-recommends'],
        description: 'Default: as the host is set.',
      },
      purge: { type: 'boolean', default: false, description: 'Remove configuration files too.' },
      autoremove: {
        type: 'boolean',
        default: false,
        description: 'Remove what was only installed for others and is needed no more.',
      },
      default_release: { type: 'string', aliases: ['default-release'] },
      allow_downgrade: {
        type: 'boolean',
        default: false,
        aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
      },
      allow_unauthenticated: { type: 'boolean', default: false, aliases: ['allow-unauthenticated'] },
      only_upgrade: { type: 'boolean', default: false, description: 'Upgrade what is installed, install nothing new.' },
      force_apt_get: {
        type: 'boolean',
        default: true,
        description: 'Accepted for Ansible playbooks: apt-get is always what is used.',
      },
      lock_timeout: {
        type: 'integer',
        minimum: 0,
        default: 60,
        description: 'Seconds to wait for another package manager to end.',
      },
      upgrade: { enum: ['no', 'yes', 'safe', 'full', 'dist'], default: 'no', description: 'Upgrade all packages.' },
      deb: { type: 'string', format: 'path', description: 'A .deb file on the host.' },
      dpkg_options: { type: 'string', default: 'force-confdef,force-confold' },
    },
    additionalProperties: false,
  },
  returns: { stdout: 'what apt printed', cache_updated: 'whether the index was fetched' },
  examples: [
    {
      title: 'Packages without their recommendations',
      yaml: '- apt:\n    name: [ipset]\n    install_recommends: false',
    },
    {
      title: 'Remove a package and its configuration',
      yaml: '- apt:\n    name: ipset\n    state: absent\n    purge: true',
      given: '- apt: {name: ipset}',
    },
  ],
  probe: (host, params) => lookAtPackages(host, requestOf(params as Given)),
  plan: (state, params) => planPackages(state, requestOf(params as Given)),
  after: (_host, _plan, replies) => packageOutput(replies),
})
