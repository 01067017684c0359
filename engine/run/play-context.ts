import type { LimitFunction } from 'p-limit'
import { Problem, Problems } from '../base/problem.ts'
import { place, type Span } from '../base/span.ts'
import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { type Task, tasksOf } from '../book/entry.ts'
import { findFile } from '../book/files.ts'
import type { Level } from '../book/level.ts'
import { missingFileHint } from '../book/missing-file.ts'
import { type Play, sections } from '../book/play.ts'
import { variableFiles } from '../book/read-playbook.ts'
import { needsOf, type RoleUse } from '../book/role.ts'
import type { Host } from '../hosts/group.ts'
import { ranks } from '../hosts/ranks.ts'
import type { Node } from '../lang/node.ts'
import { renderValue } from '../lang/render.ts'
import type { Layer, Variable } from '../lang/scope.ts'
import { Variables } from '../lang/variables.ts'
import { controllerReads } from './controller-reads.ts'
import type { HostState } from './host-state.ts'
import { hostMagic, type TaskPlace, taskMagic } from './magic.ts'
import type { Session } from './session.ts'
import { successorsIn } from './successors.ts'
import { filledTags, isSelected } from './tags.ts'

/** A play that runs: its hosts, and the variables its tasks see. */
export class PlayContext {
  readonly session: Session
  readonly play: Play
  /** All hosts of the play, in order; chosen anew when the inventory changed before it begins. */
  hosts: readonly HostState[]
  inventoryVersion: number
  /** Those of the batch at work. */
  batch: readonly HostState[] = []
  /** Hosts that failed and will not be rescued, inside blocks that still have an `always` to run too. */
  readonly lost = new Set<HostState>()
  /** Too much went wrong: it ends here for all. */
  broken = false
  /** vars_prompt's answers. */
  readonly prompted = new Map<string, Variable>()
  /** Roles included with public: true, and their variables, for the rest of the play. */
  readonly published: RoleUse[] = []
  /** By host: the use of each role that ran there. */
  readonly #ran = new Map<HostState, Map<string, RoleUse>>()
  /** During preflight: what only the run will set. */
  learned: readonly Layer[] = []
  /** --start-at-task: tasks that are passed over. */
  passedOver: ReadonlySet<Task> = new Set()
  /** `throttle` of tasks. */
  readonly throttles = new Map<Task, LimitFunction>()
  readonly #warned = new Set<unknown>()
  /** Every task of the play in order, those inside blocks too. */
  readonly flat: readonly Task[]
  #successors: ReadonlyMap<Task, Task> | undefined
  readonly #taskLayers = new WeakMap<Task, Layer[]>()
  readonly #magic = new WeakMap<HostState, { readonly host: Host; readonly layer: Layer }>()
  readonly #varsFiles = new Map<string, Layer | undefined>()

  constructor(session: Session, play: Play, hosts: readonly HostState[]) {
    this.session = session
    this.play = play
    this.hosts = hosts
    this.inventoryVersion = session.inventoryVersion
    this.flat = [...tasksOf(sections(play).flat())]
  }

