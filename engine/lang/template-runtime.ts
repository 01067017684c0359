import { Problem } from '../base/problem.ts'
import { findUnknown, isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { member, noMember, noVariable } from './access.ts'
import { call, describe, WrongArgument } from './functions/function.ts'
import { asText } from './functions/text.ts'
import { Misfit } from './place-in-text.ts'
import type { Scope } from './scope.ts'
import type { Use } from './template-rewrite.ts'

/** The outermost context holds the scope itself under this key; a partial's own names are copied beside it. */
const scopeKey = '\u0000scope'
interface Root {
  readonly [scopeKey]: Scope
}

export function rootOf(scope: Scope): object {
  return { [scopeKey]: scope }
}

const scopeOf = (value: unknown): Scope | undefined =>
  typeof value === 'object' && value !== null && scopeKey in value ? (value as Root)[scopeKey] : undefined

/** Computes a Use without Handlebars: for texts that are one `{{…}}`. */
export function evaluateUse(use: Use, scope: Scope): unknown {
  switch (use.kind) {
    case 'literal':
      return use.value
    case 'path':
      if (use.base === 'context' && use.depth === 0) return walk(rootOf(scope), use)
      if (use.base === 'data' && use.text.startsWith('@root')) return walk(rootOf(scope), use)
      if (use.lenient) return undefined
      throw noContext(use)
    case 'call': {
      const named =
        use.named.length > 0
          ? Object.fromEntries(use.named.map(([key, value]) => [key, evaluateUse(value, scope)]))
          : undefined
      return invoke(
        use,
        use.args.map((arg) => evaluateUse(arg, scope)),
        named,
      )
    }
    default:
      throw new Misfit('template', 'this is no value', use)
  }
}

function walk(base: unknown, use: Use & { kind: 'path' }): unknown {
  let value = base
  for (let index = 0; index < use.parts.length; index++) {
    const part = use.parts[index]!
    const scope = index === 0 && use.base !== 'local' ? scopeOf(value) : undefined
    if (scope) {
      value = Object.hasOwn(base as object, part) ? (base as Record<string, unknown>)[part] : scope.get(part)
      if (value === undefined && !use.lenient) throw noVariable(part, scope, use)
    } else {
      const next = member(value, part)
      if (next === undefined && !use.lenient) throw missing(value, part, index, use)
      value = next
    }
    if (value === undefined) return undefined
  }
  if (use.parts.length === 0 && scopeOf(value)) {
    throw new Misfit('template', `${use.text} is not a value here`, use, 'Name the variable that is meant.')
  }
  if (value === undefined && !use.lenient) throw noContext(use)
  return value
}

function missing(value: unknown, part: string, index: number, use: Use & { kind: 'path' }): Misfit {
  const above = use.text
    .split(/[./](?![^[]*\])/)
    .filter((piece) => piece !== '' && piece !== 'this' && piece !== '@root')
  const names = above.slice(0, Math.max(0, above.length - (use.parts.length - index)))
  if (names.length > 0) return noMember(names.join('.').replace('...', '../'), value, part, use)
  const misfit = noMember('the item', value, part, use)
  const hint = `Inside #each and #with, names are looked up in the item: @root.${use.parts.join('.')} is the variable.`
  return new Misfit(misfit.code, `the item here (${describe(value)}) has no "${part}"`, use, hint)
}

function noContext(use: Use & { kind: 'path' }): Misfit {
  const hint =
    use.base === 'data'
      ? '@index, @key, @first and @last exist inside #each; @root everywhere.'
      : 'There is nothing around this to go up to.'
  return new Misfit('template', `${use.text} means nothing here`, use, hint)
}

function invoke(use: Use & { kind: 'call' }, args: unknown[], named?: Record<string, unknown>): unknown {
  try {
    return call(use.entry, args, named)
  } catch (thrown) {
    if (thrown instanceof Misfit || thrown instanceof Problem || thrown instanceof TouchedUnknown) throw thrown
    if (thrown instanceof WrongArgument) throw new Misfit('template', thrown.message, use, thrown.hint)
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Misfit('template', `${use.name} failed: ${why}`, use, `Look at the arguments of ${use.name}.`, thrown)
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
  const each = (items: unknown, index: number) => iterable(items, uses[index]!)
  return {
    __value: (base: unknown, index: number) => walk(base, uses[index] as Use & { kind: 'path' }),
    __text: (value: unknown, index: number) => printed(value, uses[index]!),
    __try: each,
    __call: (...given: unknown[]) => {
      const options = given.pop() as Options
      const use = uses[given[0] as number] as Use & { kind: 'call' }
      return invoke(use, given.slice(1), use.named.length > 0 ? options.hash : undefined)
    },
    __block: block,
  }
}

function printed(value: unknown, use: Use): string {
  if (typeof value === 'string') return value
  const unknown = findUnknown(value)
  if (unknown) throw new TouchedUnknown(unknown)
  if (typeof value === 'symbol')
    throw new Misfit('template', 'omit cannot be part of a text', use, 'Give omit as the whole value of a parameter.')
  return asText(value)
}

function iterable(value: unknown, use: Use): unknown {
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (use.kind !== 'each' || value === null || value === false || typeof value === 'object') return value
  throw new Misfit(
    'template',
    `#each goes through a list or a map, and ${use.text} is ${describe(value)}`,
    use,
    'split makes a list of a text; #if asks whether something is true.',
  )
}

/** `{{#x}}`: once for true, for every item of a list, inside a map. */
function block(this: unknown, value: unknown, options: Options): string {
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (Array.isArray(value)) {
    if (value.length === 0) return options.inverse(this)
    return value
      .map((item, index) => {
        const data = Object.assign(Object.create(options.data ?? null), options.data, {
          index,
          key: index,
          first: index === 0,
          last: index === value.length - 1,
        })
        return options.fn(item, { data, blockParams: [item, index] })
      })
      .join('')
  }
  if (value === true) return options.fn(this)
  if (value === false || value === null || value === '' || value === 0) return options.inverse(this)
  return options.fn(value, { data: options.data, blockParams: [value] })
}
