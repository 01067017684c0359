import { asProblem, Problem } from '../base/problem.ts'
import type { Masker } from '../base/secret.ts'
import { holdsSecret } from '../base/secret-line.ts'
import { place, type Span } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { entryName, type Task } from '../book/entry.ts'
import { keywordOf } from '../book/level.ts'
import { moduleFolders } from '../book/read-action.ts'
import { member } from '../lang/access.ts'
import { child, type Node } from '../lang/node.ts'
import { toPlain } from '../lang/plain.ts'
import { renderValue } from '../lang/render.ts'
import { type ObjectSchema, schemaOf } from '../module/parameters.ts'
import { maskedProblem } from '../run/done.ts'
import type { HostState } from '../run/host-state.ts'
import type { PlayContext } from '../run/play-context.ts'
import { sealedTexts } from '../run/sealed-values.ts'
import { givenNodes } from '../run/task-arguments.ts'
import { type Definition, definitionsOf } from './definitions.ts'
import { foresee } from './foreseen.ts'

/** A definition as it may be shown: secrets are masked. */
export interface Explained {
  readonly rank: string
  readonly layer: string
  /** `file:line:column`. */
  readonly place?: string
  /** As it is written, templates not filled in; missing where only the run can tell. */
  readonly written?: unknown
  /** Filled in: for the winner, and for the one that wins everywhere else. */
  readonly value?: unknown
  readonly type?: string
  readonly holds: Definition['holds']
  /** The tasks that see it (holds: tasks), or set it (holds: running). */
  readonly tasks?: readonly { readonly name: string; readonly place: string }[]
  readonly secret?: true
}

export interface Explanation {
  readonly host: string
  /** Winner first. */
  readonly definitions: readonly Explained[]
  /** What stands in the way of the winner's value: a cycle, an undefined name. */
  readonly problem?: Problem
  /** To compare hosts by; never shown. */
  readonly key: string
}

export interface Path {
  readonly name: string
  /** Of `etcd.port`: `port`. */
  readonly parts: readonly string[]
}

export function pathOf(text: string): Path {
  const [name = '', ...parts] = text.split(/\.|\[["']?([^\]"']*)["']?\]/).filter((part) => part)
  return { name, parts }
}

const SECRET = '********'

/** All that sets a variable for a host of a play. Throws Problem `undefined-variable` where nothing does. */
export function explain(context: PlayContext, state: HostState, path: Path, only?: Task): Explanation {
  const found = definitionsOf(context, state, path.name, foresee(context), only)
  if (found.length === 0) {
    const scope = only ? context.taskScope(state, only) : context.hostScope(state)
    throw new Problem('undefined-variable', `Nothing sets "${path.name}" for ${state.name}.`, {
      hint: didYouMean(path.name, scope.names()) ?? 'A name in a module or a dynamic include is known when it runs.',
    })
  }
  const elsewhere = found.find((one) => one.holds === 'always')
  let problem: Problem | undefined
  const explained = found.map((one, index) => {
    if (index > 0 && one !== elsewhere) return shown(context, one, path, undefined)
    try {
      return shown(context, one, path, evaluated(one, path))
    } catch (thrown) {
      if (index === 0) problem = maskedProblem(asProblem(thrown), context.session.masker)
      return shown(context, one, path, undefined)
    }
  })
  const winner = found[0]!
  const key = JSON.stringify([safely(() => evaluated(winner, path)?.value), winner.span && place(winner.span)])
  return { host: state.name, definitions: explained, key, ...(problem ? { problem } : {}) }
}

/** Masks what the tasks of a play give to secret parameters, and the passwords of connections. */
export async function learnSecrets(context: PlayContext, state: HostState): Promise<void> {
  const { session, play } = context
  const learn = (work: () => unknown) => {
    const value = safely(work)
    if (typeof value === 'string') session.masker.add(value)
  }
  const outside = context.hostScope(state)
  for (const name of outside.names()) if (holdsSecret(`${name}: text`)) learn(() => outside.get(name))
  for (const task of foresee(context).tasks) {
    const folders = moduleFolders(task, play.folder)
    if (!session.registry.find(task.action, folders)) continue
    const module = await session.registry.load(task.action, folders)
    const { properties } = schemaOf(module) as ObjectSchema
    const given = [...givenNodes(task, module)].filter(([name]) => properties[name]?.secret)
    for (const [, node] of given) learn(() => renderValue(node, context.taskScope(state, task)))
  }
}

