import { statSync } from 'node:fs'
import type { Span } from '../base/span.ts'
import type { Task } from '../book/entry.ts'
import { findFile, searchFolders } from '../book/files.ts'
import { isComputed } from '../book/form.ts'
import type { Level } from '../book/level.ts'
import { argument } from '../book/read-entries.ts'
import { ranks, rankText } from '../hosts/ranks.ts'
import { child, type Node } from '../lang/node.ts'
import type { Layer, Variable } from '../lang/scope.ts'
import type { Variables } from '../lang/variables.ts'
import { gathers, isFact } from '../run/gathering.ts'
import type { HostState } from '../run/host-state.ts'
import type { PlayContext } from '../run/play-context.ts'
import type { Foreseen } from './foreseen.ts'

/** One place that sets a variable for a host, as far as it shows before a run. */
export interface Definition {
  /** The higher wins. */
  readonly order: number
  /** Its place in the list of precedence: `group_vars`, `task vars`. */
  readonly rank: string
  /** For people: `vars of the block at site.yml`. */
  readonly layer: string
  /** Missing where only a run can tell: what a task registers. */
  readonly variable: Variable | undefined
  readonly span: Span | undefined
  /** always: for every task of the play; tasks: for these only; running: once these have run. */
  readonly holds: 'always' | 'tasks' | 'running'
  readonly tasks: readonly Task[]
  /** The scope to evaluate it in. */
  readonly scope: Variables
}

/** Every definition of a name that a host of a play may see, the winner first; of one task only, when it is given. */
export function definitionsOf(
  context: PlayContext,
  state: HostState,
  name: string,
  foreseen: Foreseen,
  only?: Task,
): Definition[] {
  const outside = context.hostScope(state)
  const found = new Map<Node | object, Definition>()
  for (const { layer, variable } of setting(outside, name))
    found.set(keyOf(variable), { ...described(layer, variable), holds: 'always', tasks: [], scope: outside })
  for (const task of only ? [only] : foreseen.tasks) {
    const scope = context.taskScope(state, { ...task, levels: dynamicLevels(task) })
    for (const { layer, variable } of setting(scope, name)) {
      const known = found.get(keyOf(variable))
      // A role's own task sees its role's layers higher than other tasks do.
      if (known?.holds === 'always') continue
      if (known) found.set(keyOf(variable), { ...known, tasks: [...known.tasks, task] })
      else found.set(keyOf(variable), { ...described(layer, variable), holds: 'tasks', tasks: [task], scope })
    }
  }
  const before = only ? foreseen.tasks.slice(0, foreseen.tasks.indexOf(only)) : foreseen.tasks
  const all = [...found.values(), ...before.flatMap((task) => setBy(context, state, name, task))]
  all.push(...prompted(context, name, outside), ...gathered(context, name, foreseen, outside))
  return onePlaceOnce(all.toReversed().sort((a, b) => b.order - a.order))
}

/** Layers that stand for what is not there yet are below all others. */
function setting(scope: Variables, name: string): ReturnType<Variables['layersOf']> {
  return scope.layersOf(name).filter(({ layer }) => layer.rank >= ranks.roleDefaults)
}

/** The folder of the inventory may be the playbook's too: its files are read for both. */
function onePlaceOnce(definitions: readonly Definition[]): Definition[] {
  const seen = new Set<string>()
  return definitions.filter(({ span }) => {
    if (!span || span.source.text === '') return true
    const at = `${span.source.file} ${span.start} ${span.end}`
    return !seen.has(at) && seen.add(at)
  })
}

/** Lazy values are made anew each time they are asked for; their variable stays the same. */
const keyOf = (variable: Variable) => ('node' in variable ? variable.node : variable)

function described(
  layer: Layer,
  variable: Variable,
): Pick<Definition, 'order' | 'rank' | 'layer' | 'variable' | 'span'> {
  const span = 'node' in variable ? variable.node.span : variable.span
  return { order: layer.rank, rank: rankText(layer.rank), layer: layer.name, variable, span }
}

/** Includes that were only foreseen: their variables are the include's parameters, as in the run. */
function dynamicLevels(task: Task): Level[] {
  return task.levels.map((level) =>
    level !== task.own && (level.bearer === 'task' || level.bearer === 'handler')
      ? { ...level, bearer: 'include', dynamic: true }
      : level,
  )
}

/** What a task sets when it runs. */
function setBy(context: PlayContext, state: HostState, name: string, task: Task): Definition[] {
  const made = (order: number, layer: string, node: Node | undefined, span: Span): Definition => ({
    order,
    rank: rankText(order),
    layer,
    variable: node && { node },
    span,
    holds: 'running',
    tasks: [task],
    scope: context.taskScope(state, { ...task, levels: dynamicLevels(task) }),
  })
  const found: Definition[] = []
  if (task.action === 'set_fact') {
    const node = argument(task, name)
    const short = task.args?.kind === 'scalar' && new RegExp(`(?:^|\\s)${name}=`).test(task.args.text)
    if (node ?? short) found.push(made(ranks.setFact, 'set_fact', node, node?.span ?? task.args!.span))
  }
  if (task.register === name)
    found.push(made(ranks.setFact, 'register', undefined, task.own.keywords.get('register')?.span ?? task.actionSpan))
  if (task.action === 'include_vars')
    for (const { node, span } of includedVars(context, name, task))
      found.push(made(ranks.includeVars, 'include_vars', node, span))
  return found
}

/** What include_vars reads where its file is written out; a computed name is left to the run. */
function includedVars(context: PlayContext, name: string, task: Task): { node: Node | undefined; span: Span }[] {
  const into = argument(task, 'name')
  if (into) return into.kind === 'scalar' && into.text === name ? [{ node: undefined, span: into.span }] : []
  const given = argument(task, 'file') ?? (argument(task, 'dir') ? undefined : argument(task, '_raw_params', true))
  if (given?.kind !== 'scalar' || isComputed(given)) return []
  const path = findFile(given.text, searchFolders('vars', task.role, task.folder, context.play.folder))
  if (!path || !statSync(path).isFile()) return []
  const root = context.session.reading.files.read(path)
  const node = root?.kind === 'map' ? child(root, name) : undefined
  return node ? [{ node, span: node.span }] : []
}

function prompted(context: PlayContext, name: string, scope: Variables): Definition[] {
  const prompts = context.play.level.keywords.get('vars_prompt')
  if (prompts?.kind !== 'seq') return []
  return prompts.items.flatMap((item): Definition[] => {
    const named = item.kind === 'map' ? child(item, 'name') : undefined
    if (named?.kind !== 'scalar' || named.text !== name) return []
    return [running(ranks.varsPrompt, 'vars_prompt', named.span, scope)]
  })
}

function gathered(context: PlayContext, name: string, foreseen: Foreseen, scope: Variables): Definition[] {
  const asked = foreseen.tasks.some((task) => /(?:^|\.)(?:setup|gather_facts)$/.test(task.action))
  if (!isFact(name) || !(asked || gathers(context))) return []
  return [running(ranks.facts, 'facts, gathered by the play', context.play.level.span, scope)]
}

function running(order: number, layer: string, span: Span, scope: Variables): Definition {
  return { order, rank: rankText(order), layer, variable: undefined, span, holds: 'running', tasks: [], scope }
}
