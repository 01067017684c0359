import type { Ended } from '../module/life-cycle.ts'
import type { HostState } from './host-state.ts'
import type { Session } from './session.ts'

/** Does what a module asks of the run itself. Gives its end with what that changed. */
export function fulfil(session: Session, ended: Ended, state: HostState): Ended {
  const { request } = ended
  if (!request) return ended
  if ('stats' in request) {
    session.stats.take(request.stats, state.name)
    return ended
  }
  const changed =
    'addHost' in request
      ? session.additions.host(session.inventory, request.addHost)
      : session.additions.group(session.inventory, request.addGroup, state.host)
  if (changed) session.inventoryChanged()
  return { ...ended, result: { ...ended.result, changed } }
}