  /** Says what is wrong with a task or play once, however many hosts come to it. */
  warnOnce(about: { span: Span }, message: string): void {
    if (this.#warned.has(about)) return
    this.#warned.add(about)
    this.session.emit({ event: 'warning', message, place: place(about.span) })
  }

  /** What comes next where a task has ended well. */
  get successors(): ReadonlyMap<Task, Task> {
    this.#successors ??= successorsIn(this.play)
    return this.#successors
  }

  /** Whether a host has run this role, given the same, where it is used elsewhere: once is enough, unless it says otherwise. */
  hasRun(state: HostState, use: RoleUse): boolean {
    const ran = this.#ran.get(state)?.get(use.identity)
    return !use.repeats && ran !== undefined && ran !== use
  }

  /** Whether --tags and --skip-tags ask for a task; handlers are called whatever their tags. */
  isTagged(task: Task): boolean {
    const { tags, skipTags } = this.session.options
    return task.handler || isSelected(this.tagsOf(task), tags, skipTags)
  }

  /** All tags that hold for a task. Variables in them are those of -e and of the play: they are the same for every host. */
  tagsOf(task: Task): string[] {
    return filledTags(task, () => new Variables([this.session.options.extra, ...this.#playLayers()]))
  }

  /** From here on the whole play sees the variables of these. */
  publish(uses: readonly RoleUse[]): void {
    for (const use of uses)
      if (!this.published.some(({ identity }) => identity === use.identity)) this.published.push(use)
  }

  /** A task of the role was done, or failed, on the host. */
  noteRun(state: HostState, use: RoleUse): void {
    const ran = this.#ran.get(state) ?? new Map<string, RoleUse>()
    this.#ran.set(state, ran)
    if (!ran.has(use.identity)) ran.set(use.identity, use)
  }

  /** The variables of a host outside any task. */
  hostScope(state: HostState, more: readonly Layer[] = []): Variables {
    return this.#scope(state, (scope) => [...this.#hostLayers(state, scope), ...more])
  }

  /** What `hostvars` shows of a host: nothing of the play's, as in Ansible. */
  outsideScope(state: HostState): Variables {
    return this.#scope(state, (scope) => this.#outerLayers(state, scope))
  }

  /** The variables a task sees on a host; `more` for loop items and include parameters. */
  taskScope(state: HostState, task: TaskPlace, more: readonly Layer[] = [], lookingAhead = false): Variables {
    return this.#scope(
      state,
      (scope) => [...this.#hostLayers(state, scope, task), ...this.#layersOf(task as Task), ...more],
      lookingAhead,
    )
  }

  /** A scope whose magic variables know it. */
  #scope(state: HostState, layers: (scope: () => Variables) => Layer[], lookingAhead = false): Variables {
    let scope: Variables | undefined
    scope = new Variables(
      layers(() => scope!),
      {
        openVault: this.session.sealed.openVault,
        whose: state.name,
        controller: () => controllerReads(this.session, lookingAhead),
      },
    )
    return scope
  }

  #outerLayers(state: HostState, scope: () => Variables, task?: TaskPlace): Layer[] {
    const { session, play } = this
    return [
      ...session.inventory.layersFor(state.host, play.folder),
      ...state.layers(ranks),
      ...this.learned,
      session.options.extra,
      this.#magicOf(state),
      taskMagic(this, task, scope),
    ]
  }

  #magicOf(state: HostState): Layer {
    const known = this.#magic.get(state)
    if (known?.host === state.host) return known.layer
    const made = { host: state.host, layer: hostMagic(this, state) }
    this.#magic.set(state, made)
    return made.layer
  }

  /** Those of import_playbook win over the play's own, the outermost last. */
  #playLayers(): Layer[] {
    return [this.play.level, ...this.play.outer.toReversed()].map((level) => ({
      rank: ranks.playVars,
      name: `vars of the play at ${level.span.source.file}`,
      variables: level.vars,
    }))
  }

