/** What a task asks of a host's packages; the same for every manager. */
export interface PackageRequest {
  /** The module: `package` takes the host's own manager. */
  readonly manager: 'any' | 'apt' | 'dnf' | 'yum'
  /** `haproxy`, `etcd-server=3.4.23*` (apt), `haproxy-2.4` (dnf); none when only the index or leftovers are meant. */
  readonly names: readonly string[]
  readonly state: 'present' | 'latest' | 'absent'
  /** undefined: only where a name is not found in an index that is old or empty. */
  readonly updateCache?: boolean | undefined
  /** Seconds that an index is fresh. */
  readonly cacheValidTime?: number | undefined
  readonly installRecommends?: boolean | undefined
  readonly purge?: boolean | undefined
  readonly autoremove?: boolean | undefined
  readonly release?: string | undefined
  readonly allowDowngrade?: boolean | undefined
  readonly onlyUpgrade?: boolean | undefined
  readonly allowUnauthenticated?: boolean | undefined
  /** Change versions that `apt-mark hold` keeps. */
  readonly allowHeld?: boolean | undefined
  /** Fail rather than remove anything for what is installed. */
  readonly removesNothing?: boolean | undefined
  /** What is asked for are the packages that these are built with. */
  readonly buildDependencies?: boolean | undefined
  /** Put broken dependencies right too. */
  readonly fixBroken?: boolean | undefined
  /** Exit status of a policy that tells packages whether they may start services, while they are installed. */
  readonly servicePolicy?: number | undefined
  /** How often the index is fetched at most, and the longest rest between, seconds. */
  readonly fetches?: { readonly most: number; readonly rest: number } | undefined
  /** Seconds to wait for another package manager to end. */
  readonly lockTimeout: number
  readonly upgrade?: 'safe' | 'full' | undefined
  /** A .deb file on the host. */
  readonly deb?: string | undefined
  readonly dpkgOptions?: readonly string[] | undefined
  readonly enableRepo?: readonly string[] | undefined
  readonly disableRepo?: readonly string[] | undefined
  readonly disableGpgCheck?: boolean | undefined
  readonly exclude?: readonly string[] | undefined
  /** Further words for dnf and yum, quoted. */
  readonly words?: readonly string[] | undefined
  /** Answer from what is cached, fetch nothing. */
  readonly cacheOnly?: boolean | undefined
  /** Only bring the packages, install nothing. */
  readonly downloadOnly?: boolean | undefined
  /** A folder that holds another system, whose packages are meant. */
  readonly root?: string | undefined
}

/** Ansible's words for what should be: installed is present, removed is absent. */
export function packageState(word: string): PackageRequest['state'] {
  if (word === 'absent' || word === 'removed') return 'absent'
  return word === 'latest' ? 'latest' : 'present'
}

/** `name=version` apart. */
export function nameAndVersion(word: string): { name: string; version?: string } {
  const at = word.indexOf('=')
  return at < 0 ? { name: word } : { name: word.slice(0, at), version: word.slice(at + 1) }
}

/** Whether an installed version is the one asked for, which may end in `*`. */
export function isVersion(installed: string, asked: string): boolean {
  const pattern = asked
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${pattern}$`).test(installed)
}
