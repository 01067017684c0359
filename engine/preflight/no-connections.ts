import { Problem } from '../base/problem.ts'
import type { Connections } from '../run/connections.ts'

/** For looking at a run that is not run: it has no connections, and what makes them is not loaded. */
export const noConnections: Connections = {
  reach() {
    throw new Problem('internal', 'No host is connected to before the run.')
  },
  reset: async () => {},
  roundTrips: () => 0,
  close: async () => {},
}
