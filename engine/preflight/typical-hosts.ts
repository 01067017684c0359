import type { HostState } from '../run/host-state.ts'
import type { PlayContext } from '../run/play-context.ts'
import type { Session } from '../run/session.ts'

const MOST = 24

/**
 * Hosts that stand for all hosts of a play: one of each set of groups and of variable names of its own. Checking a thousand
 * equal hosts would find each mistake a thousand times.
 */
export function typicalHosts(session: Session, context: PlayContext): HostState[] {
  const kinds = new Map<string, HostState>()
  for (const state of context.hosts) {
    const own = session.inventory
      .layersFor(state.host, context.play.folder)
      .filter((layer) => layer.name.includes(state.name) || layer.rank >= 60)
    const names = own.flatMap((layer) => [...layer.variables.keys()]).sort()
    const key = `${session.inventory.groupNames(state.host).join(',')} ${names.join(',')}`
    if (!kinds.has(key)) kinds.set(key, state)
  }
  return [...kinds.values()].slice(0, MOST)
}
