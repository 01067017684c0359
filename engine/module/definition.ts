import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import type { Result } from '../base/result.ts'
import { findUnknown, type Unknown } from '../base/unknown.ts'
import type { Decision } from '../state/decision.ts'
import type { Foresight } from '../state/foresight.ts'
import type { Host } from '../state/view.ts'
import type { Reply } from '../wire/connection.ts'
import type { Controller } from './controller.ts'
import { marked } from './marked.ts'

/** The TypeScript type of a schema's values. */
export type ParamsOf<S> = S extends JSONSchema ? FromSchema<S> : never

export interface Example {
  readonly title: string
  /** One or more tasks, as they stand in a playbook (a YAML list). The specs run it twice on a real host. */
  readonly yaml: string
  /** YAML tasks that make what the example needs; run first by the specs, not shown. */
  readonly given?: string
  /** Why a second run changes something again (a new file each time). */
  readonly repeats?: string
  /** Why the specs cannot run it on a throwaway container; they still validate it. */
  readonly cannotRun?: string
}

/** What a module decides. */
export interface Plan extends Decision {
  /** There is nothing to do here, and why; the task is `skipped`. */
  readonly skipped?: string
  /** In a dry run: nobody can know whether this changes anything, and why. */
  readonly mayChange?: string
}

/** What a local module asks of the run itself. */
export type RunRequest =
  /** A host of the inventory in memory: made, or given these groups and variables. */
  | {
      readonly addHost: {
        readonly name: string
        readonly groups: readonly string[]
        readonly vars: Readonly<Record<string, unknown>>
      }
    }
  /** Puts the host into a group, which is made below these parents. */
  | { readonly addGroup: { readonly name: string; readonly parents: readonly string[] } }
  /** Numbers and texts of one's own, shown behind the recap. */
  | {
      readonly stats: {
        readonly data: Readonly<Record<string, unknown>>
        readonly perHost: boolean
        readonly aggregate: boolean
      }
    }

/** What a local module gives back. */
export interface ActionOutcome {
  readonly result?: Partial<Result>
  readonly changed?: boolean
  readonly failed?: string
  readonly hint?: string
  readonly skipped?: string
  /** Variables it sets for the host, and at which level of precedence. */
  readonly sets?: {
    readonly level: 'facts' | 'set_fact' | 'include_vars'
    readonly values: Readonly<Record<string, unknown>>
    /** They are the host's facts too. */
    readonly facts?: boolean
  }
  readonly request?: RunRequest
}

interface Described<S, P> {
  readonly summary: string
  readonly description?: string
  /**
   * JSON Schema (2020-12) of the parameters, an object. Beside the standard keywords a property may have
   * `aliases` (other names), `secret: true` (masked everywhere), `format: 'mode'` (a file mode), `format: 'line'` (no line
   * ends), `format: 'path'` (an absolute path on the host, `~` is expanded), `format: 'regexp'` (a pattern of Python's), `controllerFile: 'files' | 'templates' | 'vars'` (found beside the role or playbook),
   * and `expression: true` (a condition: handed over unevaluated).
   */
  readonly params: S
  /**
   * What no schema can say: throws bad-parameter (a `Misgiven` has a place). Asked before the first host, where all
   * parameters are known, and again with the task's own values. Pure.
   */
  check?(params: P): void
  /** The parameter that takes the words of `module: some words`. */
  readonly freeForm?: string
  /** Other names of the module. */
  readonly aliases?: readonly string[]
  /** Groups that `module_defaults` may name as `group/NAME`. */
  readonly groups?: readonly string[]
  /** Its result's own keys, for `tsplay doc`. */
  readonly returns?: Readonly<Record<string, string>>
  readonly examples: readonly Example[]
}

