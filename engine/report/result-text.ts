import type { Problem } from '../base/problem.ts'
import type { Result } from '../base/result.ts'
import { isUnknown } from '../base/unknown.ts'
import { plural } from './measure.ts'
import type { Palette } from './palette.ts'
import { plainData } from './plain-data.ts'
import { formatProblem } from './problem-text.ts'
import { harmless } from './text-width.ts'

/** How much is told: 0 what happened, 1 results, 2 places and times, 3 all. */
export type Verbosity = 0 | 1 | 2 | 3

/** Kept in results for playbooks; said better elsewhere, or twice. */
const unsaid = new Set([
  'changed',
  'failed',
  'skipped',
  'unreachable',
  'diff',
  'may_change',
  'unverified',
  'skip_reason',
  'stdout_lines',
  'stderr_lines',
])

/** Lines of a failed command's output that are shown unless -v asks for all. */
const tail = 20

/** What a result says beside its status, in one line: why it failed, was skipped, may change or is not verified. */
export function reasonOf(result: Result, verbosity: Verbosity): string {
  if (result.unreachable || result.failed) return firstLine(message(result))
  if (result.skipped) return verbosity > 0 ? firstLine(result.skip_reason ?? message(result)) : ''
  if (result.may_change !== undefined) return firstLine(result.may_change)
  if (result.unverified !== undefined) return firstLine(`not verified: ${result.unverified}`)
  return ''
}

/** All a person needs to mend a failure: message, status, the end of what was said, and the place. Indented by 4. */
export function failureLines(
  result: Result,
  problem: Problem | undefined,
  verbosity: Verbosity,
  paint: Palette,
  colour: boolean,
): string[] {
  const lines: string[] = []
  const said = message(result)
  // The line of the outcome holds the first.
  lines.push(...harmless(said).split('\n').slice(1))
  if (result.cmd !== undefined && result.cmd !== null)
    lines.push(`cmd: ${harmless(commandText(result.cmd)).split('\n').join('\n     ')}`)
  if (result.rc !== undefined) lines.push(`rc: ${shown(result.rc)}`)
  // A loop's items have said it, each at its own line.
  if (result.results === undefined) {
    for (const name of ['stderr', 'stdout'] as const) lines.push(...outputLines(name, result[name], verbosity, paint))
  }
  if (problem) {
    const headless = said.startsWith(problem.message)
    const text = formatProblem(problem, { colour, headless, hostless: true, width: 110 })
    if (text !== '') lines.push(...text.split('\n'))
  }
  return lines.flatMap((line) => line.split('\n')).map((line) => (line === '' ? '' : `    ${line}`))
}

/** The values of a result as JSON: on one line, or laid out. Empty when there are none. */
export function resultText(result: Result, indent: boolean, without: readonly string[] = []): string {
  const told = Object.entries(result).filter(([name]) => !unsaid.has(name) && !without.includes(name))
  const values = plainData(Object.fromEntries(told)) as object
  if (Object.keys(values).length === 0) return ''
  return harmless(JSON.stringify(values, null, indent ? 4 : undefined))
}

export function message(result: Result): string {
  const { msg } = result as { msg?: unknown }
  if (typeof msg === 'string' && (msg !== '' || !result.failed)) return msg
  if (msg !== undefined && msg !== null && msg !== '')
    return isUnknown(msg) ? msg.toString() : JSON.stringify(plainData(msg))
  if (result.unreachable) return 'the host cannot be reached'
  if (result.results) {
    const failed = result.results.filter((item) => item.failed).length
    return `${failed} of ${plural(result.results.length, 'item')} failed`
  }
  if (result['censored'] !== undefined) return 'what it said is hidden (no_log)'
  const { attempts } = result as { attempts?: unknown }
  if (result.failed && typeof attempts === 'number')
    return `still not so after ${plural(attempts, 'try').replace('trys', 'tries')}`
  return result.failed ? 'failed without saying why' : ''
}

/** A command as it was given: a text, or words. */
function commandText(command: unknown): string {
  if (!Array.isArray(command)) return shown(command)
  return command
    .map((word) =>
      /^[\w@%+=:,./-]+$/.test(String(word)) ? String(word) : `'${String(word).replaceAll("'", "'\\''")}'`,
    )
    .join(' ')
}

function outputLines(name: string, value: unknown, verbosity: Verbosity, paint: Palette): string[] {
  if (value === undefined || value === null || value === '') return []
  const lines = harmless(shown(value)).trimEnd().split('\n')
  const [only] = lines
  if (lines.length === 1) return only === '' ? [] : [`${name}: ${only}`]
  const left = verbosity > 0 ? 0 : Math.max(0, lines.length - tail)
  const note = left > 0 ? [paint.faint(`  (${plural(left, 'earlier line')}; -v shows all)`)] : []
  return [`${name}:`, ...note, ...lines.slice(left).map((line) => `  ${line}`)]
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : isUnknown(value) ? value.toString() : JSON.stringify(plainData(value))
}

function firstLine(text: string): string {
  return harmless(text).split('\n', 1)[0]!
}