  #hostLayers(state: HostState, scope: () => Variables, task?: TaskPlace): Layer[] {
    const { play } = this
    const layers = this.#outerLayers(state, scope, task)
    const uses = [...play.roleUses.filter((use) => use.public), ...this.published]
    for (const [index, use] of uses.entries()) layers.push(...roleLayers(use, index / (uses.length + 1)))
    layers.push(...this.#playLayers())
    if (this.prompted.size > 0) layers.push({ rank: ranks.varsPrompt, name: 'vars_prompt', variables: this.prompted })
    layers.push(...this.#filesOf(state, layers))
    return layers
  }

  /** vars_files, whose names may hold variables of the host. */
  #filesOf(state: HostState, below: readonly Layer[]): Layer[] {
    const lists = variableFiles(this.play.level.keywords.get('vars_files'))
    if (lists.length === 0) return []
    const scope = new Variables(below, { openVault: this.session.sealed.openVault })
    const folders = [`${this.play.folder}/vars`, this.play.folder]
    const shown = (folder: string) => this.session.reading.files.shown(folder)
    return lists
      .flatMap((names, index) => {
        const tried: string[] = []
        for (const node of names) {
          const name = this.#nameOfFile(node, scope, state)
          // Which file it will be, a fact says that is not gathered yet.
          if (name === undefined) return []
          tried.push(name)
          const path = findFile(name, folders)
          if (path) return [this.#varsFile(path, index)]
        }
        throw new Problem(
          'file-missing',
          `There is no variables file ${tried.map((name) => `"${name}"`).join(' or ')} for ${state.name}.`,
          { at: names[0]?.span, hint: missingFileHint(tried[0] ?? '', folders, shown) },
        )
      })
      .filter((layer) => layer !== undefined)
  }

  /** undefined: only the run will tell. */
  #nameOfFile(node: Node, scope: Variables, state: HostState): string | undefined {
    try {
      const name = renderValue(node, scope)
      return isUnknown(name) ? undefined : String(name)
    } catch (thrown) {
      const before = this.learned.length > 0
      if (thrown instanceof TouchedUnknown && before) return undefined
      if (thrown instanceof Problem && thrown.code === 'undefined-variable' && !before && !state.factsGathered)
        return undefined
      throw thrown
    }
  }

  #varsFile(path: string, index: number): Layer | undefined {
    const known = this.#varsFiles.get(path)
    if (known) return known
    const before = this.session.reading.files.problems.length
    const layer: Layer = {
      rank: ranks.varsFiles + index / 100,
      name: `vars_files ${this.session.reading.files.shown(path)}`,
      variables: this.session.reading.files.variables(path),
    }
    const problems = this.session.reading.files.problems.slice(before)
    if (problems.length > 0) throw new Problems(problems)
    this.#varsFiles.set(path, layer)
    return layer
  }

  /** Layers that are the same for every host: the role's own, blocks', the task's. */
  #layersOf(task: Task): Layer[] {
    const known = this.#taskLayers.get(task)
    if (known) return known
    const layers: Layer[] = []
    const chain = task.role ? [...task.role.parents, ...needsOf(task.role), task.role] : []
    for (const [index, use] of chain.entries()) {
      const given = use === task.role || task.role?.parents.includes(use)
      layers.push(...roleLayers(use, 1 + index / (chain.length + 1), given))
    }
    const inner = task.levels.filter((level) => level.bearer !== 'play' && !this.play.outer.includes(level))
    for (const [index, level] of inner.entries())
      if (level.vars.size > 0) layers.push(levelLayer(level, index / (inner.length + 1)))
    this.#taskLayers.set(task, layers)
    return layers
  }
}

/** A role's own task sees its defaults and vars above those of the play's other roles, and its parameters. */
function roleLayers(use: RoleUse, above: number, own = false): Layer[] {
  const of = `of role ${use.role.name}`
  return [
    { rank: ranks.roleDefaults + above, name: `defaults ${of}`, variables: use.defaults },
    { rank: ranks.roleVars + above, name: `vars given to role ${use.role.name}`, variables: use.givenVars },
    { rank: ranks.roleVars + above, name: `vars ${of}`, variables: use.vars },
    ...(own ? [{ rank: ranks.roleParams + above, name: `parameters ${of}`, variables: use.params }] : []),
  ]
}

function levelLayer(level: Level, above: number): Layer {
  const rank =
    level.bearer === 'task' || level.bearer === 'handler'
      ? ranks.taskVars
      : level.dynamic
        ? ranks.includeParams
        : ranks.blockVars
  return { rank: rank + above, name: `vars of the ${level.bearer} at ${level.span.source.file}`, variables: level.vars }
}