/** A module that looks at a host and says what should be done. */
export interface HostDefinition<S, P, State> extends Described<S, P> {
  /** Looks. Reads only. State is plain JSON (and Buffers). */
  probe(host: Host, params: P, controller: Controller): Promise<State>
  /** Decides. Pure: no host, no clock, no randomness that a second plan would see. */
  plan(state: State, params: P): Plan
  /**
   * In a dry run, asked when the plan has steps: what a closer look, too dear for every run, says that they would bring
   * about. Reads only. undefined: no more than they say themselves.
   */
  foresee?(host: Host, state: State, plan: Plan, params: P): Promise<Foresight | undefined>
  /**
   * In a dry run, asked instead of looking and deciding when a parameter is surely new but not known yet (a key that a task
   * before would make): what would change. undefined: nobody can say which.
   */
  foreseeNew?(host: Host, params: P): Promise<Foresight | undefined>
  /** What only shows afterwards. `replies` are those of the steps, in order. */
  after?(
    host: Host,
    plan: Plan,
    replies: readonly Reply[],
    params: P,
    controller: Controller,
  ): Promise<Partial<Result>> | Partial<Result>
  /**
   * Where the files are that the plan leaves there, for flags and labels (modules with `attributeParams`).
   * Default: the result's `path`, or `dest`.
   */
  marks?(plan: Plan, state: State, params: P): readonly string[]
  /** Parameters that it looks and decides with even where a dry run does not know their values (`Unknown`). */
  readonly bearsUnknown?: readonly string[]
  /**
   * Its steps change files and accounts of the host and nothing else, and whether they end well is all that makes a task
   * succeed or fail: they may be made in one round trip with those of the tasks before and after, as long as these do not
   * use what it registers. Not for services, the kernel, and what other hosts or the controller see.
   */
  readonly contained?: boolean | ((params: P) => boolean)
  /** Rests on other hosts or on time: never looked ahead; a failure in a dry run with unmade changes is "may change". */
  readonly volatile?: boolean
  /**
   * Never changes the host, with these parameters: what a dry run cannot look at yet is then "ok", and said not to be
   * verified, instead of "may change". What it registers is not known.
   */
  readonly onlyLooks?: boolean | ((params: P) => boolean)
}

/** A module that acts on the controller only: says, asks, waits, sets variables. */
export interface LocalDefinition<S, P> extends Described<S, P> {
  /** Done once, by the first host, for all of them. */
  readonly once?: boolean
  local(params: P, controller: Controller): Promise<ActionOutcome> | ActionOutcome
}

/** A module as the engine holds it: types erased. */
export type Module = (HostDefinition<unknown, never, never> | LocalDefinition<unknown, never>) & {
  readonly isModule: true
}

export function defineModule<const S, State>(definition: HostDefinition<S, ParamsOf<S>, State>): Module
export function defineModule<const S>(definition: LocalDefinition<S, ParamsOf<S>>): Module
export function defineModule(definition: object): Module {
  const { params } = definition as { params?: { properties?: object } }
  const whole =
    'probe' in definition && params?.properties && 'setype' in params.properties
      ? marked(definition as HostDefinition<unknown, unknown, unknown>)
      : definition
  return { ...whole, isModule: true } as unknown as Module
}

/** The first value that a dry run does not know, of those that keep the module from looking and deciding. */
export function hindrance(module: Module, params: Readonly<Record<string, unknown>>): Unknown | undefined {
  const borne = (module as Partial<HostDefinition<unknown, unknown, unknown>>).bearsUnknown ?? []
  return findUnknown(Object.entries(params).flatMap(([name, value]) => (borne.includes(name) ? [] : [value])))
}

/** Whether a task of this module can never change anything; parameters that are not known yet could be any. */
export function onlyLooks(module: Module, params: unknown): boolean {
  const said = (module as Partial<HostDefinition<unknown, unknown, unknown>>).onlyLooks
  return typeof said === 'function' ? findUnknown(params) === undefined && said(params) : (said ?? false)
}

export function isLocal(module: Module): module is LocalDefinition<unknown, never> & { isModule: true } {
  return 'local' in module
}
