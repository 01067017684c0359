import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Unknown } from '../base/unknown.ts'
import type { RoleUse } from '../book/role.ts'
import { OMIT } from '../lang/render.ts'
import type { Layer, Scope, Variable } from '../lang/scope.ts'
import type { HostState } from './host-state.ts'
import type { PlayContext } from './play-context.ts'

/** Above everything: nothing may set these. */
const MAGIC = 1000

export const tsplayVersion: string = (JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string }).version

function packageFile(): string {
  // Two folders up in the source tree, three when compiled into dist/.
  const here = dirname(fileURLToPath(import.meta.url))
  return join(here, here.includes(join('dist', 'engine')) ? '../../../package.json' : '../../package.json')
}

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
  'ansible_parent_role_names',
  'ansible_failed_task',
  'ansible_failed_result',
]

/** `scope` gives the scope that the layer becomes part of, once there is one. */
export function magicLayer(
  context: PlayContext,
  state: HostState,
  role: RoleUse | undefined,
  scope: () => Scope,
): Layer {
  const { session, play } = context
  const { options, inventory } = session
  const lazily = (make: () => unknown): Variable => ({
    get value() {
      return make()
    },
  })
  const names = (states: readonly HostState[]) => states.map((one) => one.name)
  const variables = new Map<string, Variable>([
    ['inventory_hostname', { value: state.name }],
    ['inventory_hostname_short', { value: state.name.split('.')[0] }],
    ['inventory_dir', { value: state.host.origin?.dir ?? null }],
    ['inventory_file', { value: state.host.origin?.path ?? null }],
    ['groups', lazily(() => inventory.groupsByName())],
    ['group_names', lazily(() => inventory.groupNames(state.host))],
    ['hostvars', lazily(() => hostvars(context))],
    ['play_hosts', lazily(() => names(context.batch.filter((one) => one.active)))],
    ['ansible_play_hosts', lazily(() => names(context.hosts.filter((one) => one.active)))],
    ['ansible_play_hosts_all', lazily(() => names(context.hosts))],
    ['ansible_play_batch', lazily(() => names(context.batch.filter((one) => one.active)))],
    [
      'ansible_play_name',
      {
        value:
          play.level.keywords.get('name')?.kind === 'scalar'
            ? (play.level.keywords.get('name') as { text: string }).text
            : '',
      },
    ],
    ['playbook_dir', { value: play.folder }],
    ['omit', { value: OMIT }],
    ['ansible_check_mode', { value: options.check }],
    ['ansible_diff_mode', { value: options.diff }],
    ['ansible_verbosity', { value: options.verbosity }],
    ['ansible_forks', { value: options.forks }],
    ['ansible_run_tags', { value: options.tags.length > 0 ? options.tags : ['all'] }],
    ['ansible_skip_tags', { value: options.skipTags }],
    ['ansible_limit', { value: options.limit ?? null }],
    ['tsplay_version', { value: tsplayVersion }],
    // What the run will set nobody knows before.
    ['vars', lazily(() => (context.learned.length > 0 ? new Unknown('what the run sets') : allOf(scope())))],
  ])
  if (role) {
    variables.set('role_name', { value: role.role.name })
    variables.set('ansible_role_name', { value: role.role.name })
    variables.set('role_path', { value: role.role.folder })
    variables.set('ansible_parent_role_names', { value: role.parents.map((use) => use.role.name).reverse() })
  }
  if (state.rescuing) {
    variables.set('ansible_failed_task', {
      value: {
        name:
          state.rescuing.task.own.keywords.get('name')?.kind === 'scalar'
            ? (state.rescuing.task.own.keywords.get('name') as { text: string }).text
            : state.rescuing.task.action,
        action: state.rescuing.task.action,
      },
    })
    variables.set('ansible_failed_result', { value: state.rescuing.result })
  }
  return { rank: MAGIC, name: 'magic variables', variables }
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
