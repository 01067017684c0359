import { isUnknown, TouchedUnknown } from '../base/unknown.ts'
import { type Guard, guard } from './place-in-text.ts'
import { evaluateUse } from './template-runtime.ts'
import type { Use } from './template-use.ts'

/** What holds inside a block about a value: that it counts as true, or that it does not. */
export function entered(about: Use, block: string, depth: number, wanted: boolean): Guard[] {
  const use = fromRoot(about, depth)
  return use ? [guard((scope) => counts(evaluateUse(use, scope), block) === wanted)] : []
}

/** The same use as it would stand outside all blocks; undefined where it rests on an item or a block parameter. */
function fromRoot(use: Use, depth: number): Use | undefined {
  if (use.kind === 'literal') return use
  if (use.kind === 'path') {
    if (use.base === 'data' && use.first === 'root') return use
    return use.base === 'context' && use.depth === depth && use.parts.length > 0 ? { ...use, depth: 0 } : undefined
  }
  if (use.kind !== 'call') return undefined
  const args = use.args.map((arg) => fromRoot(arg, depth))
  const named = use.named.map(([key, value]) => [key, fromRoot(value, depth)] as const)
  if (args.includes(undefined) || named.some(([, value]) => !value)) return undefined
  return { ...use, args: args as Use[], named: named as (readonly [string, Use])[] }
}

/** As Handlebars' #if and #each see it. */
function counts(value: unknown, block: string): boolean {
  if (isUnknown(value)) throw new TouchedUnknown(value)
  if (block === 'each' && typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}
