import type { Scope } from '../lang/scope.ts'
import type { ConnectionFacts } from '../module/connection-facts.ts'
import type { Become, Connection } from '../wire/connection.ts'

/** How a task reaches a host: who it is there, and the connection once it is needed. */
export interface Reach {
  readonly connection: () => Promise<Connection>
  readonly as: Become | undefined
  readonly facts: ConnectionFacts
  /** Tells this way to reach the host from others. */
  readonly way: string
}

/** Keywords of a task that decide how its host is reached; they win over variables of the inventory. */
export interface ReachKeywords {
  readonly connection?: string | undefined
  readonly port?: number | undefined
  readonly remote_user?: string | undefined
  readonly become?: boolean | undefined
  readonly become_user?: string | undefined
  readonly become_method?: string | undefined
  readonly become_flags?: string | undefined
}

/** Connections of a run, one for each way to reach a host. */
export interface Connections {
  reach(host: string, scope: Scope, keywords: ReachKeywords): Reach
  /** Forgets a host's connections: the next task connects anew. */
  reset(host: string): Promise<void>
  /** Round trips to a host so far. */
  roundTrips(host: string): number
  close(): Promise<void>
}
