import { createContext, Script } from 'node:vm'
import { WrongArgument } from './function.ts'
import { notRegular, translate } from './regex-syntax.ts'

const compiled = new Map<string, RegExp>()
const sandbox = createContext({ work: undefined as unknown })
const script = new Script('work()')
const milliseconds = 300

export interface PatternOptions {
  readonly ignorecase?: boolean | undefined
  readonly multiline?: boolean | undefined
  /** Only at the very beginning of the text, as Python's re.match. */
  readonly atStart?: boolean
}

/** A compiled pattern, global, out of Python's syntax of regular expressions. */
export function pattern(text: string, { ignorecase, multiline, atStart }: PatternOptions = {}): RegExp {
  const key = `${ignorecase ? 'i' : ''}${multiline ? 'm' : ''}${atStart ? '^' : ''}/${text}`
  let found = compiled.get(key)
  if (!found) {
    const { source, flags } = translate(text, { ignorecase: ignorecase === true, multiline: multiline === true })
    try {
      found = new RegExp(atStart ? `(?<![^])(?:${source})` : source, `gu${flags}`)
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: \/.*\/\w*: /s, '') : ''
      throw notRegular(`${why.charAt(0).toLowerCase()}${why.slice(1)}`)
    }
    if (compiled.size > 500) compiled.clear()
    compiled.set(key, found)
  }
  found.lastIndex = 0
  return found
}

/** Runs work with a regular expression so that one that backtracks without end (`^(a+)+$`) is stopped. */
export function bounded<T>(expression: RegExp, text: string, work: () => T): T {
  if (!mayExplode(expression.source, text.length)) return work()
  sandbox.work = work
  try {
    return script.runInContext(sandbox, { timeout: milliseconds }) as T
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new WrongArgument(
        `the regular expression takes longer than ${milliseconds} ms on this text of ${text.length} characters`,
        undefined,
        'Repetition inside repetition, as in (a+)+, explodes: write it without.',
      )
    }
    throw error
  } finally {
    sandbox.work = undefined
  }
}

/**
 * Without a repeated group, k repetitions and choices take at most about length^(k+1) steps: when that is little, the 0.1 ms
 * of a watched run is saved.
 */
function mayExplode(source: string, length: number): boolean {
  if (/\)[*+?{]/.test(source)) return true
  const choices = source.match(/[*+?{|]/g)?.length ?? 0
  return (choices + 1) * Math.log(length + 2) > Math.log(1e7)
}
