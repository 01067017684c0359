import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../base/event.ts'
import { Masker } from '../base/secret.ts'
import { ranks } from '../hosts/ranks.ts'
import { layer } from '../lang/variables.ts'
import { prepare } from '../preflight/prepare.ts'
import type { RunOptions } from '../run/options.ts'
import { run } from '../run/run.ts'
import { WireConnections } from '../run/wire-connections.ts'
import { bookOf, type How, type Ran, ranFrom } from './example-runs.ts'
import { WatchedConnections } from './watched-connections.ts'

export interface Hosts {
  /** An inventory file or folder, or names: `web1,web2,`. */
  readonly inventory: string
  /** Only these hosts. */
  readonly limit?: string | undefined
  /** Whom to log in as, where the inventory does not say. */
  readonly user?: string | undefined
  readonly become?: boolean | undefined
  /** Further variables, as with `-e`. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}

/** Plays tasks in this folder, as a playbook there, in this process; nothing is printed. */
export async function playTasks(folder: string, tasks: string, hosts: Hosts, how: How): Promise<Ran> {
  mkdirSync(folder, { recursive: true })
  const book = join(folder, 'site.yml')
  writeFileSync(book, bookOf(tasks))
  const masker = new Masker()
  const options: RunOptions = {
    playbooks: [book],
    inventories: [hosts.inventory],
    limit: hosts.limit,
    tags: [],
    skipTags: [],
    forceHandlers: false,
    forks: 50,
    check: how.check ?? false,
    diff: true,
    verify: how.verify ?? false,
    lookAhead: true,
    profile: false,
    verbosity: 0,
    extra: layer(ranks.extraVars, 'the contract', hosts.variables ?? {}),
    user: hosts.user,
    become: hosts.become,
    cwd: folder,
  }
  const wire = new WireConnections(options)
  const connections = how.doing ? new WatchedConnections(wire, how.doing) : wire
  const events: Event[] = []
  try {
    const session = await prepare({ options, masker, connections, emit: (event) => void events.push(event) })
    return ranFrom(events, await run(session))
  } catch (thrown) {
    return ranFrom(events, 1, thrown)
  } finally {
    await connections.close()
  }
}
