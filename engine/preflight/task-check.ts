import { Problem, Problems } from '../base/problem.ts'
import { TouchedUnknown } from '../base/unknown.ts'
import type { Task } from '../book/entry.ts'
import { keywordOf, keywordsThrough } from '../book/level.ts'
import { type NeededName, textProblems } from '../lang/free-names.ts'
import { renderValue } from '../lang/render.ts'
import type { Variables } from '../lang/variables.ts'
import type { Module } from '../module/definition.ts'
import type { HostState } from '../run/host-state.ts'
import { resolveArguments } from '../run/task-arguments.ts'
import { namedFile } from './controller-files.ts'
import { missingNames, undefinedName } from './needed-names.ts'
import type { Place } from './place.ts'
import type { PlayCheck } from './play-check.ts'
import { type Reach, reachOf } from './reach.ts'
import { filled, type TaskNames, taskNames } from './task-names.ts'
import { Undefined } from './undefined.ts'

/** One task, on the hosts that stand for all others: its conditions, its parameters, the names and files it needs. */
export class TaskCheck {
  readonly #play: PlayCheck
  readonly #task: Task
  readonly #module: Module | undefined
  readonly #names: TaskNames
  /** Not run, or not fatal when it fails: what only a run would trip over is no problem. */
  readonly #selected: boolean
  readonly #handled: boolean
  readonly #undefined = new Undefined()

  constructor(play: PlayCheck, task: Task, module: Module | undefined, place: Place) {
    this.#play = play
    this.#task = task
    this.#module = module
    this.#names = taskNames(task, module)
    this.#selected = play.context.isTagged(task)
    this.#handled = place.rescued || isIgnored(task)
  }

  /** Gives what it reaches on each host. */
  check(place: Place): ReadonlyMap<HostState, Reach> {
    const reached = new Map<HostState, Reach>()
    for (const state of this.#play.hosts) {
      try {
        const reach = this.#onHost(state, place)
        if (reach.scopes.length > 0) reached.set(state, reach)
      } catch (thrown) {
        if (thrown instanceof TouchedUnknown) continue
        if (thrown instanceof Problem) this.#found(thrown.at(this.#task.actionSpan), state, { sure: false })
        else if (thrown instanceof Problems) for (const one of thrown.problems) this.#play.findings.problem(one)
        else throw thrown
      }
    }
    for (const problem of this.#undefined.told()) this.#tell(problem)
    return reached
  }

  #onHost(state: HostState, place: Place): Reach {
    const task = this.#task
    const scope = this.#play.scope(state, task, place.around)
    const reach = reachOf(task, scope, this.#play.context.play.folder)
    const base = [...reach.scopes, ...reach.broken]
    if (base.length === 0 && reach.problems.length === 0) return reach
    this.#undefined.reached(state)
    const sure = { sure: reach.sure && !this.#play.mayHaveEnded }
    for (const problem of reach.problems) {
      // A loop over what is not there, or is no list, fails when its turn comes.
      const noList = problem.code === 'shape' && sure.sure && this.#selected && !this.#handled
      if (noList || reach.broken.length > 0 || problem.code === 'undefined-variable') this.#found(problem, state, sure)
      else this.#play.findings.warning(problem)
    }
    this.#need(this.#names.loop, [scope], state, sure)
    this.#need(this.#names.conditions, base, state, sure)
    // What cannot be asked for is not gone into: it would only bring misleading further problems.
    if (reach.scopes.length === 0) return reach
    this.#need(this.#names.item, reach.scopes, state, sure)
    for (const at of reach.scopes) this.#atItem(at, state, sure)
    return reach
  }

  #atItem(scope: Variables, state: HostState, sure: Pick<Reach, 'sure'>): void {
    for (const problem of this.#keywords(scope)) this.#found(problem, state, sure)
    if (!this.#module) return
    const { problems, params } = resolveArguments(this.#task, this.#module, scope, { keepUnknown: true })
    for (const problem of problems) this.#found(problem, state, sure)
    const { files, context } = this.#play
    for (const one of files.parameters(this.#task, this.#module)) {
      const { kind } = one
      const given = params[one.name]
      // Words that are none are told by the module.
      if (typeof given !== 'string' || (one.words && problems.length > 0)) continue
      const { name: value, span } = namedFile(one, given)
      if (value === '' || /^[a-z+]+:\/\//.test(value)) continue
      const folder = context.play.folder
      const path = files.find(this.#task, kind, value, folder)
      if (path === undefined) {
        if (!this.#play.madeWhileRunning(this.#task, value))
          this.#found(files.missing(this.#task, kind, value, folder, span), state, sure)
      } else if (kind === 'templates') {
        const template = files.template(this.#task, path, folder)
        for (const problem of template.problems) this.#play.findings.problem(problem)
        this.#need(template.names, [scope], state, sure)
      } else for (const problem of files.sealed(this.#task, this.#module, path)) this.#play.findings.problem(problem)
    }
  }

  #need(names: readonly NeededName[], scopes: readonly Variables[], state: HostState, sure: Pick<Reach, 'sure'>): void {
    for (const scope of scopes) {
      for (const needed of missingNames(names, scope)) this.#found(undefinedName(needed, scope), state, sure)
      for (const needed of names) {
        const problem = this.#play.keys.problem(needed)
        if (!problem || needed.guards.some((guard) => !guard.mayHold(scope))) continue
        if (needed.optional) this.#play.findings.warning(problem)
        else this.#found(problem, state, sure)
      }
    }
  }

  /** Keywords that are filled in when the task runs. */
  #keywords(scope: Variables): Problem[] {
    return filled.flatMap((name) => {
      const node = keywordOf(this.#task.levels, name)
      if (!node || (node.kind === 'scalar' && typeof node.value !== 'string')) return []
      // What cannot be read is told with the other texts.
      if (textProblems(node).length > 0) return []
      try {
        renderValue(node, scope, { keepUnknown: true })
        return []
      } catch (thrown) {
        if (thrown instanceof Problem) return [thrown]
        throw thrown
      }
    })
  }

  #found(found: Problem, state: HostState, sure: Pick<Reach, 'sure'>): void {
    const problem = this.#used(found)
    if (problem.code !== 'undefined-variable' && problem.code !== 'file-missing') this.#tell(problem)
    else if (this.#selected) this.#undefined.add(problem, state, sure)
  }

  /** What a template or another file lacks is told with the task that needs it. */
  #used(problem: Problem): Problem {
    const [at] = problem.spans
    const { code, message, hint, host } = problem
    if (code !== 'undefined-variable' || !at || at.source.file === this.#task.actionSpan.source.file) return problem
    return new Problem(code, message, { at: [...problem.spans, this.#task.actionSpan], hint, host })
  }

  #tell(problem: Problem): void {
    const { findings } = this.#play
    const runTime = ['undefined-variable', 'file-missing', 'expression', 'template'].includes(problem.code)
    if (!runTime) findings.problem(problem)
    else if (problem.code === 'undefined-variable' && this.#play.mayBeSet(problem)) return
    else if (this.#handled) findings.warning(problem)
    else if (this.#selected) findings.problem(problem)
  }
}

function isIgnored(task: Task): boolean {
  const node = keywordsThrough(task.levels, 'ignore_errors').at(-1)
  return node !== undefined && !(node.kind === 'scalar' && /^(?:false|no|off|0)$/i.test(node.text))
}
