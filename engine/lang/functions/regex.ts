import { createContext, Script } from 'node:vm'
import { WrongArgument } from './function.ts'

const compiled = new Map<string, RegExp>()
const sandbox = createContext({ work: undefined as unknown })
const script = new Script('work()')
const milliseconds = 500

/** A compiled pattern (JavaScript's syntax; `(?i)`, `(?m)`, `(?s)` at the start set flags). */
export function pattern(text: string, flags = ''): RegExp {
  const key = `${flags}/${text}`
  let found = compiled.get(key)
  if (!found) {
    const inline = /^\(\?([ims]+)\)/.exec(text)
    try {
      found = new RegExp(
        inline ? text.slice(inline[0].length) : text,
        [...new Set(flags + (inline?.[1] ?? ''))].join(''),
      )
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error)
      throw new WrongArgument(
        `this is no regular expression: ${why}`,
        undefined,
        "The syntax is JavaScript's; in YAML, put it in single quotes.",
      )
    }
    if (compiled.size > 500) compiled.clear()
    compiled.set(key, found)
  }
  found.lastIndex = 0
  return found
}

/** Runs work with a regular expression so that one that backtracks without end (`^(a+)+$`) is stopped. */
export function bounded<T>(expression: RegExp, text: string, work: () => T): T {
  // A repeated group that itself repeats or chooses is what explodes; nothing else can on a short text.
  const risky =
    /[)\]}*+?][*+{]/.test(expression.source) || text.length > 20_000 || /(?:[*+].*){4}/.test(expression.source)
  if (!risky) return work()
  sandbox.work = work
  try {
    return script.runInContext(sandbox, { timeout: milliseconds }) as T
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new WrongArgument(
        `the regular expression ${expression} takes longer than ${milliseconds} ms on this text`,
        undefined,
        'Repetition inside repetition, as in (a+)+, explodes: write it without.',
      )
    }
    throw error
  } finally {
    sandbox.work = undefined
  }
}
