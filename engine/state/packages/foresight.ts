import { isUnknown } from '../../base/unknown.ts'
import type { Decision } from '../decision.ts'
import type { Effect } from '../effect.ts'
import type { Foresight } from '../foresight.ts'
import { defineRead } from '../read.ts'
import { aptSimulation, installedPackage, type Simulation } from '../reads/package.ts'
import type { Host } from '../view.ts'
import { aptArrival, arrivalEffects } from './arrival.ts'
import { aptWords, dnfWords } from './commands.ts'
import { type PackageState, workOf } from './look.ts'
import { movesAsChanges, notFound, refused } from './plan.ts'
import type { PackageRequest } from './request.ts'
import { dnfArrival } from './rpm-arrival.ts'

/** The packages that a dry run has foretold already: the manager knows nothing of them. */
const foretold = defineRead<'apt' | 'dnf', { readonly names: readonly string[]; readonly moves: Simulation['moves'] }>({
  name: 'foretold-packages',
  key: (manager) => manager,
  items: () => [':'],
  parse: (_, asks) => asks.map(() => ({ names: [], moves: [] })),
})

/** In a dry run, looks into the packages that apt or dnf would bring: their versions, what comes with them, files and units. */
export async function foreseePackages(
  host: Host,
  state: PackageState,
  plan: Decision,
  request: PackageRequest,
): Promise<Foresight | undefined> {
  const work = workOf(state, request)
  const steps = plan.steps ?? []
  const manager = state.installed.dpkg?.manager
  if ((manager !== 'apt' && manager !== 'dnf') || work?.verb !== 'install') return undefined
  if (request.deb !== undefined || request.downloadOnly || request.root !== undefined || request.fixBroken)
    return undefined
  const before = await host.read(foretold, manager)
  const all = [...before.names, ...work.names]
  const known = before.moves.map((move) => move.name)
  const updates = steps.some((step) => step.name === 'package-index')
  const arrival =
    manager === 'dnf'
      ? await host.maybe(dnfArrival, { words: dnfWords('dnf', request, work.verb, all, 'look'), fetch: updates, known })
      : await host.maybe(aptArrival, {
          words: aptWords(request, work.verb, all),
          fetch: updates || isUnknown(await host.maybe(aptSimulation, aptWords(request, work.verb, work.names))),
          known,
        })
  if (isUnknown(arrival) || (arrival.packages === undefined && arrival.simulation.text === '')) return undefined
  const { simulation, packages } = arrival
  if (simulation.unknown.length > 0) return notFound(simulation.unknown, state, request)
  if (simulation.status !== 0) return refused(work, simulation, manager)
  const moves = simulation.moves.filter((move) => !known.includes(move.name))
  if (packages === undefined) {
    const effects = steps.flatMap((step) => step.effects.map((effect) => openFor(effect, arrival.unseen)))
    return { changes: movesAsChanges(moves), effects }
  }
  const came = new Set(moves.map((move) => move.name))
  const effects: Effect[] = [
    // What a package brings is known now.
    ...steps.flatMap((step) => step.effects.filter((effect) => !('brings' in effect))),
    ...moves.map(({ name, after }) => ({
      read: installedPackage.name,
      key: name,
      gives: { manager, version: after },
    })),
    ...arrivalEffects(packages.filter(({ name }) => came.has(name))),
    {
      read: foretold.name,
      key: manager,
      gives: { names: [...before.names, ...work.names], moves: [...before.moves, ...moves] },
    },
  ]
  return { changes: movesAsChanges(moves), effects }
}

/** What a package brings stays open, and this is why. */
function openFor(effect: Effect, unseen: string | undefined): Effect {
  return 'brings' in effect && unseen !== undefined
    ? { ...effect, why: `${effect.why} (not looked into: ${unseen})` }
    : effect
}
