import { Problem } from '../base/problem.ts'
import { userEntry } from '../state/reads/account.ts'
import { identity } from '../state/reads/identity.ts'
import type { Host } from '../state/view.ts'
import type { Module } from './definition.ts'
import { schemaOf } from './parameters.ts'

/** Whether a path on the host begins with somebody's home. */
export function namesHome(module: Module, params: unknown): boolean {
  return homePaths(module, params).length > 0
}

/** The parameters with `~/x` and `~name/x` filled in as the host's shell would, for the user the task acts as. */
export async function withHomes<P>(module: Module, params: P, host: Host): Promise<P> {
  const filled: Record<string, unknown> = {}
  for (const [name, path] of homePaths(module, params)) {
    filled[name] = await withHome(host, path)
  }
  return { ...params, ...filled }
}

/** A path of the host, with `~` filled in. */
export async function withHome(host: Host, path: string): Promise<string> {
  const [, user, rest] = /^~([^/]*)(.*)$/s.exec(path) ?? []
  return user === undefined ? path : `${await homeOf(host, user)}${rest}`
}

function homePaths(module: Module, params: unknown): [string, string][] {
  const { properties } = schemaOf(module)
  return Object.entries(params as Record<string, unknown>).filter(
    (entry): entry is [string, string] =>
      properties[entry[0]]?.format === 'path' && typeof entry[1] === 'string' && entry[1].startsWith('~'),
  )
}

async function homeOf(host: Host, user: string): Promise<string> {
  const home = user === '' ? (await host.read(identity, '')).home : (await host.read(userEntry, user))?.home
  if (home) return home.replace(/\/$/, '')
  throw new Problem('task-failed', user === '' ? 'The user has no home.' : `There is no user "${user}" on the host.`, {
    hint: 'Write the path out.',
  })
}
