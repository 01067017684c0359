import { Problem, Problems } from '../base/problem.ts'
import { Source, type Span } from '../base/span.ts'
import { didYouMean } from '../base/suggest.ts'
import { TouchedUnknown, Unknown } from '../base/unknown.ts'
import { type Entry, type Task, tasksOf } from '../book/entry.ts'
import { findFile, searchFolders } from '../book/files.ts'
import { isComputed } from '../book/form.ts'
import { keywordsThrough } from '../book/level.ts'
import { missingFileHint } from '../book/missing-file.ts'
import { moduleFolders } from '../book/read-action.ts'
import { argument, readTaskFile, tasksFile } from '../book/read-entries.ts'
import { useRole } from '../book/read-role.ts'
import { emptyLevel, names } from '../book/reading.ts'
import { ranks } from '../hosts/ranks.ts'
import { evaluateCondition } from '../lang/condition.ts'
import { conditionProblems, textProblems } from '../lang/free-names.ts'
import type { Node } from '../lang/node.ts'
import { filePlace } from '../lang/place-in-text.ts'
import { renderValue } from '../lang/render.ts'
import type { Layer } from '../lang/scope.ts'
import { compileTemplate } from '../lang/template.ts'
import { layer, type Variables } from '../lang/variables.ts'
import type { Module } from '../module/definition.ts'
import { type ObjectSchema, schemaOf } from '../module/parameters.ts'
import { isFact } from '../run/gathering.ts'
import { handlersFor } from '../run/handlers.ts'
import type { HostState } from '../run/host-state.ts'
import { itemLayer, loopControl, loopItems } from '../run/loop-items.ts'
import { metaActions, metaWord } from '../run/meta.ts'
import type { PlayContext } from '../run/play-context.ts'
import { sealedSourceProblems } from '../run/sealed-source.ts'
import type { Session } from '../run/session.ts'
import { givenNodes, resolveArguments } from '../run/task-arguments.ts'
import { type Foreseen, foresee, fromParts, loopNames } from './foreseen.ts'
import { learnedNames } from './learned-names.ts'
import { roleProblems } from './role-params.ts'
import { typicalHosts } from './typical-hosts.ts'

/** Keywords whose values are filled in when a task runs; their templates are read now. */
const filled = [
  'name',
  'become_user',
  'become_method',
  'environment',
  'delegate_to',
  'remote_user',
  'port',
  'throttle',
  'retries',
  'delay',
  'timeout',
  'notify',
  'ignore_errors',
  'no_log',
  'run_once',
  'check_mode',
  'become',
]
const conditions = ['changed_when', 'failed_when', 'until']
/** Below everything: a name that only a run will set. */
const LEARNED = -1

/**
 * Everything wrong with a run that shows without a connection, all at once: the book's own problems first, then names,
 * modules, parameters, templates and variables, task by task, on hosts that stand for all others.
 */
export async function preflight(session: Session): Promise<Problem[]> {
  const found: Problem[] = [...session.reading.files.problems, ...session.reading.problems]
  // A book that could not be read whole would only bring misleading further problems.
  if (found.length > 0) return unique(found)
  const foreseen = session.contexts.map((context) => foresee(context))
  const learned = layer(LEARNED, 'set while it runs', Object.fromEntries(learnedNames(session, foreseen)))
  for (const context of session.contexts) context.learned = [learned]
  for (const [index, context] of session.contexts.entries()) {
    const checker = new Checker(session, context, foreseen[index]!)
    await checker.check()
    found.push(...checker.problems)
  }
  for (const context of session.contexts) context.learned = []
  return unique([...found, ...session.reading.files.problems, ...session.reading.problems])
}

function unique(problems: readonly Problem[]): Problem[] {
  const seen = new Map<string, Problem>()
  for (const problem of problems) {
    const at = problem.spans[0]
    seen.set(`${problem.code} ${problem.message} ${at ? `${at.source.file} ${at.start}` : ''}`, problem)
  }
  return [...seen.values()]
}

class Checker {
  readonly problems: Problem[] = []
  readonly #session: Session
  readonly #context: PlayContext
  /** The play's handlers, and those that included roles may bring. */
  readonly #handlers: readonly Entry[]
  /** What the loops of the includes around set, unknown here. */
  #around: readonly Layer[] = []
  readonly #hosts: readonly HostState[]
  readonly #included = new Set<string>()