/** Undefined where only the run can tell. */
function evaluated(one: Definition, { name, parts }: Path): { value: unknown } | undefined {
  const { variable, scope } = one
  if (!variable) return undefined
  try {
    const isWinner = scope.layersOf(name)[0]?.variable === variable
    let value = isWinner ? scope.get(name) : 'node' in variable ? renderValue(variable.node, scope) : variable.value
    for (const [index, part] of parts.entries()) {
      const owner = value
      value = member(owner, part)
      if (value === undefined) throw noPart([name, ...parts.slice(0, index)].join('.'), owner, part, one.span)
    }
    return isUnknown(value) ? undefined : { value }
  } catch (thrown) {
    if (thrown instanceof TouchedUnknown) return undefined
    throw thrown
  }
}

function noPart(owner: string, value: unknown, part: string, at: Span | undefined): Problem {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const hint =
    didYouMean(part, keys) ?? (keys.length > 0 ? `It has: ${keys.slice(0, 10).join(', ')}.` : 'It has no parts.')
  return new Problem('undefined-variable', `"${owner}" has no "${part}" where it is set.`, { at, hint })
}

function shown(context: PlayContext, one: Definition, path: Path, made: { value: unknown } | undefined): Explained {
  const { masker } = context.session
  const node = one.variable && 'node' in one.variable ? partOf(one.variable.node, path.parts) : undefined
  const secret = isSecret(context, one, path, node)
  const hide = (value: unknown) => (secret ? SECRET : masker.data(withoutSecrets(value)))
  const written = !one.variable ? undefined : 'node' in one.variable ? node && toPlain(node) : one.variable.value
  return {
    rank: one.rank,
    layer: one.layer,
    ...(one.span ? { place: one.span.source.file === '-e' ? '-e' : place(one.span) } : {}),
    ...(written === undefined ? {} : { written: hide(plainly(written)) }),
    ...(made ? { value: hide(plainly(made.value)), type: typeOf(made.value) } : {}),
    holds: one.holds,
    ...(one.tasks.length > 0 ? { tasks: one.tasks.map((task) => named(task, masker)) } : {}),
    ...(secret ? { secret: true as const } : {}),
  }
}

const named = (task: Task, masker: Masker) => ({ name: masker.text(entryName(task)), place: place(task.span) })

/** The part of a value that a path names, as far as it is written out. */
function partOf(node: Node, parts: readonly string[]): Node | undefined {
  const [part, ...rest] = parts
  if (part === undefined || node.kind === 'expr' || node.kind === 'vault' || node.kind === 'scalar') return node
  const next = node.kind === 'map' ? child(node, part) : node.items.at(Number(part))
  return next && partOf(next, rest)
}

/** Sealed, under a name that tells of a secret, or set by a task that says no_log. */
function isSecret(context: PlayContext, one: Definition, { name, parts }: Path, node: Node | undefined): boolean {
  if (one.span?.source.sealed || node?.kind === 'vault') return true
  if (node && sealedTexts(node).some((text) => short(context, text))) return true
  if (holdsSecret(`${parts.at(-1) ?? name}: text`)) return true
  return one.tasks.some((task) => {
    const node = keywordOf(task.levels, 'no_log')
    return node !== undefined && !(node.kind === 'scalar' && /^(?:false|no|off|0)$/i.test(node.text))
  })
}

/** Too short to be found again in a text. */
function short(context: PlayContext, text: string): boolean {
  const { sealed } = context.session
  return sealed.vault.isOpen(text) && safely(() => sealed.vault.open(text).trim().length < 4) === true
}

/** Parts of a value under names that tell of secrets. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value !== 'object' || value === null || isUnknown(value)) return value
  const hide = (key: string, part: unknown) =>
    (typeof part === 'string' || typeof part === 'number') && holdsSecret(`${key}: text`)
      ? SECRET
      : withoutSecrets(part)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hide(key, part)]))
}

/** JSON's view: getters asked, computed and sealed parts as they are written. */
function plainly(value: unknown): unknown {
  return value === undefined || typeof value === 'symbol' ? null : JSON.parse(JSON.stringify(value) ?? 'null')
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'map'
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'true or false' : 'number'
}

function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    // What is wrong with a value is told where it is shown.
    return undefined
  }
}
