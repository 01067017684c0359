import {
  aptSimulation,
  defineModule,
  exec,
  foreseePackages,
  isUnknown,
  lookAtPackages,
  type PackageRequest,
  packageIndexAge,
  packageOutput,
  packageState,
  planPackages,
  type Step,
} from 'tsplay'

interface Given {
  readonly name?: readonly string[]
  readonly state: 'present' | 'installed' | 'latest' | 'absent' | 'removed' | 'build-dep' | 'fixed'
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
  readonly allow_change_held_packages: boolean
  readonly fail_on_autoremove: boolean
  readonly force: boolean
  readonly policy_rc_d?: number
  readonly update_cache_retries: number
  readonly update_cache_retry_max_delay: number
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
    allowDowngrade: params.allow_downgrade || params.force,
    allowUnauthenticated: params.allow_unauthenticated || params.force,
    allowHeld: params.allow_change_held_packages || params.force,
    removesNothing: params.fail_on_autoremove,
    buildDependencies: params.state === 'build-dep',
    fixBroken: params.state === 'fixed',
    servicePolicy: params.policy_rc_d,
    fetches: { most: params.update_cache_retries, rest: params.update_cache_retry_max_delay },
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
    'All names of a task are one transaction. Configuration files that were changed on the host are kept. The package index is fetched only when something has to be installed. A dry run fetches what apt would install into a folder of its own, at most 256 MB, looks into it, and removes it.',
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
      state: {
        enum: ['present', 'installed', 'latest', 'absent', 'removed', 'build-dep', 'fixed'],
        default: 'present',
        description:
          'build-dep: what the packages are built with is installed (sources must be among the repositories). fixed: broken dependencies are put right too.',
      },
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
      update_cache_retries: {
        type: 'integer',
        minimum: 1,
        default: 5,
        description: 'How often the index is fetched when a server does not answer.',
      },
      update_cache_retry_max_delay: {
        type: 'integer',
        minimum: 0,
        default: 12,
        description: 'The longest rest between, in seconds.',
      },
      allow_change_held_packages: {
        type: 'boolean',
        default: false,
        description: 'Also change packages that are held (apt-mark hold).',
      },
      fail_on_autoremove: {
        type: 'boolean',
        default: false,
        description: 'Fail when something would have to be removed for what is installed.',
      },
      force: {
        type: 'boolean',
        default: false,
        description: 'Take unsigned packages and older versions, and change those that are held.',
      },
      policy_rc_d: {
        type: 'integer',
        minimum: 0,
        maximum: 255,
        description: 'What /usr/sbin/policy-rc.d answers meanwhile: with 101 packages start no services.',
      },
      clean: { type: 'boolean', default: false, description: 'Remove the packages that were downloaded.' },
      autoclean: {
        type: 'boolean',
        default: false,
        description: 'Of the packages that were downloaded, remove those that no repository has any more.',
      },
      force_apt_get: {
        type: 'boolean',
        default: false,
        description: 'apt-get is always what is used.',
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
  returns: {
    stdout: 'what apt printed',
    stderr: 'what apt complained of',
    cache_updated: 'whether the index was fetched',
    cache_update_time: 'when it was fetched last, seconds since 1970; 0 where there is none',
  },
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
  async probe(host, params) {
    const [packages, kept, partly, old] = await Promise.all([
      lookAtPackages(host, requestOf(params as Given)),
      params.clean ? host.list(ARCHIVES) : null,
      params.clean ? host.list(`${ARCHIVES}/partial`) : null,
      params.autoclean ? host.maybe(aptSimulation, 'autoclean') : undefined,
    ])
    const names = (old && !isUnknown(old) ? old.text : '').matchAll(/^Del (\S+) (\S+)/gm)
    return {
      ...packages,
      downloaded: [...(kept ?? []).filter((name) => name.endsWith('.deb')), ...(partly ?? [])],
      old: [...names].map(([, name, version]) => `${name} ${version}`),
      fetched: timeOf(packages.indexAge),
    }
  },
  plan(state, params) {
    const { downloaded, old, fetched } = state
    const plan = planPackages(state, requestOf(params as Given))
    if (plan.failed !== undefined) return plan
    const before = downloaded.length > 0 ? [tidy('clean', downloaded)] : []
    const after = old.length > 0 ? [tidy('autoclean', old)] : []
    return {
      ...plan,
      changes: [...before.map((one) => one.change), ...(plan.changes ?? []), ...after.map((one) => one.change)],
      steps: [...before.map((one) => one.step), ...(plan.steps ?? []), ...after.map((one) => one.step)],
      result: { ...plan.result, cache_update_time: fetched },
    }
  },
  foresee: (host, state, plan, params) => foreseePackages(host, state, plan, requestOf(params as Given)),
  async after(host, plan, replies) {
    return { ...packageOutput(plan, replies), cache_update_time: timeOf(await host.read(packageIndexAge, 'apt')) }
  },
})

const ARCHIVES = '/var/cache/apt/archives'

function timeOf(age: number): number {
  return age === Number.MAX_SAFE_INTEGER ? 0 : Math.floor(Date.now() / 1000) - age
}

/** Removes downloaded packages, all or those that are old. */
function tidy(
  how: 'clean' | 'autoclean',
  files: readonly string[],
): { change: { path: string; before: string }; step: Step } {
  const effects = [
    { forgets: 'listing' },
    { read: aptSimulation.name, key: 'autoclean', gives: { status: 0, moves: [], unknown: [], text: '' } },
  ]
  return {
    change: { path: ARCHIVES, before: files.join(', ') },
    step: exec({ show: `apt-get ${how}`, script: `apt-get -y -q ${how}`, effects }),
  }
}
