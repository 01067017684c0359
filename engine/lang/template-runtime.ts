import { findUnknown, isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { foundNothing, member, noMember, noVariable, variableIfThere } from './access.ts'
import { call, callMisfit } from './functions/call.ts'
import { describe } from './functions/function.ts'
import { asText } from './functions/text.ts'
import { Misfit } from './place-in-text.ts'
import type { Scope } from './scope.ts'
import type { BlockUse, CallUse, PathUse, Use } from './template-use.ts'

/** The outermost context holds the scope itself under this key; a partial's own names are copied beside it. */
const scopeKey = '\u0000scope'
type Root = { readonly [scopeKey]: Scope } & Readonly<Record<string, unknown>>

export function rootOf(scope: Scope): object {
  return { [scopeKey]: scope }
}

const isRoot = (value: unknown): value is Root => typeof value === 'object' && value !== null && scopeKey in value

/** Computes a use without Handlebars: for texts that are one `{{…}}`. */
export function evaluateUse(use: Use, scope: Scope): unknown {
  switch (use.kind) {
    case 'literal':
      return use.value
    case 'path':
      if ((use.base === 'context' && use.depth === 0) || use.first === 'root') return walk(rootOf(scope), use)
      if (use.lenient) return undefined
      throw meansNothing(use)
    case 'call': {
      const args = use.args.map((arg) => evaluateUse(arg, scope))
      const named = use.named.map(([key, value]) => [key, evaluateUse(value, scope)] as const)
      return invoke(use, args, scope, named.length > 0 ? Object.fromEntries(named) : undefined)
    }
    default:
      throw new Misfit('template', 'this is no value', use)
  }
}

/** Goes down a path from its base, which Handlebars found. */
function walk(base: unknown, use: PathUse): unknown {
  if (use.parts.length === 0) return bare(base, use)
  let value = base
  for (let index = 0; index < use.parts.length; index++) {
    const part = use.parts[index]!
    const next = index === 0 && isRoot(value) ? variable(value, part, use) : member(value, part)
    if (next === undefined) {
      if (use.lenient) return undefined
      throw missing(value, index, use)
    }
    value = next
  }
  return value
}

function bare(value: unknown, use: PathUse): unknown {
  if (isRoot(value)) {
    throw new Misfit('template', `${use.text} is no value here`, use, 'Name the variable that is meant.')
  }
  if (value === undefined && !use.lenient) throw meansNothing(use)
  return isNullContext(value) ? null : value
}

/** Inside #if in an item that is null, Handlebars puts a sealed empty object in the item's place. */
function isNullContext(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.isSealed(value) && Object.keys(value).length === 0
}

function variable(root: Root, name: string, use: PathUse): unknown {
  const scope = root[scopeKey]
  const value = Object.hasOwn(root, name) ? root[name] : use.lenient ? variableIfThere(scope, name) : scope.get(name)
  return value === undefined && use.orCall ? call(use.orCall, [], scope) : value
}

function missing(value: unknown, index: number, use: PathUse): Misfit {
  const part = use.parts[index]!
  if (index === 0 && isRoot(value)) return noVariable(part, value[scopeKey], use, true)
  const up = '../'.repeat(use.base === 'context' ? use.depth : 0)
  const above = [...(use.first === undefined || use.first === 'root' ? [] : [use.first]), ...use.parts.slice(0, index)]
  if (above.length > 0) return noMember(up + above.join('.'), value, part, use)
  if (value === undefined || value === null) return meansNothing(use)
  const { code } = noMember('', value, part, use)
  const hint = `Inside #each and #with, names are looked up in the item; @root.${use.parts.join('.')} is the variable.`
  return new Misfit(code, `the item here (${describe(value)}) has no "${part}"`, use, hint)
}

function meansNothing(use: PathUse): Misfit {
  const hint =
    use.base === 'data'
      ? '@index, @key, @first and @last exist inside #each; @root everywhere.'
      : 'There is nothing around this to go up to.'
  return new Misfit('template', `${use.text} means nothing here`, use, hint)
}

function invoke(use: CallUse, args: unknown[], scope: Scope, named?: Record<string, unknown>): unknown {
  try {
    const value = call(use.entry, args, scope, named, use.name)
    if (value === undefined && !use.lenient) throw foundNothing(use.name, args, use)
    return value
  } catch (thrown) {
    throw callMisfit('template', thrown, use.name, use)
  }
}

interface Options {
  readonly hash: Record<string, unknown>
  readonly data?: Record<string, unknown>
  fn(context: unknown, options?: unknown): string
  inverse(context: unknown, options?: unknown): string
}

/** The helpers that a rewritten template calls, by the indexes of its uses. */
export function runtimeHelpers(uses: readonly Use[]): Record<string, (...args: never[]) => unknown> {
  return {
    __value: (base: unknown, index: number) => walk(base, uses[index] as PathUse),
    __text: (value: unknown, index: number) => printed(value, uses[index]!),
    __about: (value: unknown, index: number) => about(value, uses[index] as BlockUse),
    __call: (...given: unknown[]) => {
      const options = given.pop() as Options
      const use = uses[given[0] as number] as CallUse
      const root = options.data?.['root'] as Root
      return invoke(use, given.slice(1), root[scopeKey], use.named.length > 0 ? options.hash : undefined)
    },
    __block: block,
  }
}

/** A value as it stands in a text; one that nobody knows, or holds such a one, stops the text. */
export function printed(value: unknown, use: Use): string {
  if (typeof value === 'string') return value
  const unknown = typeof value === 'object' ? findUnknown(value) : undefined
  if (unknown) throw new TouchedUnknown(unknown)
  if (typeof value === 'symbol') {
    throw new Misfit('template', 'omit cannot be part of a text', use, 'Give omit as the whole value of a parameter.')
  }
  return asText(value)
}

function about(value: unknown, use: BlockUse): unknown {
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (use.block !== 'each' || value === null || value === false || typeof value === 'object') return value
  const hint = 'split makes a list of a text; #if asks whether something is true.'
  throw new Misfit('template', `#each goes through a list or a map, and ${use.text} is ${describe(value)}`, use, hint)
}

/** `{{#x}}`: once for true, for every item of a list, inside a map. */
function block(this: unknown, value: unknown, options: Options): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return options.inverse(this)
    const last = value.length - 1
    const one = (item: unknown, index: number) => {
      const data = {
        ...options.data,
        _parent: options.data,
        index,
        key: index,
        first: index === 0,
        last: index === last,
      }
      return options.fn(item, { data, blockParams: [item, index] })
    }
    return value.map(one).join('')
  }
  if (value === true) return options.fn(this)
  if (value === false || value === null || value === '' || value === 0) return options.inverse(this)
  return options.fn(value, { data: options.data, blockParams: [value] })
}
