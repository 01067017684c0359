import Handlebars from 'handlebars'
import { Cache } from './cache.ts'
import { type FreeName, guarded, placed, type TextPlace } from './place-in-text.ts'
import type { Scope } from './scope.ts'
import { parseTemplate } from './template-parse.ts'
import { type Partials, rewrite } from './template-rewrite.ts'
import { evaluateUse, printed, rootOf, runtimeHelpers } from './template-runtime.ts'
import type { Use } from './template-use.ts'

export interface Template {
  readonly text: string
  /** The variables it needs, each where it stands in the text. */
  readonly names: readonly FreeName[]
  /** The functions it calls. */
  readonly helpers: readonly string[]
  /** True when the text is one `{{…}}` and nothing else: `render` then gives the value itself, with its type. */
  readonly native: boolean
  /** Throws Problem (undefined-variable, template) with its place, or TouchedUnknown. */
  render(scope: Scope): unknown
  /** Always text, as a file needs it. */
  renderText(scope: Scope): string
}

export interface TemplateOptions {
  /** The template behind `{{> name}}`; undefined when there is none. */
  readonly partials?: Partials | undefined
}

interface Core {
  readonly names: readonly FreeName[]
  readonly helpers: readonly string[]
  readonly native: Use | undefined
  run(scope: Scope): string
}

const cores = new Cache<Core>(2000)
const runtime = Handlebars.create()

/** Reads a Handlebars template; a mistake in it is a Problem `template` at its character. */
export function compileTemplate(text: string, at: TextPlace, options: TemplateOptions = {}): Template {
  // Partials are another file's text: a template that may use them is not shared by its own text alone.
  const shared = !text.includes('{{>') && !text.includes('{{#>')
  const core = placed(at, () => (shared ? cores.get(text, () => compile(text, options)) : compile(text, options)))
  const renderText = (scope: Scope) =>
    placed(at, () => (core.native ? printed(evaluateUse(core.native, scope), core.native) : core.run(scope)))
  return {
    text,
    names: core.names,
    helpers: core.helpers,
    native: core.native !== undefined,
    render: (scope) => (core.native ? placed(at, () => evaluateUse(core.native!, scope)) : renderText(scope)),
    renderText,
  }
}

function compile(text: string, options: TemplateOptions): Core {
  const ast = parseTemplate(text)
  const rewritten = rewrite(ast, text, options.partials)
  let made: ReturnType<typeof runtime.compile> | undefined
  const ended = ending(text)
  const helpers = runtimeHelpers(rewritten.uses)
  const partials: Record<string, Handlebars.Template> = {}
  for (const [name, partial] of rewritten.partials) partials[name] = runtime.compile(partial, compileOptions)
  return {
    names: guarded(rewritten.names),
    helpers: [...rewritten.helpers],
    native: rewritten.native,
    run(scope) {
      if (rewritten.row)
        return ended(
          rewritten.row
            .map((part) => (typeof part === 'string' ? part : printed(evaluateUse(part, scope), part)))
            .join(''),
        )
      made ??= runtime.compile(ast, compileOptions)
      return ended(made(rootOf(scope), { helpers, partials }))
    },
  }
}

/**
 * A value at the end that brings its own line end, as `{{to_nice_yaml x}}` does, is not given another one by the line end
 * behind it: Ansible's way, which lets what stands last in a file be written like everything else.
 */
function ending(text: string): (made: string) => string {
  const [, ends] = /\{\{~?\{?(?![#/!>^~]|else\b)[^{}]*\}?\}\}(\n+)$/.exec(text) ?? []
  if (ends === undefined) return (made) => made
  return (made) => (made.endsWith(`\n${ends}`) ? made.slice(0, -1) : made)
}

const compileOptions = {
  noEscape: true,
  knownHelpers: { __value: true, __call: true, __text: true, __block: true, __about: true },
} as unknown as CompileOptions