  constructor(session: Session, context: PlayContext, foreseen: Foreseen) {
    this.#session = session
    this.#context = context
    this.#handlers = [...context.play.handlers, ...foreseen.roles.flatMap((use) => use.handlers)]
    this.#hosts = typicalHosts(session, context)
  }

  async check(): Promise<void> {
    const { play } = this.#context
    await this.#entries(this.#context.flat)
    await this.#entries([...tasksOf(play.handlers)])
    for (const use of play.roleUses)
      this.problems.push(...roleProblems(use, this.#hosts, (state, task) => this.#scope(state, task)))
  }

  async #entries(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) await this.#task(task)
  }

  async #task(task: Task): Promise<void> {
    this.#texts(task)
    this.#notified(task)
    this.#background(task)
    if (task.action === 'meta') {
      if (!(metaActions as readonly string[]).includes(metaWord(task)))
        this.problems.push(
          new Problem('bad-parameter', `There is no "meta: ${metaWord(task)}".`, {
            at: task.args?.span ?? task.actionSpan,
            hint: didYouMean(metaWord(task), metaActions) ?? `There are: ${metaActions.join(', ')}.`,
          }),
        )
      return
    }
    if (task.action === 'include_tasks' || task.action === 'include_role') return this.#include(task)
    let module: Module
    try {
      module = await this.#session.registry.load(
        task.action,
        moduleFolders(task, this.#context.play.folder),
        task.actionSpan,
      )
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      this.problems.push(thrown.at(task.actionSpan))
      return
    }
    const undefinedFor = new Map<string, { problem: Problem; hosts: number }>()
    for (const state of this.#hosts) {
      for (const problem of this.#onHost(task, module, state)) {
        const at = problem.spans[0]
        const key = `${problem.message} ${at?.start}`
        if (problem.code === 'undefined-variable' && isFact(/^"(\w+)" is not defined/.exec(problem.message)?.[1] ?? ''))
          continue
        if (problem.code !== 'undefined-variable') this.problems.push(problem)
        else undefinedFor.set(key, { problem, hosts: (undefinedFor.get(key)?.hosts ?? 0) + 1 })
      }
    }
    // What is undefined for some hosts only may be guarded by a condition that only they pass.
    for (const { problem, hosts } of undefinedFor.values())
      if (hosts === this.#hosts.length) this.problems.push(problem)
    // Where it surely never runs, its files need not be there.
    if (this.#hosts.length === 0 || this.#hosts.some((state) => !this.#isSkipped(task, state)))
      this.#files(task, module)
  }

  /** Syntax of every template and expression, whatever the conditions say. */
  #texts(task: Task): void {
    for (const name of filled) {
      const node = task.own.keywords.get(name)
      if (node) this.problems.push(...textProblems(node))
    }
    for (const node of [task.args, task.moreArgs, task.loop?.node])
      if (node && !this.#hasConditions(task)) this.problems.push(...textProblems(node))
    for (const name of conditions) {
      const node = task.own.keywords.get(name)
      if (node) this.problems.push(...conditionProblems(node))
    }
    for (const node of keywordsThrough(task.levels, 'when')) this.problems.push(...conditionProblems(node))
  }

  /** assert's `that` holds expressions, not templates. */
  #hasConditions(task: Task): boolean {
    return ['assert'].includes(task.action)
  }

  /** A task left to run by itself cannot be looked after yet: better refused than run in the foreground unasked. */
  #background(task: Task): void {
    const poll = task.own.keywords.get('poll')
    if (!task.own.keywords.has('async') || poll?.kind !== 'scalar' || Number(poll.value) !== 0) return
    this.problems.push(
      new Problem('shape', 'Tasks that run on in the background ("poll: 0") are not supported.', {
        at: poll.span,
        hint: 'Leave "poll" out: the task is then waited for, at most "async" seconds.',
      }),
    )
  }

