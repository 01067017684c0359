import { suggest } from '../../base/suggest.ts'
import { isUnknown } from '../../base/unknown.ts'
import {
  aptSimulation,
  debFile,
  dnfSimulation,
  type InstalledPackage,
  installedPackage,
  packageIndexAge,
  packageNamesLike,
  type Simulation,
} from '../reads/package.ts'
import type { Host } from '../view.ts'
import { aptWords, dnfWords, type PackageVerb } from './commands.ts'
import { isVersion, nameAndVersion, type PackageRequest } from './request.ts'

/** An index older than this is fetched again before a name counts as not existing, seconds. */
export const STALE = 3600

/** What is known of a host's packages before anything is decided. */
export interface PackageState {
  readonly installed: Readonly<Record<string, InstalledPackage>>
  /** Seconds since the index was fetched. */
  readonly indexAge: number
  /** Missing when nothing has to be done, or when nobody can say beforehand. */
  readonly simulation?: Simulation
  readonly deb?: { readonly name: string; readonly version: string } | null
  /** Names that the index has, by names that it has not. */
  readonly similar: Readonly<Record<string, string>>
}

/** One round trip when all is right; a second one asks the manager what it would do. */
export async function lookAtPackages(host: Host, request: PackageRequest): Promise<PackageState> {
  const bare = request.names.map((word) => nameAndVersion(word).name)
  const [deb, ages, ...found] = await Promise.all([
    request.deb === undefined ? undefined : host.read(debFile, request.deb),
    host.read(packageIndexAge, 'apt'),
    ...[...bare, 'dpkg'].map((name) => host.read(installedPackage, name)),
  ])
  const installed: Record<string, InstalledPackage> = Object.fromEntries(
    [...bare, 'dpkg'].map((name, index) => [name, found[index]!]),
  )
  if (deb) installed[deb.name] = await host.read(installedPackage, deb.name)
  const state = { installed, indexAge: ages, similar: {}, ...(deb === undefined ? {} : { deb }) }
  const manager = installed.dpkg!.manager
  const work = workOf(state, request)
  if (manager === null || !work) return state
  const simulated =
    manager === 'apt'
      ? await host.maybe(aptSimulation, aptWords(request, work.verb, work.names))
      : await host.maybe(dnfSimulation, dnfWords(manager, request, work.verb, work.names, 'simulate'))
  if (isUnknown(simulated)) return state
  if (simulated.unknown.length === 0 || manager !== 'apt') return { ...state, simulation: simulated }
  const like = await Promise.all(
    simulated.unknown.map((name) => host.read(packageNamesLike, nameAndVersion(name).name.slice(0, 2))),
  )
  const similar = Object.fromEntries(
    simulated.unknown.flatMap((name, index) => {
      const near = suggest(nameAndVersion(name).name, like[index]!)
      return near ? [[name, near]] : []
    }),
  )
  return { ...state, simulation: simulated, similar }
}

/** What the manager has to be asked to do; undefined when all names are as they should be. */
export function workOf(
  state: Pick<PackageState, 'installed' | 'deb'>,
  request: PackageRequest,
): { verb: PackageVerb; names: string[] } | undefined {
  if (request.upgrade !== undefined) return { verb: 'upgrade', names: [] }
  if (request.deb !== undefined) {
    const version = state.deb ? state.installed[state.deb.name]?.version : undefined
    return state.deb && version !== state.deb.version ? { verb: 'install', names: [request.deb] } : undefined
  }
  if (request.fixBroken) return { verb: 'install', names: [...request.names] }
  if (request.buildDependencies && request.names.length > 0) return { verb: 'build-dep', names: [...request.names] }
  if (request.names.length === 0) return request.autoremove ? { verb: 'autoremove', names: [] } : undefined
  // What another system has is not looked at, but asked of the manager.
  if (request.root !== undefined)
    return { verb: request.state === 'absent' ? 'remove' : 'install', names: [...request.names] }
  const names = request.names.filter((word) => {
    const { name, version } = nameAndVersion(word)
    const there = state.installed[name]
    if (request.state === 'absent')
      return (
        there !== undefined &&
        ((there.version !== null && there.providedBy === undefined) ||
          (request.purge === true && there.leftovers === true))
      )
    if (request.onlyUpgrade && !there?.version) return false
    if (request.state === 'latest') return true
    return !there?.version || (version !== undefined && !isVersion(there.version, version))
  })
  return names.length === 0 ? undefined : { verb: request.state === 'absent' ? 'remove' : 'install', names }
}
