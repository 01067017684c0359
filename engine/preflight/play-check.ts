import { asProblems, Problem, Problems } from '../base/problem.ts'
import { didYouMean } from '../base/suggest.ts'
import { Unknown } from '../base/unknown.ts'
import { type Entry, entryName, type Task } from '../book/entry.ts'
import { isComputed } from '../book/form.ts'
import { keywordsThrough } from '../book/level.ts'
import { sections } from '../book/play.ts'
import { moduleFolders } from '../book/read-action.ts'
import { ranks } from '../hosts/ranks.ts'
import type { Layer } from '../lang/scope.ts'
import { layer, type Variables } from '../lang/variables.ts'
import { isLocal, type Module } from '../module/definition.ts'
import { handlersFor } from '../run/handlers.ts'
import type { HostState } from '../run/host-state.ts'
import { metaActions, metaWord } from '../run/meta.ts'
import type { PlayContext } from '../run/play-context.ts'
import type { ControllerFiles } from './controller-files.ts'
import { defaultsProblems } from './defaults-check.ts'
import { includedEntries, includedName, includedNames, includeWithoutName } from './dynamic-include.ts'
import type { Findings } from './findings.ts'
import type { Foreknowledge } from './foreknowledge.ts'
import { type Foreseen, fromParts, loopNames } from './foreseen.ts'
import { KnownKeys } from './known-keys.ts'
import { outermost, type Place, placesOf } from './place.ts'
import { roleProblems } from './role-params.ts'
import { TaskCheck } from './task-check.ts'
import { taskNames } from './task-names.ts'
import { taskTextProblems } from './task-texts.ts'
import { typicalHosts } from './typical-hosts.ts'

/** Tasks after which a host may no longer be in the play. */
const ending = new Set(['end_play', 'end_host', 'end_batch'])

/** A play's tasks, in order, with those that its includes bring. */
export class PlayCheck {
  readonly context: PlayContext
  readonly findings: Findings
  readonly files: ControllerFiles
  readonly keys: KnownKeys
  readonly hosts: readonly HostState[]
  /** Some host may have left the play by now, or its variables been tested by the book itself. */
  mayHaveEnded = false
  readonly #book: Foreknowledge
  readonly #handlers: readonly Entry[]
  readonly #included = new Set<string>()
  readonly #scopes = new Map<string, Variables>()
  readonly #numbers = new Map<object, number>()
  /** Names that the book itself has asked for, to say in its own words what is missing. */
  readonly #tested = new Set<string>()

  constructor(
    context: PlayContext,
    foreseen: Foreseen,
    book: Foreknowledge,
    findings: Findings,
    files: ControllerFiles,
  ) {
    this.context = context
    this.findings = findings
    this.files = files
    this.keys = new KnownKeys(context.session, book)
    this.hosts = typicalHosts(context.session, context)
    this.#book = book
    this.#handlers = [...context.play.handlers, ...foreseen.roles.flatMap((use) => use.handlers)]
  }

  async check(): Promise<void> {
    const { play } = this.context
    for (const problem of await defaultsProblems(this.context)) this.findings.problem(problem)
    for (const section of sections(play)) await this.#entries(section, outermost)
    await this.#entries(play.handlers, outermost)
    const scope = (state: HostState, task: Pick<Task, 'levels' | 'role'>) => this.scope(state, task, [])
    for (const use of play.roleUses)
      for (const problem of roleProblems(use, this.hosts, scope)) this.findings.problem(problem)
  }

  /** The variables of a task before the run: what only the run will set is there, but unknown. */
  scope(state: HostState, task: Pick<Task, 'levels' | 'role'>, around: readonly Layer[]): Variables {
    const own = task.levels.at(-1)
    if (!own || own.vars.size > 0 || own.dynamic) return this.context.taskScope(state, task, around)
    // What a task itself does not alter, all tasks of its file share, and what was computed of it too.
    const key = [task.levels.at(-2), task.role, around, state].map((part) => this.#number(part)).join(' ')
    let scope = this.#scopes.get(key)
    if (!scope) {
      scope = this.context.taskScope(state, task, around)
      this.#scopes.set(key, scope)
    }
    return scope
  }

  #number(part: object | undefined): number {
    if (part === undefined) return 0
    if (!this.#numbers.has(part)) this.#numbers.set(part, this.#numbers.size + 1)
    return this.#numbers.get(part)!
  }

  /** Whether something that nobody can foresee may set what is missing. */
  mayBeSet(problem: Problem): boolean {
    const name = /^"(\w+)" is not defined/.exec(problem.message)?.[1]
    return name !== undefined && (this.#book.open || this.#tested.has(name))
  }

  /** Whether another task names a file, and so may make it. */
  madeWhileRunning(task: Task, name: string): boolean {
    return this.#book.names(name, task)
  }

  async #entries(entries: readonly Entry[], place: Place): Promise<void> {
    for (const [task, its] of placesOf(entries, place)) await this.#task(task, its)
  }

  async #task(task: Task, place: Place): Promise<void> {
    if (task.action === 'meta') return this.#meta(task)
    const isInclude = task.action === 'include_tasks' || task.action === 'include_role'
    const module = isInclude ? undefined : await this.#module(task)
    if (module === null) return
    if (module && isLocal(module)) this.#local(task, module.once === true)
    for (const problem of taskTextProblems(task, module)) this.findings.problem(problem)
    const reached = new TaskCheck(this, task, module, place).check(place)
    // Where it surely never runs, nothing it says needs to make sense.
    const isReached = this.hosts.length === 0 || reached.size > 0
    if (isReached) this.#notified(task)
    if (isInclude && isReached) {
      const scopes = [...reached.values()].flatMap((reach) => reach.scopes)
      await this.#include(task, scopes, place)
    }
    if (task.action === 'assert' || task.action === 'fail') this.#tests(task, module)
  }

