import { quote } from '../../wire/quote.ts'
import { type PackageRequest, packageState } from './request.ts'

export type RpmManager = 'dnf' | 'yum'

interface Given {
  readonly name?: readonly string[]
  readonly state?: 'present' | 'installed' | 'latest' | 'absent' | 'removed'
  readonly update_cache: boolean
  readonly install_weak_deps: boolean
  readonly enablerepo?: readonly string[]
  readonly disablerepo?: readonly string[]
  readonly exclude?: readonly string[]
  readonly disable_gpg_check: boolean
  readonly autoremove: boolean
  readonly update_only: boolean
  readonly lock_timeout: number
  readonly allow_downgrade: boolean
  readonly allowerasing?: boolean
  readonly bugfix: boolean
  readonly security: boolean
  readonly cacheonly: boolean
  readonly conf_file?: string
  readonly disable_excludes?: string
  readonly disable_plugin?: readonly string[]
  readonly enable_plugin?: readonly string[]
  readonly download_only: boolean
  readonly download_dir?: string
  readonly installroot: string
  readonly nobest?: boolean
  readonly releasever?: string
  readonly skip_broken: boolean
  readonly sslverify: boolean
  readonly validate_certs: boolean
}

/** Their parameters as a request. */
export function rpmRequest(manager: RpmManager, params: Given): PackageRequest {
  const all = params.name?.length === 1 && params.name[0] === '*'
  return {
    manager,
    names: all ? [] : (params.name ?? []),
    state: params.state === undefined ? (params.autoremove ? 'absent' : 'present') : packageState(params.state),
    upgrade: all && params.state === 'latest' ? 'safe' : undefined,
    updateCache: params.update_cache,
    // What the host is set to holds, unless they are not wanted.
    installRecommends: params.install_weak_deps ? undefined : false,
    allowDowngrade: params.allow_downgrade,
    cacheOnly: params.cacheonly,
    downloadOnly: params.download_only,
    root: params.installroot === '/' ? undefined : params.installroot,
    words: wordsOf(params),
    enableRepo: params.enablerepo,
    disableRepo: params.disablerepo,
    exclude: params.exclude,
    disableGpgCheck: params.disable_gpg_check,
    autoremove: params.autoremove,
    onlyUpgrade: params.update_only,
    lockTimeout: params.lock_timeout,
  }
}

/** Options that the managers have themselves. */
function wordsOf(params: Given): string[] {
  const fromWeb = params.name?.some((name) => /^https:/.test(name)) ?? false
  const only = params.state === 'latest'
  return [
    ...(params.conf_file === undefined ? [] : ['-c', params.conf_file]),
    ...(params.allowerasing ? ['--allowerasing'] : []),
    ...(params.bugfix && only ? ['--bugfix'] : []),
    ...(params.security && only ? ['--security'] : []),
    ...(params.disable_excludes === undefined ? [] : [`--disableexcludes=${params.disable_excludes}`]),
    ...(params.disable_plugin ?? []).map((name) => `--disableplugin=${name}`),
    ...(params.enable_plugin ?? []).map((name) => `--enableplugin=${name}`),
    ...(params.download_only && params.download_dir !== undefined ? [`--downloaddir=${params.download_dir}`] : []),
    ...(params.nobest ? ['--nobest'] : []),
    ...(params.releasever === undefined ? [] : [`--releasever=${params.releasever}`]),
    ...(params.skip_broken ? ['--skip-broken'] : []),
    ...(params.sslverify && (params.validate_certs || !fromWeb) ? [] : ['--setopt=sslverify=False']),
  ].map(quote)
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
      state: {
        enum: ['present', 'installed', 'latest', 'absent', 'removed'],
        description: 'Default: present; absent with autoremove.',
      },
      update_cache: {
        type: 'boolean',
        default: false,
        aliases: ['expire-cache'],
        description: 'Fetch the metadata first, if anything has to be done.',
      },
      install_weak_deps: {
        type: 'boolean',
        default: true,
        description: 'false: nothing that is only recommended. true: as the host is set.',
      },
      enablerepo: { type: 'array', items: { type: 'string' } },
      disablerepo: { type: 'array', items: { type: 'string' } },
      exclude: { type: 'array', items: { type: 'string' } },
      disable_gpg_check: { type: 'boolean', default: false },
      autoremove: {
        type: 'boolean',
        default: false,
        description: 'Remove what was only installed for others and is needed no more.',
      },
      allow_downgrade: {
        type: 'boolean',
        default: false,
        description: 'Go to an older version when a name says so; else what is newer stays.',
      },
      bugfix: { type: 'boolean', default: false, description: 'With state latest: only updates that mend faults.' },
      security: { type: 'boolean', default: false, description: 'With state latest: only updates for security.' },
      cacheonly: { type: 'boolean', default: false, description: 'Use the metadata that is there, fetch none.' },
      conf_file: { type: 'string', format: 'path', description: "The manager's configuration file." },
      disable_excludes: {
        type: 'string',
        description: 'Names that configuration excludes are taken: all, main, or of one repository.',
      },
      disable_plugin: { type: 'array', items: { type: 'string' } },
      enable_plugin: { type: 'array', items: { type: 'string' } },
      download_only: { type: 'boolean', default: false, description: 'Only fetch the packages.' },
      download_dir: { type: 'string', format: 'path', description: 'Where to (download_only).' },
      installroot: {
        type: 'string',
        format: 'path',
        default: '/',
        description: 'A folder that holds another system, whose packages are meant.',
      },
      install_repoquery: {
        type: 'boolean',
        default: true,
        description: 'No repoquery is needed, so nothing is installed for it.',
      },
      releasever: { type: 'string', description: 'Of which release of the distribution.' },
      skip_broken: { type: 'boolean', default: false, description: 'Leave out what cannot be had or does not fit.' },
      sslverify: { type: 'boolean', default: true, description: "Check the repositories' certificates." },
      validate_certs: { type: 'boolean', default: true, description: 'Check certificates where a name is an address.' },
      ...(manager === 'dnf'
        ? {
            allowerasing: {
              type: 'boolean',
              default: false,
              description: 'Remove what is in the way of what is wanted.',
            },
            nobest: { type: 'boolean', default: false, description: 'Be content with less than the newest version.' },
          }
        : {
            use_backend: {
              enum: ['auto', 'yum', 'yum4', 'dnf', 'dnf4', 'dnf5'],
              default: 'auto',
              description: "The host's own is always taken: dnf where there is one.",
            },
          }),
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
