import { Unknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { isComputed } from '../book/form.ts'
import { ranks } from '../hosts/ranks.ts'
import { child, type Node } from '../lang/node.ts'
import { keyText } from '../lang/plain.ts'
import type { Layer } from '../lang/scope.ts'
import { layer } from '../lang/variables.ts'
import { shortName } from '../module/registry.ts'
import type { Session } from '../run/session.ts'
import { factNames } from './fact-names.ts'
import type { Foreseen } from './foreseen.ts'
import type { LoadedModule } from './loaded-modules.ts'

/** Every result may hold these, whatever the module. */
const commonKeys =
  `changed failed skipped unreachable msg rc stdout stdout_lines stderr stderr_lines results diff warnings
deprecations exception invocation start end delta cmd skip_reason skipped_reason false_condition attempts retries item
ansible_loop_var ansible_index_var ansible_job_id ansible_facts started finished results_file backup_file censored
module_stdout module_stderr failed_when_result check_mode before after path dest src state mode owner group size uid gid`
    .trim()
    .split(/\s+/)

/** What the run may set, of which nobody knows the values yet. */
export class Foreknowledge {
  /** The names, where their values will stand among the others. */
  readonly layers: readonly Layer[]
  /** Hosts and groups may appear while it runs. */
  readonly growing: boolean
  /** Names may be set that nobody can foresee: what is undefined is left to the run. */
  readonly open: boolean
  readonly #names = new Set<string>()
  readonly #registers: ReadonlyMap<string, readonly Task[]>
  /** Names that something else than `register` sets. */
  readonly #otherwise = new Set<string>()
  readonly #tasks: readonly Task[]
  #texts: Map<Task, string> | undefined
  readonly #modules: ReadonlyMap<Task, LoadedModule>

  constructor(session: Session, foreseen: readonly Foreseen[], modules: ReadonlyMap<Task, LoadedModule>) {
    const tasks = foreseen.flatMap((one) => one.tasks)
    this.#tasks = tasks
    this.#modules = modules
    this.#registers = registersOf(tasks)
    const set: Record<string, Unknown> = {}
    const included: Record<string, Unknown> = {}
    const lowest: Record<string, Unknown> = {}
    for (const [name, [task]] of this.#registers) set[name] = new Unknown(`the result of "${task!.action}"`)
    let open = foreseen.some((one) => one.open)
    for (const task of tasks) {
      const names = setFactNames(task)
      if (!names) open = true
      for (const name of names ?? []) set[name] = new Unknown('set by set_fact')
      for (const name of addedHostNames(task)) lowest[name] = new Unknown('given to a host by add_host')
    }
    for (const [task, names] of factsOf(tasks, modules)) {
      if (!names) open = true
      for (const name of names ?? []) set[name] = new Unknown(`a fact of "${task.action}"`)
    }
    for (const name of Object.keys(set)) if (!this.#registers.has(name)) this.#otherwise.add(name)
    for (const one of foreseen) {
      for (const name of one.variables) included[name] = new Unknown('read by include_vars')
      for (const use of one.roles)
        if (use.public)
          for (const name of [...use.defaults.keys(), ...use.vars.keys()])
            lowest[name] = new Unknown(`set by the role "${use.role.name}"`)
    }
    for (const name of [...Object.keys(included), ...Object.keys(lowest)]) this.#otherwise.add(name)
    this.growing = tasks.some(
      ({ action, args }) => action === 'add_host' || action === 'group_by' || refreshes(action, args),
    )
    this.open = open
    this.layers = [
      layer(-1, 'set while it runs', { ...facts(), ...prompted(session), ...lowest }),
      layer(ranks.includeVars + 1, 'include_vars', included),
      layer(ranks.setFact + 1, 'set_fact and register', set),
      // What hosts and groups there are then, nobody knows.
      ...(this.growing ? [layer(Number.POSITIVE_INFINITY, 'hosts made while it runs', growing())] : []),
    ]
    for (const one of this.layers) for (const name of one.variables.keys()) this.#names.add(name)
    for (const name of factNames) this.#names.delete(`ansible_${name}`)
  }

  /** Whether the run itself may set a variable of this name. */
  sets(name: string): boolean {
    return this.#names.has(name)
  }

  /** Whether another task than this one names a file in its parameters. */
  names(file: string, but: Task): boolean {
    this.#texts ??= new Map(this.#tasks.map((task) => [task, textsOf(task)]))
    return [...this.#texts].some(([task, text]) => task.span !== but.span && text.includes(file))
  }

  /** The keys that a registered result may have; undefined when they are not known, or something else sets the name. */
  resultKeys(name: string): ReadonlySet<string> | undefined {
    const tasks = this.#registers.get(name)
    if (!tasks || this.#otherwise.has(name)) return undefined
    const keys = new Set(commonKeys)
    for (const task of tasks) {
      const module = this.#modules.get(task)?.module
      if (!module?.returns) return undefined
      for (const key of Object.keys(module.returns)) keys.add(/^\w*/.exec(key)![0])
    }
    return keys
  }
}

/** A task's parameters as they stand in its file. */
function textsOf({ args, moreArgs }: Task): string {
  const text = ({ span }: Node) => span.source.text.slice(span.start, span.end)
  return [args, moreArgs].map((node) => (node ? text(node) : '')).join(' ')
}

function registersOf(tasks: readonly Task[]): Map<string, Task[]> {
  const registers = new Map<string, Task[]>()
  for (const task of tasks) {
    if (task.register === undefined) continue
    const known = registers.get(task.register)
    if (known) known.push(task)
    else registers.set(task.register, [task])
  }
  return registers
}

/** The names a set_fact sets; undefined when they are computed. */
function setFactNames({ action, args, moreArgs }: Task): string[] | undefined {
  if (action !== 'set_fact') return []
  const names: string[] = []
  for (const node of [args, moreArgs]) {
    if (!node || (node.kind === 'scalar' && node.value === null)) continue
    if (node.kind === 'map') {
      if (node.pairs.some((pair) => keyText(pair.key).includes('{{'))) return undefined
      names.push(...node.pairs.map((pair) => keyText(pair.key)))
    } else if (node.kind === 'scalar' && !/^\s*\{\{/.test(node.text)) {
      for (const match of node.text.matchAll(/([A-Za-z_]\w*)=/g)) names.push(match[1]!)
    } else return undefined
  }
  return names
}

/** Facts that modules gather beside "setup", which become variables; undefined where nobody knows their names. */
function* factsOf(
  tasks: readonly Task[],
  modules: ReadonlyMap<Task, LoadedModule>,
): Generator<[Task, readonly string[] | undefined]> {
  for (const task of tasks) {
    const action = shortName(task.action)
    if (action === 'service_facts') yield [task, ['services']]
    else if (action === 'package_facts') yield [task, ['packages']]
    else if (action === 'getent') {
      const database = task.args?.kind === 'map' ? child(task.args, 'database') : undefined
      yield [task, database?.kind === 'scalar' && !isComputed(database) ? [`getent_${database.text}`] : undefined]
    } else if (modules.get(task)?.setsFacts) yield [task, undefined]
  }
}

function addedHostNames({ action, args }: Task): string[] {
  if (action !== 'add_host') return []
  if (args?.kind === 'map') return args.pairs.map((pair) => keyText(pair.key))
  return args?.kind === 'scalar' ? [...args.text.matchAll(/([A-Za-z_]\w*)=/g)].map((match) => match[1]!) : []
}

function refreshes(action: string, args: Task['args']): boolean {
  return action === 'meta' && args?.kind === 'scalar' && args.text === 'refresh_inventory'
}

function growing(): Record<string, Unknown> {
  const names = ['groups', 'group_names', 'hostvars', 'play_hosts', 'ansible_play_hosts', 'ansible_play_hosts_all']
  return Object.fromEntries(
    [...names, 'ansible_play_batch'].map((name) => [
      name,
      new Unknown('what hosts there are, once the run has made some'),
    ]),
  )
}

function facts(): Record<string, Unknown> {
  const reason = 'facts are gathered when the play runs'
  const names = ['facts', 'ansible_facts', 'ansible_local', ...factNames.map((name) => `ansible_${name}`)]
  const rescue = ['ansible_failed_task', 'ansible_failed_result']
  return Object.fromEntries([
    ...names.map((name) => [name, new Unknown(reason)] as const),
    ...rescue.map((name) => [name, new Unknown('set inside a rescue')] as const),
  ])
}

function prompted(session: Session): Record<string, Unknown> {
  const names: Record<string, Unknown> = {}
  for (const { play } of session.contexts) {
    const prompts = play.level.keywords.get('vars_prompt')
    for (const item of prompts?.kind === 'seq' ? prompts.items : []) {
      const name = item.kind === 'map' ? child(item, 'name') : undefined
      if (name?.kind === 'scalar') names[name.text] = new Unknown('asked for when the play starts')
    }
  }
  return names
}
