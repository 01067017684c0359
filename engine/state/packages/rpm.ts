import { type PackageRequest, packageState } from './request.ts'

export type RpmManager = 'dnf' | 'yum'

interface Given {
  readonly name?: readonly string[]
  readonly state: 'present' | 'installed' | 'latest' | 'absent' | 'removed'
  readonly update_cache: boolean
  readonly install_weak_deps?: boolean
  readonly enablerepo?: readonly string[]
  readonly disablerepo?: readonly string[]
  readonly exclude?: readonly string[]
  readonly disable_gpg_check: boolean
  readonly autoremove: boolean
  readonly update_only: boolean
  readonly lock_timeout: number
}

/** Their parameters as a request. */
export function rpmRequest(manager: RpmManager, params: Given): PackageRequest {
  const all = params.name?.length === 1 && params.name[0] === '*'
  return {
    manager,
    names: all ? [] : (params.name ?? []),
    state: packageState(params.state),
    upgrade: all && params.state === 'latest' ? 'safe' : undefined,
    updateCache: params.update_cache,
    installRecommends: params.install_weak_deps,
    enableRepo: params.enablerepo,
    disableRepo: params.disablerepo,
    exclude: params.exclude,
    disableGpgCheck: params.disable_gpg_check,
    autoremove: params.autoremove,
    onlyUpgrade: params.update_only,
    lockTimeout: params.lock_timeout,
  }
}

/** The parameters of the modules dnf and yum, which differ in nothing but the program. */
export function rpmParams<const M extends RpmManager>(manager: M) {
  return {
    type: 'object',
    properties: {
      name: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        aliases: ['pkg'],
        description: 'Names, files or provided names; `*` with state latest upgrades all.',
      },
      state: { enum: ['present', 'installed', 'latest', 'absent', 'removed'], default: 'present' },
      update_cache: {
        type: 'boolean',
        default: false,
        aliases: ['expire-cache'],
        description: 'Fetch the metadata first, if anything has to be done.',
      },
      install_weak_deps: { type: 'boolean', description: 'Default: as the host is set.' },
      enablerepo: { type: 'array', items: { type: 'string' } },
      disablerepo: { type: 'array', items: { type: 'string' } },
      exclude: { type: 'array', items: { type: 'string' } },
      disable_gpg_check: { type: 'boolean', default: false },
      autoremove: {
        type: 'boolean',
        default: false,
        description: 'Remove what was only installed for others and is needed no more.',
      },
      update_only: { type: 'boolean', default: false, description: 'Upgrade what is installed, install nothing new.' },
      lock_timeout: {
        type: 'integer',
        minimum: 0,
        default: 30,
        description: `Accepted for Ansible playbooks: ${manager} itself waits for its lock.`,
      },
    },
    additionalProperties: false,
  } as const
}