  /** What is done once for all hosts is nothing for hosts that go their own ways. */
  #local(task: Task, once: boolean): void {
    const { strategy } = this.context.play
    if (once && strategy !== 'linear') {
      this.findings.problem(
        new Problem(
          'shape',
          `"${task.action}" is done once for all hosts, and with the strategy ${strategy} there is no "once".`,
          {
            at: task.actionSpan,
            hint: 'Put it into a play of its own, with the strategy linear.',
          },
        ),
      )
    }
  }

  async #module(task: Task): Promise<Module | null> {
    const { session, play } = this.context
    try {
      return await session.registry.load(task.action, moduleFolders(task, play.folder), task.actionSpan)
    } catch (thrown) {
      if (!(thrown instanceof Problem || thrown instanceof Problems)) throw thrown
      for (const problem of asProblems(thrown)) this.findings.problem(problem.at(task.actionSpan))
      return null
    }
  }

  #meta(task: Task): void {
    const word = metaWord(task)
    for (const problem of taskTextProblems(task, undefined)) this.findings.problem(problem)
    if (ending.has(word)) this.mayHaveEnded = true
    if ((metaActions as readonly string[]).includes(word)) return
    this.findings.problem(
      new Problem('bad-parameter', `There is no "meta: ${word}".`, {
        at: task.args?.span ?? task.actionSpan,
        hint: didYouMean(word, metaActions) ?? `There are: ${metaActions.join(', ')}.`,
      }),
    )
  }

  /** After a task that asks whether names are there, missing ones are the book's own business. */
  #tests(task: Task, module: Module | undefined): void {
    this.mayHaveEnded = true
    const asked = taskNames(task, module)
    for (const needed of [...asked.conditions, ...asked.item]) if (needed.optional) this.#tested.add(needed.name)
  }

  #notified(task: Task): void {
    for (const node of keywordsThrough(task.levels, 'notify')) {
      for (const part of node.kind === 'seq' ? node.items : [node]) {
        if (isComputed(part) || part.kind !== 'scalar' || handlersFor(part.text, this.#handlers, undefined).length > 0)
          continue
        // One with a computed name, or of an include that nobody can foresee, may be meant.
        if (this.#book.open || this.#handlers.some((handler) => entryName(handler).includes('{{'))) continue
        const all = this.#handlers.flatMap((handler) => [...handler.listen, entryName(handler)])
        this.findings.problem(
          new Problem('unknown-handler', `No handler is called "${part.text}", and none listens to it.`, {
            at: part.span,
            hint:
              didYouMean(part.text, all) ??
              'Handlers stand under "handlers:" of the play, or in a role\'s handlers/main.yml.',
          }),
        )
      }
    }
  }

  /** What an include brings is checked like an import, where its name is known. */
  async #include(task: Task, scopes: readonly Variables[], place: Place): Promise<void> {
    const node = includedName(task)
    if (!node) return this.findings.problem(includeWithoutName(task))
    for (const name of includedNames(node, scopes)) {
      const given = task.levels.flatMap((level) => (level.dynamic || level === task.own ? [...level.vars.keys()] : []))
      const key = [task.action, name, task.folder, task.role?.role.folder, JSON.stringify(fromParts(task)), ...given]
      if (this.#included.has(key.join(' '))) continue
      this.#included.add(key.join(' '))
      const { entries, problems } = includedEntries(this.context, task, name, node)
      for (const problem of problems) {
        // A computed name may be right for the hosts that come here, and is told to them when it is not.
        const later = problem.spans[0] === node.span && (isComputed(node) || place.rescued)
        if (later) this.findings.warning(problem)
        else this.findings.problem(problem)
      }
      await this.#entries(entries, { ...place, around: task.loop ? [...place.around, itemsOf(task)] : place.around })
    }
  }
}

/** What a loop of an include sets for all it brings. */
function itemsOf(task: Task): Layer {
  const items = loopNames(task).map((name) => [name, new Unknown('an item of the include around')])
  return layer(ranks.includeParams, 'loop of an include', Object.fromEntries(items))
}