  #notified(task: Task): void {
    const node = task.own.keywords.get('notify')
    if (!node) return
    const parts = node.kind === 'seq' ? node.items : [node]
    for (const part of parts) {
      if (isComputed(part)) continue
      for (const name of part.kind === 'scalar' ? [part.text] : []) {
        if (handlersFor(name, this.#handlers, undefined).length > 0) continue
        const all = this.#handlers.flatMap((handler) => [...handler.listen, ...names(handler.own.keywords.get('name'))])
        this.problems.push(
          new Problem('unknown-handler', `No handler is called "${name}", and none listens to it.`, {
            at: part.span,
            hint:
              didYouMean(name, all) ??
              'Handlers stand under "handlers:" of the play, or in a role\'s handlers/main.yml.',
          }),
        )
      }
    }
  }

  #onHost(task: Task, module: Module, state: HostState): Problem[] {
    try {
      const scope = this.#scope(state, task)
      if (!task.loop) return this.#conditionsFail(task, scope) ? [] : this.#arguments(task, module, scope)
      // A condition may need the item; one that is false without it skips the loop whatever it is.
      if (this.#falseAnyway(task, scope)) return []
      const items = this.#items(task, scope)
      const control = loopControl(task, scope)
      const found = items.flatMap((_, index) => {
        const at = this.#scope(state, task, [itemLayer(control, items, index)])
        return this.#conditionsFail(task, at) ? [] : this.#arguments(task, module, at)
      })
      return unique(found)
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) return []
      if (thrown instanceof Problem) return [thrown.at(task.actionSpan)]
      if (thrown instanceof Problems) return [...thrown.problems]
      throw thrown
    }
  }

  #items(task: Task, scope: Variables): unknown[] {
    try {
      return loopItems(task, scope, this.#context.play.folder)!.slice(0, 20)
    } catch (thrown) {
      if (thrown instanceof TouchedUnknown) return [thrown.unknown]
      throw thrown
    }
  }

