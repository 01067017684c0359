import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { tsplayVersion } from '../base/package.ts'
import { Unknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import type { Play } from '../book/play.ts'
import { needsOf, type RoleUse } from '../book/role.ts'
import { OMIT } from '../lang/render.ts'
import type { Layer, Scope, Variable } from '../lang/scope.ts'
import { delegateName } from './delegate.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'
import { playTitle } from './play-title.ts'

/** Above everything: nothing may set these. */
export const MAGIC = 1000

/** Names that always have a value; preflight counts on them. */
export const magicNames = [
  'inventory_hostname',
  'inventory_hostname_short',
  'inventory_dir',
  'inventory_file',
  'groups',
  'group_names',
  'hostvars',
  'play_hosts',
  'ansible_play_hosts',
  'ansible_play_hosts_all',
  'ansible_play_batch',
  'ansible_play_name',
  'playbook_dir',
  'role_path',
  'role_name',
  'ansible_role_name',
  'omit',
  'ansible_check_mode',
  'ansible_diff_mode',
  'ansible_verbosity',
  'ansible_forks',
  'ansible_run_tags',
  'ansible_skip_tags',
  'tsplay_version',
  'vars',
  'environment',
  'ansible_limit',
  'ansible_inventory_sources',
  'ansible_search_path',
  'ansible_delegated_vars',
  'ansible_parent_role_names',
  'ansible_parent_role_paths',
  'ansible_play_role_names',
  'ansible_dependent_role_names',
  'ansible_role_names',
  'role_names',
  'ansible_failed_task',
  'ansible_failed_result',
]

/** What a task adds to its host's magic variables. */
export type TaskPlace = Pick<Task, 'levels' | 'role'> & Partial<Pick<Task, 'folder' | 'local'>>

const lazily = (make: () => unknown): Variable => ({
  get value() {
    return make()
  },
})

/** What is the same for all tasks of a play on a host; it holds for as long as the inventory's host does. */
export function hostMagic(context: PlayContext, state: HostState): Layer {
  const { session, play } = context
  const { options, inventory } = session
  const names = (states: readonly HostState[]) => states.map((one) => one.name)
  const left = (states: readonly HostState[]) => names(states.filter((one) => one.active && !context.lost.has(one)))
  const variables = new Map<string, Variable>([
    ['inventory_hostname', { value: state.name }],
    ['inventory_hostname_short', { value: isIP(state.name) ? state.name : state.name.split('.')[0] }],
    ['inventory_dir', { value: state.host.origin?.dir ?? null }],
    ['inventory_file', { value: state.host.origin?.path ?? null }],
    ['groups', lazily(() => inventory.groupsByName())],
    ['group_names', lazily(() => inventory.groupNames(state.host))],
    ['hostvars', lazily(() => hostvars(context))],
    ['play_hosts', lazily(() => left(context.batch))],
    ['ansible_play_hosts', lazily(() => left(context.hosts))],
    ['ansible_play_hosts_all', lazily(() => names(context.hosts))],
    ['ansible_play_batch', lazily(() => left(context.batch))],
    ['ansible_play_name', { value: playTitle(play) }],
    ['ansible_inventory_sources', lazily(() => options.inventories.map((source) => sourcePath(source, options.cwd)))],
    ['playbook_dir', { value: play.folder }],
    ['omit', { value: OMIT }],
    ['ansible_check_mode', { value: options.check }],
    ['ansible_diff_mode', { value: options.diff }],
    ['ansible_verbosity', { value: options.verbosity }],
    ['ansible_forks', { value: options.forks }],
    ['ansible_run_tags', { value: options.tags.length > 0 ? options.tags : ['all'] }],
    ['ansible_skip_tags', { value: options.skipTags }],
    ['tsplay_version', { value: tsplayVersion }],
  ])
  if (options.limit !== undefined) variables.set('ansible_limit', { value: options.limit })
  for (const [name, make] of Object.entries(roleNames(play, context.published))) variables.set(name, lazily(make))
  return { rank: MAGIC, name: 'magic variables', variables }
}

/** `scope` gives the scope that the layer becomes part of, once there is one. */
export function taskMagic(context: PlayContext, task: TaskPlace | undefined, scope: () => Scope): Layer {
  const variables = new Map<string, Variable>([
    // What the run will set nobody knows before.
    ['vars', lazily(() => (context.learned.length > 0 ? new Unknown('what the run sets') : allOf(scope())))],
  ])
  const role = task?.role
  if (role) {
    variables.set('role_name', { value: role.role.name })
    variables.set('ansible_role_name', { value: role.role.name })
    variables.set('role_path', { value: role.role.folder })
    const parents = role.parents.toReversed()
    variables.set('ansible_parent_role_names', { value: parents.map((use) => use.role.name) })
    variables.set('ansible_parent_role_paths', { value: parents.map((use) => use.role.folder) })
  }
  if (task) {
    variables.set('ansible_search_path', { value: searchPath(task, context.play.folder) })
    if (task.local || keywordOf(task.levels, 'delegate_to'))
      variables.set(
        'ansible_delegated_vars',
        lazily(() => delegatedVars(context, task, scope())),
      )
  }
  return { rank: MAGIC, name: 'magic variables', variables }
}

/** The roles of a play: those it lists and imports, and what they depend on. */
function roleNames(play: Play, published: readonly RoleUse[]): Record<string, () => string[]> {
  const uses = [...play.roleUses, ...published]
  const needed = () => new Set(uses.flatMap((use) => needsOf(use)))
  const direct = () => {
    const below = needed()
    return uses.filter((use) => !below.has(use)).map((use) => use.role.name)
  }
  const dependent = () => [...new Set([...needed()].map((use) => use.role.name))]
  return {
    ansible_play_role_names: direct,
    role_names: direct,
    ansible_dependent_role_names: dependent,
    ansible_role_names: () => [...new Set([...direct(), ...dependent()])],
  }
}

/** Where relative names are looked for: the roles around, innermost first, the file's folder, the playbook's. */
function searchPath(task: TaskPlace, playbookFolder: string): string[] {
  const roles = task.role ? [...task.role.parents, task.role].toReversed().map((use) => use.role.folder) : []
  return [...new Set([...roles, ...(task.folder === undefined ? [] : [task.folder]), playbookFolder])]
}

/** The variables of the host a task is delegated to, under its name. */
function delegatedVars(context: PlayContext, task: TaskPlace, scope: Scope): Record<string, unknown> {
  const name = delegateName(task, scope)
  if (name === undefined) return {}
  return { [name]: allOf(context.taskScope(context.session.delegate(name), task)) }
}

/** A list of hosts is as it was given. */
function sourcePath(source: string, cwd: string): string {
  return source.includes(',') ? source : resolve(cwd, source)
}

/** Every host's variables, each evaluated when asked for. */
function hostvars(context: PlayContext): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  const made = new Map<string, unknown>()
  for (const host of context.session.inventory.hosts.values()) {
    Object.defineProperty(all, host.name, {
      enumerable: true,
      get: () => {
        if (!made.has(host.name)) made.set(host.name, allOf(context.outsideScope(context.session.state(host))))
        return made.get(host.name)
      },
    })
  }
  return all
}

function allOf(scope: Scope): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  for (const name of scope.names()) {
    if (name === 'hostvars' || name === 'vars' || name === 'omit') continue
    Object.defineProperty(all, name, { enumerable: true, get: () => scope.get(name) })
  }
  return all
}