  /** true: surely skipped here, so nothing it says needs to make sense. */
  #conditionsFail(task: Task, scope: Variables): boolean {
    for (const node of keywordsThrough(task.levels, 'when')) {
      try {
        if (!evaluateCondition(node, scope)) return true
      } catch (thrown) {
        if (!(thrown instanceof TouchedUnknown)) throw thrown
      }
    }
    return false
  }

  /** Its conditions, or those of a loop whatever the item, are surely false on this host. */
  #isSkipped(task: Task, state: HostState): boolean {
    return this.#falseAnyway(task, this.#scope(state, task))
  }

  #falseAnyway(task: Task, scope: Variables): boolean {
    try {
      return this.#conditionsFail(task, scope)
    } catch (thrown) {
      if (thrown instanceof Problem) return false
      throw thrown
    }
  }

  #arguments(task: Task, module: Module, scope: Variables): Problem[] {
    const { problems } = resolveArguments(task, module, scope, { keepUnknown: true })
    return [...problems, ...this.#keywords(task, scope)]
  }

  /** Keywords that are filled in when the task runs. */
  #keywords(task: Task, scope: Variables): Problem[] {
    return filled.flatMap((name) => {
      const node = task.own.keywords.get(name)
      if (!node || name === 'name') return []
      try {
        renderValue(node, scope, { keepUnknown: true })
        return []
      } catch (thrown) {
        if (thrown instanceof Problem) return [thrown]
        throw thrown
      }
    })
  }

  /** Files of the controller that are named plainly must be there; templates must be readable. */
  #files(task: Task, module: Module): void {
    const schema = schemaOf(module) as ObjectSchema
    const remote = givenNodes(task, module).get('remote_src')
    if (remote && !(remote.kind === 'scalar' && remote.value === false)) return
    for (const [name, node] of givenNodes(task, module)) {
      const kind = schema.properties[name]?.controllerFile
      if (!kind || node.kind !== 'scalar' || isComputed(node) || typeof node.value !== 'string') continue
      if (/^[a-z+]+:\/\//.test(node.value)) continue
      const folders = searchFolders(kind, task.role, task.folder, this.#context.play.folder)
      const path = findFile(node.value, folders)
      if (!path)
        this.problems.push(
          new Problem('file-missing', `There is no file "${node.value}".`, {
            at: node.span,
            hint: missingFileHint(node.value, folders, (folder) => this.#session.reading.files.shown(folder)),
          }),
        )
      else if (kind === 'templates') this.#template(task, path)
      else this.problems.push(...sealedSourceProblems(this.#session, task, module, path))
    }
  }

  #template(task: Task, path: string): void {
    const { files } = this.#session.reading
    const text = files.text(path)
    if (text === undefined) return
    const source = new Source(files.shown(path), text)
    let template: ReturnType<typeof compileTemplate>
    try {
      template = compileTemplate(text, filePlace(source), { partials: (partial) => this.#partial(task, partial) })
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      this.problems.push(thrown)
      return
    }
    // A play without hosts (--limit) has nobody to say what is defined.
    if (this.#hosts.length === 0) return
    const missing = template.names.filter(
      ({ name, optional }) =>
        !optional &&
        this.#hosts.every(
          (state) =>
            !this.#scope(state, task).has(name) && !(task.loop && loopNames(task).includes(name)) && !isFact(name),
        ),
    )
    for (const { name, start, end } of missing) {
      const at: Span = { source, start, end }
      const known = this.#hosts[0] ? this.#scope(this.#hosts[0], task).names() : []
      this.problems.push(
        new Problem('undefined-variable', `"${name}" is not defined`, { at, hint: didYouMean(name, known) }),
      )
    }
  }

  #partial(task: Task, name: string): Source | undefined {
    const { files } = this.#session.reading
    const folders = searchFolders('templates', task.role, task.folder, this.#context.play.folder)
    const path = findFile(`${name}.hbs`, folders) ?? findFile(name, folders)
    const text = path === undefined ? undefined : files.text(path)
    return text === undefined ? undefined : new Source(files.shown(path!), text)
  }

  /** Dynamic includes whose name is plain are read and checked like imports. */
  async #include(task: Task): Promise<void> {
    const node: Node | undefined =
      task.action === 'include_role' ? (argument(task, 'name') ?? argument(task, 'role')) : argument(task, 'file', true)
    if (!node) {
      this.problems.push(
        new Problem(
          'bad-parameter',
          `${task.action} needs ${task.action === 'include_role' ? '"name", a role' : 'a file'}.`,
          { at: task.actionSpan },
        ),
      )
      return
    }
    if (isComputed(node) || node.kind !== 'scalar') return
    if (this.#hosts.length > 0 && this.#hosts.every((state) => this.#isSkipped(task, state))) return
    const from = fromParts(task)
    const key = `${task.action} ${node.text} ${task.folder} ${JSON.stringify(from)}`
    if (this.#included.has(key)) return
    this.#included.add(key)
    const reading = {
      ...this.#session.reading,
      playbookFolder: this.#context.play.folder,
      roleUses: [],
      open: [] as string[],
    }
    // Its condition is asked once, before; here it stands for that.
    const kept = new Map([...task.own.keywords].filter(([name]) => name === 'when'))
    const level = { ...task.own, bearer: 'include' as const, dynamic: true as const, keywords: kept, tags: [] }
    const setting = { levels: [...task.levels.slice(0, -1), level], role: task.role, folder: task.folder }
    let entries: readonly Entry[] = []
    if (task.action === 'include_tasks') {
      const path = tasksFile(reading, setting, node.text, node.span)
      if (path) entries = readTaskFile(reading, path, setting, node.span, task.handler)
    } else {
      const use = useRole(reading, node.text, node.span, {
        setting,
        level: emptyLevel('role', task.span),
        params: new Map(),
        ...from,
        public: false,
        dependencies: true,
      })
      entries = use?.entries ?? []
    }
    const around = this.#around
    if (task.loop) {
      const items = Object.fromEntries(
        loopNames(task).map((name) => [name, new Unknown('an item of the include around')]),
      )
      this.#around = [...around, layer(ranks.includeParams, 'loop of an include', items)]
    }
    await this.#entries([...tasksOf(entries)])
    this.#around = around
  }

  /** The variables of a task before the run: what only the run will set is there, but unknown. */
  #scope(
    state: HostState,
    task: Pick<Task, 'levels' | 'role'>,
    more: Parameters<PlayContext['taskScope']>[2] = [],
  ): Variables {
    return this.#context.taskScope(state, task, [...this.#around, ...more])
  }
}
